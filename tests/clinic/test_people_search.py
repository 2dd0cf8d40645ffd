"""Who on record may stand at the counter."""

from __future__ import annotations

from datetime import datetime

import pytest

from clinic.contacts import find_or_create_contact, link_person
from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.people import Person, add_person
from clinic.people_search import people_named, search_people
from clinic.queue import call_next, finish, take_number

NIK = "6472015705900001"  # pragma: allowlist secret


def names(database: Database, keeper: IdentityKeeper, text: str, limit: int = 6) -> list[str]:
    with database.reading() as db:
        return [each.name for each in search_people(db, text, keeper=keeper, limit=limit)]


@pytest.fixture
def known(database: Database, keeper: IdentityKeeper, now: datetime) -> dict[str, int]:
    with database.transaction() as db:
        return {
            name: add_person(db, name=name, nik=nik, keeper=keeper, now=now).id
            for name, nik in (("Siti Aminah", NIK), ("Aminah", None), ("Budi Santoso", None), ("100% Benar", None))
        }


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        pytest.param("aminah", ["Aminah", "Siti Aminah"], id="part of a name"),
        pytest.param("AMI sit", ["Siti Aminah"], id="parts in any order"),
        pytest.param("a", [], id="one letter"),
        pytest.param("100%", ["100% Benar"], id="a percent sign is a letter"),
        pytest.param("%%", [], id="no wildcard"),
        pytest.param("__", [], id="no wildcard either"),
        pytest.param(NIK, ["Siti Aminah"], id="the whole identity number"),
        pytest.param(NIK[:15], [], id="a part of it"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_people_are_found_by_parts_of_the_name_and_whole_numbers(
    database: Database, keeper: IdentityKeeper, known: dict[str, int], typed: str, found: list[str]
) -> None:
    assert sorted(found) == sorted(names(database, keeper, typed))


@pytest.mark.parametrize("typed", ["0812000055", "+62812000055", "62 812 000 055", "000055"])
def test_people_are_found_by_the_phone_that_speaks_for_them(
    database: Database, keeper: IdentityKeeper, known: dict[str, int], now: datetime, typed: str
) -> None:
    with database.transaction() as db:
        contact, _ = find_or_create_contact(db, channel="sms", address="+62812000055", profile_name=None, now=now)
        for name in ("Siti Aminah", "Budi Santoso"):
            link_person(db, contact_id=contact.id, person_id=known[name], role="self", proof="claimed", now=now)
    assert ["Budi Santoso", "Siti Aminah"] == sorted(names(database, keeper, typed))


def test_people_are_found_by_the_number_of_their_file(
    database: Database, keeper: IdentityKeeper, known: dict[str, int]
) -> None:
    with database.transaction() as db:
        person = db.get(Person, known["Budi Santoso"])
        assert person is not None
        person.record_number = "004217"
    assert ["Budi Santoso"] == names(database, keeper, "004217")


def test_who_was_served_lately_stands_first_and_a_double_that_was_merged_not_at_all(
    database: Database, keeper: IdentityKeeper, known: dict[str, int], facility: Facility, now: datetime
) -> None:
    day = facility.today(now)
    with database.transaction() as db:
        take_number(
            db, facility=facility, poli="umum", day=day, session="pagi", person_id=known["Siti Aminah"],
            contact_id=None, via="counter", now=now,
        )  # fmt: skip
        called = call_next(db, "umum", day, facility=facility, now=now)
        assert called is not None
        finish(db, called.id, facility=facility, now=now)
        gone = add_person(db, name="Aminah Lama", keeper=keeper, now=now)
        double = db.get(Person, gone.id)
        assert double is not None
        double.merged_into_id = known["Aminah"]
    assert ["Siti Aminah", "Aminah"] == names(database, keeper, "aminah")
    with database.reading() as db:
        assert [day, None] == [each.last_visit for each in search_people(db, "aminah", keeper=keeper, limit=6)]


def test_the_same_name_is_found_whatever_its_capitals_and_spaces(database: Database, known: dict[str, int]) -> None:
    with database.reading() as db:
        found = people_named(db, " siti  AMINAH ", limit=6)
    assert [known["Siti Aminah"]] == [each.id for each in found]
