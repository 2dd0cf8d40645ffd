"""Which records are suggested as doubles, and which are left alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pytest

from clinic.contacts import Contact, link_person
from clinic.database import Database
from clinic.doubles import Double, doubles_of
from clinic.identity import IdentityKeeper
from clinic.merging import merge_people
from clinic.name_likeness import are_nearly_the_same, may_be_one
from clinic.people import add_person
from clinic.told_apart import tell_apart

MAY, JUNE = date(1990, 5, 17), date(1990, 6, 17)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Siti Aminah", "St. Aminah"),
        ("Siti Aminah", "SITI AMINNAH"),
        ("Hj. Siti Aminah", "siti aminah"),
        ("Muhammad Hasan", "Moh Hasan"),
        ("M. Hasan", "Muhamad Hasan"),
        ("A. Rahman", "Abdul Rahman"),
        ("Siti Aminah", "Siti Aminah Putri"),
        ("Nur'aini", "Nuraini"),
        ("Budi", "Bpk. Budi"),
    ],
)
def test_two_spellings_of_one_name(name: str, other: str) -> None:
    assert may_be_one(name, other)
    assert may_be_one(other, name)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Siti Aminah", "Siti Maryam"),
        ("Muhammad Hasan", "Muhammad Husain"),
        ("Dina", "Dini"),
        ("By. Ny. Siti Aminah", "Siti Aminah"),
        ("A", "A"),
        ("Budi Santoso", "Santi Budiman"),
    ],
)
def test_two_names(name: str, other: str) -> None:
    assert not may_be_one(name, other)


def test_a_longer_name_is_not_nearly_the_same() -> None:
    assert not are_nearly_the_same("Siti Aminah", "Siti Aminah Putri")


@dataclass
class Register:
    database: Database
    keeper: IdentityKeeper
    now: datetime

    def person(self, name: str, born: date | None = None, *, is_exact: bool = True, nik: str | None = None) -> int:
        with self.database.transaction() as db:
            return add_person(
                db, name=name, birth_date=born, is_birth_date_exact=is_exact, nik=nik, keeper=self.keeper, now=self.now
            ).id

    def phone(self, *people: int) -> None:
        with self.database.transaction() as db:
            contact = Contact(created_at=self.now)
            db.add(contact)
            db.flush()
            for person in people:
                link_person(db, contact_id=contact.id, person_id=person, role="other", proof="claimed", now=self.now)

    def doubles(self, person: int | None = None) -> list[Double]:
        with self.database.reading() as db:
            return list(doubles_of(db, person_id=person))


@pytest.fixture
def register(database: Database, keeper: IdentityKeeper, now: datetime) -> Register:
    return Register(database, keeper, now)


def test_one_birth_date_and_two_spellings(register: Register) -> None:
    one, other = register.person("Siti Aminah", MAY), register.person("St. Aminah", MAY)
    register.person("Siti Maryam", MAY)
    register.person("Siti Aminah", JUNE)

    assert [Double(one, other, ("birth_date",))] == register.doubles()


def test_one_phone_and_no_birth_date(register: Register) -> None:
    one, other, sister = register.person("Siti Aminah"), register.person("St Aminah"), register.person("Maryam")
    register.phone(one, other, sister)

    assert [Double(one, other, ("phone",))] == register.doubles()


def test_a_mother_and_a_daughter_of_one_phone_are_two(register: Register) -> None:
    register.phone(register.person("Siti Aminah", MAY), register.person("Siti Aminah Putri", date(2015, 2, 3)))

    assert [] == register.doubles()


@pytest.mark.parametrize(
    ("born", "is_one"), [(date(1990, 7, 5), True), (date(1990, 5, 1), True), (JUNE, True), (date(1962, 1, 2), False)]
)
def test_one_slip_of_the_pen_in_the_birth_date_of_one_phone(register: Register, born: date, is_one: bool) -> None:
    one, other = (
        register.person("Siti Aminah", date(1990, 5, 7) if born.month == 7 else MAY),
        register.person("Siti Aminah", born),
    )
    register.phone(one, other)

    assert is_one == bool(register.doubles())


@pytest.mark.parametrize(
    ("said", "is_one"), [(date(1990, 7, 1), True), (date(1991, 7, 1), True), (date(1993, 7, 1), False)]
)
def test_an_age_that_fits_a_birth_date(register: Register, said: date, is_one: bool) -> None:
    one, other = register.person("Siti Aminah", MAY), register.person("St. Aminah", said, is_exact=False)

    assert ([Double(one, other, ("age",))] if is_one else []) == register.doubles()


def test_two_nik_a_merged_record_and_a_pair_told_apart_are_never_suggested(register: Register) -> None:
    register.person("Siti Aminah", MAY, nik="6472015705900001")
    register.person("Siti Aminah", MAY, nik="6472015705900002")
    keep, gone = register.person("Budi Santoso", JUNE), register.person("Budi Santoso", JUNE)
    hasan, hassan = register.person("Hasan", date(2001, 1, 1)), register.person("Hassan", date(2001, 1, 1))
    assert 2 == len(register.doubles())
    with register.database.transaction() as db:
        merge_people(db, keep=keep, gone=gone, actor="cli", now=register.now)
        tell_apart(db, hassan, hasan, actor="staff:1", now=register.now)

    assert [] == register.doubles()


def test_most_reasons_first_and_only_those_of_the_person_asked_for(register: Register) -> None:
    weak = register.person("Budi Santoso", JUNE), register.person("Budi S", JUNE)
    strong = register.person("Siti Aminah", MAY), register.person("St. Aminah", MAY)
    register.phone(*strong)

    assert [strong, weak] == [(each.one, each.other) for each in register.doubles()]
    assert [weak] == [(each.one, each.other) for each in register.doubles(weak[1])]
