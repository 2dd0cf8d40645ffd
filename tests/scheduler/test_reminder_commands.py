"""`sapa enrol` and `sapa reminders`: what an administrator types and reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli.enrol import enrol
from bot.cli.reminders import reminders
from clinic.database import Database
from tests.scheduler.register import add_person, add_phone, link, messages, new_database

FIELDS = {
    "person",
    "programme",
    "item",
    "occurrence",
    "send_at",
    "useless_after",
    "channel",
    "reason",
    "text",
    "visit_on",
    "poli",
    "contact",
}
CENTRE = """
name: Puskesmas Wonorejo
short_name: Puskesmas Wonorejo
address: Jalan Contoh 1
timezone: Asia/Makassar
phone: 0541 000
hours: {senin: 08:00-14:00, selasa: 08:00-14:00, rabu: 08:00-14:00, kamis: 08:00-14:00, jumat: 08:00-11:00}
polis:
  - id: kia
    letter: C
    name: KIA
    sessions: [{name: pagi, days: senin-jumat, opens: 08:00, closes: 11:00, quota: 40}]
programmes: [imunisasi_bayi, hipertensi]
"""
GIVEN = ("--given", "IPV1=2026-06-24", "--given", "bcg=2026-03-24")


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A child born on 24 February 2026, with its mother's phone, and the environment that leads there."""
    centre = tmp_path / "puskesmas.yml"
    centre.write_text(CENTRE, encoding="utf-8")
    monkeypatch.setenv("SAPA_CONFIG", str(centre))
    monkeypatch.setenv("SAPA_DATABASE_URL", f"sqlite:///{tmp_path / 'sapa.db'}")
    monkeypatch.setenv("SAPA_DEMO", "1")
    database = new_database(tmp_path)
    child = add_person(database, "Budi Santoso", "2026-02-24")
    link(database, add_phone(database, "+62811555001"), child)
    yield database
    database.close()


def _enrol(*words: str, now: str = "2026-07-01T09:00+08:00") -> Result:
    return CliRunner().invoke(enrol, [*words, "--now", now])


def _reminders(*words: str, now: str = "2026-11-24T07:00+08:00") -> Result:
    return CliRunner().invoke(reminders, [*words, "--now", now])


def _plan(*words: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(_reminders("plan", "--json", *words).stdout)
    return rows


def test_the_plan_says_what_goes_to_whom_when_and_why(database: Database) -> None:
    assert _enrol("1", "imunisasi_bayi", *GIVEN).exit_code == 0
    (row,) = _plan()
    assert set(row) == FIELDS
    assert (row["person"], row["programme"], row["channel"]) == (1, "imunisasi_bayi", "sms")
    assert (row["item"], row["occurrence"], row["visit_on"]) == ("P9M", "2026-11-24/0", "2026-11-24")
    assert (row["send_at"], row["useless_after"]) == ("2026-11-24T08:00:00+08:00", "2026-11-24T11:00:00+08:00")
    assert row["reason"].startswith("due today: ") and "MR1, IPV2 at 9 months" in row["reason"]


def test_an_unsigned_schedule_is_a_warning_beside_the_plan(database: Database) -> None:
    result = _reminders("plan", "--json")
    assert "imunisasi_bayi: no clinician has signed" in result.stderr
    assert json.loads(result.stdout) == []


def test_sending_twice_queues_once(database: Database) -> None:
    _enrol("1", "imunisasi_bayi", *GIVEN)
    assert _reminders("send").stdout == "queued 1\n"
    assert _reminders("send").stdout == "queued 0\n"
    assert len(messages(database)) == 1


def test_names_are_shown_only_when_asked_for(database: Database) -> None:
    _enrol("1", "imunisasi_bayi", *GIVEN)
    assert "Budi" not in _plan()[0]["text"]
    assert "Budi" in _plan("--show-identity")[0]["text"]


def test_enrolling_again_adds_doses_and_doubles_nothing(database: Database) -> None:
    _enrol("1", "imunisasi_bayi", *GIVEN)
    again = _enrol("1", "imunisasi_bayi", *GIVEN, "--given", "MR1=2026-11-23", now="2026-11-23T12:00+08:00")
    assert again.exit_code == 0
    (row,) = _plan()
    assert "IPV2" in row["reason"] and "MR1" not in row["reason"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(("9", "imunisasi_bayi"), "there is no person 9", id="unknown person"),
        pytest.param(("1", "tb"), "'tb' is not switched on; on: imunisasi_bayi, hipertensi", id="unknown programme"),
        pytest.param(("1", "hipertensi"), "--anchor DATE is needed: the last visit", id="no anchor"),
        pytest.param(("1", "imunisasi_bayi", "--anchor", "2026-02-25"), "birth date on record", id="another birth"),
        pytest.param(("1", "imunisasi_bayi", "--given", "XYZ=2026-03-24"), "XYZ: not in imunisasi", id="dose"),
        pytest.param(("1", "imunisasi_bayi", "--given", "BCG"), "write ITEM=DATE", id="dose without date"),
        pytest.param(("1", "imunisasi_bayi", "--given", "BCG=24-03-2026"), "is not a date", id="date"),
        pytest.param(("1", "hipertensi", "--anchor", "2026-12-01"), "2026-12-01 is in the future", id="future"),
    ],
)
def test_what_cannot_be_enrolled_is_told_and_nothing_is_written(
    database: Database, words: tuple[str, ...], told: str
) -> None:
    result = _enrol(*words)
    assert result.exit_code != 0
    assert told in result.stderr
    assert _plan() == []


def test_staff_see_whom_no_reminder_invites(database: Database) -> None:
    _enrol("1", "imunisasi_bayi", *GIVEN)
    rows = _plan("--staff")
    assert {"RV1"} <= {row["item"] for row in rows}
    assert all(set(row) == {"person", "programme", "item", "since", "reason"} for row in rows)
