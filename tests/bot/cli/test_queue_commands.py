"""`sapa queue`: a day at the counter from the command line, and what it says to bad input."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from bot.cli import main
from clinic.audit import AuditEntry
from clinic.database import open_database
from clinic.facility_file import load_facility
from clinic.migrate import migrate
from tests.clinic.counter import MONDAY, Counter
from tests.guards.source_tree import ROOT

NOW = datetime.fromisoformat("2026-11-23T08:00+08:00")
ROOMS = """rooms:
  - {id: gigi_satu, name: Gigi 1, poli: gigi}
  - {id: gigi_dua, name: Gigi 2, poli: gigi}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two dentists' rooms; B1 to B6 and A1 wait for today."""
    text = (ROOT / "puskesmas.yml").read_text(encoding="utf-8").replace("rooms: []\n", ROOMS, 1)
    (tmp_path / "puskesmas.yml").write_text(text, encoding="utf-8")
    database = open_database(f"sqlite:///{tmp_path}/sapa.db")
    migrate(database)
    with database.transaction() as db:
        counter = Counter(db, load_facility(tmp_path / "puskesmas.yml"), NOW)
        for _ in range(6):
            counter.take_new(day=MONDAY)
        counter.take_new(day=MONDAY, poli="umum")
    database.close()
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    return {
        "SAPA_DEMO": "1",
        "SAPA_SECRET_KEY": "only for the tests of the queue",  # pragma: allowlist secret
        "SAPA_DATABASE_URL": f"sqlite:///{folder}/sapa.db",
        "SAPA_CONFIG": f"{folder}/puskesmas.yml",
        "SAPA_NLU_URL": "http://127.0.0.1:9",
    }


def sapa(folder: Path, *words: str, at: str = "08:30") -> Result:
    return CliRunner().invoke(main, ["queue", *words, "--now", f"2026-11-23T{at}+08:00"], env=environment(folder))


def facts(folder: Path, *words: str) -> Any:
    done = sapa(folder, *words, "--json")
    assert 0 == done.exit_code, done.output
    return json.loads(done.output)


def states(folder: Path) -> dict[str, str]:
    return {row["number"]: row["state"] for row in facts(folder, "list", "--day", "2026-11-23")}


def test_two_rooms_call_two_numbers_and_each_ends_its_own(folder: Path) -> None:
    said = [sapa(folder, "call", "--room", room).output for room in ("gigi_satu", "gigi_dua")]
    ended = [sapa(folder, "done", "--room", "gigi_dua").output, sapa(folder, "skip", "B1").output]
    assert ["called B1\n", "called B2\n", "B2 done\n", "B1 skipped\n"] == said + ended
    assert ("skipped", "done", "waiting") == tuple(states(folder)[code] for code in ("B1", "B2", "B3"))


def test_a_room_that_still_has_a_number_calls_no_other(folder: Path) -> None:
    sapa(folder, "call", "umum")
    refused = sapa(folder, "call", "umum")
    assert (1, "Error: A1 is still called: say first whether it was served\n") == (refused.exit_code, refused.output)


def test_a_number_called_again_is_counted(folder: Path) -> None:
    sapa(folder, "call", "umum")
    assert {"number": "A1", "state": "called", "room": "umum", "calls": 2} == facts(folder, "again", "a1")


def test_who_was_skipped_comes_back_in_behind_three_others(folder: Path) -> None:
    sapa(folder, "call", "--room", "gigi_satu")
    sapa(folder, "skip", "--room", "gigi_satu")
    assert {"number": "B1", "is_late": True, "behind": 3} == facts(folder, "late", "B1")


def test_who_is_there_is_called_before_those_who_are_not(folder: Path) -> None:
    assert {"number": "B4", "is_late": False, "behind": 3} == facts(folder, "here", "B4")
    called = facts(folder, "call", "gigi", "--room", "gigi_satu")
    assert {"number": "B4", "room": "gigi_satu", "passed": 0, "priority": None} == called


def test_priority_is_given_and_taken_away(folder: Path) -> None:
    assert {"number": "B6", "priority": "gawat"} == facts(folder, "priority", "B6", "gawat")
    assert {"number": "B6", "priority": None} == facts(folder, "priority", "B6", "none")
    facts(folder, "priority", "B5", "gawat")
    assert {"number": "B5", "room": "gigi_dua", "passed": 4, "priority": "gawat"} == facts(
        folder, "call", "--room", "gigi_dua"
    )


def test_nobody_waits(folder: Path) -> None:
    assert "nobody is waiting\n" == sapa(folder, "call", "kia").output
    assert {"number": None, "room": "kia", "passed": 0, "priority": None} == facts(folder, "call", "kia")


def test_the_list_has_its_fields_and_only_the_rooms_own_numbers(folder: Path) -> None:
    sapa(folder, "call", "--room", "gigi_dua")
    rows = facts(folder, "list", "--room", "gigi_dua")
    old = ("number", "poli", "day", "session", "state", "person", "via", "taken_at")
    assert ["B1"] == [row["number"] for row in rows]
    assert [*old, "room", "calls", "priority", "arrived_at", "called_at", "served_at", "done_at"] == list(rows[0])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["call", "jantung"], "there is no poli 'jantung'; there are: umum, gigi", id="poli"),
        pytest.param(["call", "gigi"], "gigi has several rooms: --room gigi_satu or gigi_dua", id="several rooms"),
        pytest.param(["call", "--room", "gudang"], "there is no room 'gudang'; there are: umum, gigi_satu", id="room"),
        pytest.param(
            ["call", "umum", "--room", "gigi_dua"], "room 'gigi_dua' is not one of poli 'umum'", id="other poli"
        ),
        pytest.param(["call"], "say a poli, or --room", id="nothing"),
        pytest.param(["done", "B99"], "there is no number 'B99' today; a number looks like A12", id="unknown number"),
        pytest.param(["done", "dua belas"], "there is no number 'dua belas' today", id="no number at all"),
        pytest.param(["done", "B1"], "B1 cannot be done: it is waiting", id="not called"),
        pytest.param(["again", "B1"], "B1 cannot be called again: it is waiting", id="never called"),
        pytest.param(["skip", "--room", "gigi_satu"], "no number is called in gigi_satu", id="empty room"),
        pytest.param(["skip", "B1", "--room", "gigi_satu"], "say either a number such as B12 or --room", id="both"),
        pytest.param(["late", "B1"], "B1 is waiting; this is for skipped", id="not skipped"),
        pytest.param(["priority", "B1", "dokter"], "'dokter' is not one of 'gawat', 'lansia'", id="reason"),
        pytest.param(["list", "--poli", "jantung"], "there is no poli 'jantung'", id="list of a poli"),
    ],
)
def test_bad_input_is_told_in_clear_words_and_changes_nothing(folder: Path, words: list[str], said: str) -> None:
    before = states(folder)
    refused = sapa(folder, *words)
    assert refused.exit_code in (1, 2)
    assert said in " ".join(refused.output.split())
    assert before == states(folder)


def test_a_number_of_another_day_is_not_there(folder: Path) -> None:
    words = ["queue", "done", "B1", "--now", "2026-11-24T08:30+08:00"]
    refused = CliRunner().invoke(main, words, env=environment(folder))
    assert "Error: there is no number 'B1' today" in refused.output


def test_what_was_done_stands_in_the_record(folder: Path) -> None:
    sapa(folder, "call", "umum")
    sapa(folder, "done", "A1")
    database = open_database(f"sqlite:///{folder}/sapa.db")
    with database.reading() as db:
        entries = db.scalars(select(AuditEntry.action).where(AuditEntry.actor == "cli").order_by(AuditEntry.id)).all()
    database.close()
    assert ["queue.call", "queue.finish"] == list(entries)
