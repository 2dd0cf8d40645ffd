"""`sapa patients doubles` and `sapa patients merge`, as somebody types them."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from clinic.database import open_database
from clinic.facility_file import load_facility
from clinic.identity import IdentityKeeper
from clinic.migrate import migrate
from clinic.people import Person, add_person
from clinic.queue import take_number
from tests.guards.source_tree import ROOT

NOW = datetime.fromisoformat("2026-11-23T08:00+08:00")
KEY = "only for the tests of doubles"  # pragma: allowlist secret
BORN = date(1990, 5, 17)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Siti is on record twice (1 and 2), once as a man; Budi (3) once."""
    database, keeper = open_database(f"sqlite:///{tmp_path}/sapa.db"), IdentityKeeper(KEY)
    migrate(database)
    with database.transaction() as db:
        add_person(db, name="Siti Aminah", birth_date=BORN, sex="P", keeper=keeper, now=NOW)
        add_person(db, name="St. Aminah", birth_date=BORN, sex="L", keeper=keeper, now=NOW)
        add_person(db, name="Budi", birth_date=BORN, keeper=keeper, now=NOW)
    database.close()
    return tmp_path


def sapa(folder: Path, *words: str) -> Result:
    env = {
        "SAPA_DEMO": "1",
        "SAPA_SECRET_KEY": KEY,
        "SAPA_DATABASE_URL": f"sqlite:///{folder}/sapa.db",
        "SAPA_CONFIG": str(ROOT / "puskesmas.yml"),
        "SAPA_NLU_URL": "http://127.0.0.1:9",
    }
    return CliRunner().invoke(main, ["patients", *words], env=env)


def merged_into(folder: Path, person: int) -> int | None:
    database = open_database(f"sqlite:///{folder}/sapa.db")
    with database.reading() as db:
        found = db.get_one(Person, person).merged_into_id
    database.close()
    return found


def test_doubles_are_listed_by_id_and_by_name_only_when_asked(folder: Path) -> None:
    assert "1 2  birth_date\n" == sapa(folder, "doubles").output
    assert "1 2  birth_date  Siti Aminah / St. Aminah\n" == sapa(folder, "doubles", "--show-identity").output
    assert [{"one": 1, "other": 2, "reasons": ["birth_date"], "names": None}] == json.loads(
        sapa(folder, "doubles", "--json").output
    )


def test_a_merge_asks_first_and_wants_a_word_where_both_differ(folder: Path) -> None:
    assert 1 == sapa(folder, "merge", "1", "2").exit_code, "nobody said yes"
    refused = sapa(folder, "merge", "1", "2", "--yes")
    assert (1, True) == (refused.exit_code, "they differ in sex" in refused.output)
    assert merged_into(folder, 2) is None

    done = sapa(folder, "merge", "1", "2", "--yes", "--from-keep", "sex")

    assert (0, "person 2 is person 1 now; gone: 2\n") == (done.exit_code, done.output)
    assert 1 == merged_into(folder, 2)
    assert "no records look like doubles\n" == sapa(folder, "doubles").output


def test_two_live_numbers_are_named(folder: Path) -> None:
    database, facility = open_database(f"sqlite:///{folder}/sapa.db"), load_facility(ROOT / "puskesmas.yml")
    with database.transaction() as db:
        for person in (1, 2):
            take_number(
                db, facility=facility, poli="gigi", day=NOW.date(), session="pagi", person_id=person,
                contact_id=None, via="counter", now=NOW,
            )  # fmt: skip
    database.close()

    refused = sapa(folder, "merge", "1", "2", "--yes", "--from-keep", "sex")

    assert "B1 and B2 on 2026-11-23" in refused.output
    assert merged_into(folder, 2) is None


@pytest.mark.parametrize(("keep", "gone", "word"), [("1", "1", "one and the same"), ("1", "99", "does not exist")])
def test_a_slip_of_the_hand_is_told(folder: Path, keep: str, gone: str, word: str) -> None:
    refused = sapa(folder, "merge", keep, gone, "--yes")

    assert (1, True) == (refused.exit_code, word in refused.output)
