"""`sapa nlu export`: what leaves, without whom it came from, once."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from bot.cli import main
from bot.cli.nlu_export import as_lines, as_rasa
from clinic.audit import AuditEntry
from clinic.contacts import link_person
from clinic.database import Database, open_database
from clinic.identity import IdentityKeeper
from clinic.inbound import receive
from clinic.inbound_table import InboundMessage
from clinic.migrate import migrate
from clinic.people import add_person
from clinic.staff import add_staff
from clinic.unclear_messages import count_open_unclear, label_message, note_unclear
from nlu.evaluate import Case, read_cases

NOW = datetime.fromisoformat("2026-11-23T08:00+08:00")
EARLIER = datetime.fromisoformat("2026-11-20T08:00+08:00")
PASSWORD = "kucing-oranye-lari"  # pragma: allowlist secret


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """An empty centre with one member of staff, and the environment that leads there."""
    monkeypatch.setenv("SAPA_DATABASE_URL", f"sqlite:///{tmp_path}/sapa.db")
    monkeypatch.setenv("SAPA_DEMO", "1")
    database = open_database(f"sqlite:///{tmp_path}/sapa.db")
    migrate(database)
    with database.transaction() as db:
        add_staff(db, username="sari", name="Sari", role="staff", password=PASSWORD, now=NOW)
    return database


def labelled(database: Database, text: str, label: str | None, *, at: datetime = NOW) -> int:
    """The id of a message of Mama Alya, who speaks for Siti Aminah."""
    with database.transaction() as db:
        received = receive(
            db,
            provider_id=f"SM{hash((text, label, at))}",
            channel="sms",
            address="+6281200000001",
            text=text,
            profile_name="Mama Alya",
            now=at,
        )
        kept = note_unclear(db, received.inbound_id, band="low", intent="greet", confidence=0.1, others=(), now=at)
        assert kept is not None
        if label is not None:
            label_message(db, kept, label=label, staff_id=1, seen="open", now=at)
        return kept


def people(database: Database) -> None:
    with database.transaction() as db:
        for name, contact in (("Siti Aminah", 1), ("Ratna Dewi", None)):
            person = add_person(db, name=name, keeper=IdentityKeeper("a key for the tests"), now=NOW)
            if contact is not None:
                link_person(db, contact_id=contact, person_id=person.id, role="self", proof="claimed", now=NOW)


def export(*words: object) -> Result:
    return CliRunner().invoke(main, ["nlu", "export", *map(str, words), "--now", NOW.isoformat()])


def test_labelled_messages_become_a_rasa_file_that_loads_back(database: Database, tmp_path: Path) -> None:
    labelled(database, "msh jauh kah sy", "queue_status")
    labelled(database, "kartu sy mati\nkah", "membership_status")
    labelled(database, "giliran sy kpn", "queue_status")
    labelled(database, "belum diberi arti", None)
    file = tmp_path / "candidates.yml"
    done = export(file)

    assert (0, "exported 3 sentences") == (done.exit_code, done.stderr[:20])
    assert [
        Case("kartu sy mati kah", "membership_status"),
        Case("msh jauh kah sy", "queue_status"),
        Case("giliran sy kpn", "queue_status"),
    ] == read_cases(file)


def test_who_wrote_and_of_whom_is_taken_out(database: Database) -> None:
    labelled(database, "sy aminah, nik 6472015205900001, bu ratna bilang mama alya dtg ke jl mawar no 3", "greet")
    people(database)

    assert "- sy Fulan, nik 000, bu Fulan bilang mama Fulan dtg ke jl Melati no 1\n" in export().stdout


def test_the_second_export_gives_only_what_is_new(database: Database, tmp_path: Path) -> None:
    labelled(database, "satu ini", "greet")
    export(tmp_path / "first.yml")
    labelled(database, "dua ini", "greet")
    export(tmp_path / "second.yml")
    export(tmp_path / "all.yml", "--all")

    found = [[case.text for case in read_cases(tmp_path / f"{name}.yml")] for name in ("first", "second", "all")]
    assert [["satu ini"], ["dua ini"], ["satu ini", "dua ini"]] == found


def test_nothing_to_export_is_said_and_writes_no_file(database: Database, tmp_path: Path) -> None:
    labelled(database, "belum", None)
    done = export(tmp_path / "none.yml")

    assert (0, "") == (done.exit_code, done.stdout)
    assert done.stderr.startswith("nothing to export")
    assert not (tmp_path / "none.yml").exists()


def test_an_existing_file_is_overwritten_only_by_force(database: Database, tmp_path: Path) -> None:
    labelled(database, "satu ini", "greet")
    file = tmp_path / "candidates.yml"
    file.write_text("mine", encoding="utf-8")
    refused = export(file)

    assert (1, "mine") == (refused.exit_code, file.read_text(encoding="utf-8"))
    assert "--force" in refused.stderr
    assert 0 == export(file, "--force").exit_code
    assert [Case("satu ini", "greet")] == read_cases(file)


def test_a_file_that_cannot_be_written_leaves_everything_for_the_next_time(database: Database, tmp_path: Path) -> None:
    labelled(database, "satu ini", "greet")
    failed = export(tmp_path / "no such folder" / "candidates.yml")

    assert 1 == failed.exit_code and "cannot be written" in failed.stderr
    assert "- satu ini\n" in export().stdout


def test_json_is_one_object_per_line_and_loads_back(database: Database, tmp_path: Path) -> None:
    labelled(database, "é satu ini", "greet")
    file = tmp_path / "candidates.jsonl"
    export(file, "--json")

    assert {"text": "é satu ini", "intent": "greet"} == json.loads(file.read_text(encoding="utf-8"))
    assert [Case("é satu ini", "greet")] == read_cases(file)


def test_since_counts_from_the_morning_of_that_day_at_the_centre(database: Database) -> None:
    labelled(database, "lama sekali", "greet", at=EARLIER)
    labelled(database, "pagi sekali", "greet", at=datetime.fromisoformat("2026-11-22T00:30+08:00"))
    shown = export("--since", "2026-11-22").stdout

    assert "pagi sekali" in shown and "lama sekali" not in shown
    assert 2 == export("--since", "kemarin").exit_code


def test_the_same_sentence_leaves_once_and_what_names_only_itself_not_at_all(database: Database) -> None:
    labelled(database, "halo 081234567890", "greet")
    labelled(database, "halo 081234567891", "greet")
    labelled(database, "6472015205900001", "greet")
    done = export("--json")

    assert [{"text": "halo 000", "intent": "greet"}] == [json.loads(line) for line in done.stdout.splitlines()]
    assert "exported 1 sentences" in done.stderr


def test_deleted_words_do_not_leave(database: Database) -> None:
    labelled(database, "rahasia", "greet")
    with database.transaction() as db:
        db.execute(update(InboundMessage).values(text=""))

    assert "nothing to export" in export().stderr


def test_an_export_is_written_down_without_its_words(database: Database) -> None:
    labelled(database, "satu ini", "greet")
    export()
    export()
    with database.reading() as db:
        entries = db.execute(select(AuditEntry.actor, AuditEntry.action, AuditEntry.detail)).all()

    assert [("cli", "nlu.export", "sentences=1")] == [tuple(entry) for entry in entries]


@pytest.mark.parametrize(
    "text", ["a: b # c", "- x", "'satu' \"dua\"", "100% {x}", "| >", "👍🏽 ok", "*bintang*", "&a !b", "? apa", "%TAG"]
)
def test_any_sentence_survives_both_forms(text: str, tmp_path: Path) -> None:
    cases = [Case(text, "greet"), Case("halo", "thanks")]
    (tmp_path / "a.yml").write_text(as_rasa(cases), encoding="utf-8")
    (tmp_path / "a.jsonl").write_text(as_lines(cases), encoding="utf-8")

    assert [cases, cases] == [read_cases(tmp_path / "a.yml"), read_cases(tmp_path / "a.jsonl")]


def test_the_demo_has_messages_that_wait_and_one_to_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAPA_CONFIG", str(Path("puskesmas.yml").resolve()))
    monkeypatch.setenv("SAPA_DATABASE_URL", f"sqlite:///{tmp_path}/demo.db")
    monkeypatch.setenv("SAPA_DEMO", "1")
    monkeypatch.chdir(tmp_path)
    assert "loaded\n" == CliRunner().invoke(main, ["demo", "--now", NOW.isoformat()]).stdout
    database = open_database(f"sqlite:///{tmp_path}/demo.db")
    with database.reading() as db:
        assert count_open_unclear(db) > 2
    database.close()

    assert ["msh jauh kah sy, nama saya Fulan yg tadi subuh"] == [
        json.loads(line)["text"] for line in export("--json").stdout.splitlines()
    ]
