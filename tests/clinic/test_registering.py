"""Registering: what a newcomer tells is kept, proves nothing by itself, and never touches or names somebody else."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from clinic.cases import list_cases
from clinic.contacts import Contact, LinkedPerson, link_person
from clinic.database import Database
from clinic.desk import Desk
from clinic.facility import Facility
from clinic.people import Person, add_person
from clinic.queue import Ticket
from clinic.queue_table import QueueEntry
from clinic.registering import is_same_day, nik_makes_sense
from tests.clinic.hands import KEEPER
from tests.clinic.test_desk import BORN, NIK, OTHER_PHONE, TUESDAY, a_desk, a_member

CARD = "0001234567890"
CHILD_NIK = "6472015402200003"


def a_newcomer(desk: Desk, *, name: str = "Siti", role: str = "self") -> tuple[LinkedPerson, Ticket]:
    """Somebody who has just been given a number in chat."""
    person = desk.add_person(name=name, role=role)
    ticket = desk.take_number(poli="gigi", day=TUESDAY, session="pagi", person_id=person.person_id)
    return person, ticket


def give(desk: Desk, person: LinkedPerson, ticket: Ticket, number: str, *, typed: date | None = BORN) -> str:
    return desk.keep_number(person.person_id, number, ticket_id=ticket.id, typed=typed).how


def holder(db: Session, ticket: Ticket) -> int:
    return db.get_one(QueueEntry, ticket.id, populate_existing=True).person_id


def cases(db: Session) -> list[tuple[str, str | None]]:
    return [(case.kind, case.topic) for case in list_cases(db, state=None, limit=9, offset=0)]


def test_an_age_is_kept_as_a_birth_date_that_proves_nothing(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        desk = a_desk(db, facility, now)
        person, _ = a_newcomer(desk)
        about = date(1993, 7, 1)
        desk.keep_birth_date(person.person_id, about, is_exact=False)
        assert (about, None) == (db.get_one(Person, person.person_id).birth_date, desk.people()[0].birth_date)
        assert not desk.confirm_birth_date(person.person_id, about)


def test_somebody_known_by_age_only_is_not_found_by_that_date(
    database: Database, facility: Facility, now: datetime
) -> None:
    about = date(1993, 7, 1)
    with database.transaction() as db:
        desk = a_desk(db, facility, now)
        add_person(db, name="Siti", birth_date=about, is_birth_date_exact=False, nik=NIK, keeper=KEEPER, now=now)
        assert desk.find_member(desk.number_key(NIK), about) is None


def test_nothing_is_written_down_about_somebody_who_is_proven_or_not_ours(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        desk = a_desk(db, facility, now)
        stranger = a_member(db, now)
        proven = add_person(db, name="Rohani", birth_date=BORN, keeper=KEEPER, now=now).id
        link_person(db, contact_id=desk.contact_id, person_id=proven, role="parent", proof="staff", now=now)
        for person_id in (stranger, proven):
            desk.keep_birth_date(person_id, date(1970, 1, 1))
            desk.forget_number(person_id)
        assert [BORN, BORN] == [db.get_one(Person, each).birth_date for each in (stranger, proven)]
        assert db.get_one(Person, stranger).nik_hash is not None


@pytest.mark.parametrize(("nik", "sex"), [pytest.param(NIK, "P", id="woman"), pytest.param("6472011402880001", "L")])
def test_a_nik_is_kept_encrypted_and_tells_the_sex(
    database: Database, facility: Facility, now: datetime, nik: str, sex: str
) -> None:
    with database.transaction() as db:
        desk = a_desk(db, facility, now)
        person, ticket = a_newcomer(desk)
        assert "kept" == give(desk, person, ticket, nik)
        kept = db.get_one(Person, person.person_id)
        assert (sex, KEEPER.hash(nik)) == (kept.sex, kept.nik_hash)
        assert kept.nik_encrypted is not None and nik not in kept.nik_encrypted


def test_a_number_that_was_a_slip_is_taken_back(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        desk = a_desk(db, facility, now)
        person, ticket = a_newcomer(desk)
        give(desk, person, ticket, CARD)
        desk.forget_number(person.person_id)
        assert db.get_one(Person, person.person_id).card_hash is None


def test_a_nik_on_record_with_its_birth_date_brings_the_number_to_the_record(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        desk = a_desk(db, facility, now)
        known = a_member(db, now)
        person, ticket = a_newcomer(desk)
        assert "linked" == give(desk, person, ticket, NIK)
        assert [(known, "matched", "self")] == [(each.person_id, each.proof, each.role) for each in desk.people()]
        assert (known, []) == (holder(db, ticket), cases(db))
        assert [ticket.code] == [each.code for each in desk.tickets()]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        pytest.param("Siti", date(1988, 2, 15), id="another birth date"),
        pytest.param("Siti", None, id="no birth date typed"),
        pytest.param("Budi", BORN, id="another name"),
    ],
)
def test_a_nik_on_record_that_is_not_proven_stays_where_it_is(
    database: Database, facility: Facility, now: datetime, name: str, typed: date | None
) -> None:
    with database.transaction() as db:
        desk = a_desk(db, facility, now)
        a_member(db, now)
        person, ticket = a_newcomer(desk, name=name)
        assert "double" == give(desk, person, ticket, NIK, typed=typed)
        assert [person.person_id] == [each.person_id for each in desk.people()]
        assert person.person_id == holder(db, ticket)
        assert (None, [("double", "possible_double")]) == (db.get_one(Person, person.person_id).nik_hash, cases(db))


def test_a_record_that_holds_a_number_there_keeps_its_own_and_staff_are_told(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        desk = a_desk(db, facility, now)
        known = a_member(db, now)
        elsewhere = a_desk(db, facility, now, address=OTHER_PHONE)
        held = elsewhere.take_number(poli="gigi", day=TUESDAY, session="pagi", person_id=known)
        person, ticket = a_newcomer(desk)
        assert "double" == give(desk, person, ticket, NIK)
        assert (known, person.person_id) == (holder(db, held), holder(db, ticket))
        assert [("double", "possible_double")] == cases(db)


def test_a_newcomer_with_two_numbers_is_left_to_staff(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        desk = a_desk(db, facility, now)
        a_member(db, now)
        person, ticket = a_newcomer(desk)
        desk.take_number(poli="umum", day=TUESDAY, session="pagi", person_id=person.person_id)
        assert ("double", person.person_id) == (give(desk, person, ticket, NIK), holder(db, ticket))


def test_a_case_names_no_identity_number(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        desk = a_desk(db, facility, now)
        a_member(db, now)
        give(desk, *a_newcomer(desk), NIK, typed=None)
        assert all(NIK[:8] not in case.text for case in list_cases(db, state=None, limit=9, offset=0))


def test_how_far_they_live_is_asked_once_a_phone(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        desk = a_desk(db, facility, now)
        other = a_desk(db, facility, now, address=OTHER_PHONE)
        desk.note_travel_asked()
        desk.keep_travel(30)
        assert (True, False) == (desk.was_asked_travel(), other.was_asked_travel())
        assert 30 == db.get_one(Contact, desk.contact_id, populate_existing=True).travel_minutes


@pytest.mark.parametrize(
    ("nik", "makes_sense"),
    [
        pytest.param(NIK, True, id="a woman of Samarinda"),
        pytest.param("9203015402880001", True, id="a new province"),
        pytest.param("1072015402880001", False, id="no province"),
        pytest.param("6472013202880001", False, id="no day"),
        pytest.param("6472015413880001", False, id="no month"),
        pytest.param("6472017102880001", False, id="31 February"),
        pytest.param("6472015402880000", False, id="no serial"),
        pytest.param("647201540288000", False, id="fifteen digits"),
    ],
)
def test_a_nik_is_looked_at_for_sense(nik: str, makes_sense: bool) -> None:
    assert makes_sense is nik_makes_sense(nik, today=TUESDAY)


@pytest.mark.parametrize(
    ("born", "nik", "is_same"),
    [
        pytest.param(BORN, NIK, True, id="woman"),
        pytest.param(date(2020, 2, 14), CHILD_NIK, True, id="child"),
        pytest.param(date(1920, 2, 14), CHILD_NIK, True, id="the century is not in it"),
        pytest.param(date(1988, 2, 15), NIK, False, id="a day off"),
    ],
)
def test_a_birth_date_is_compared_with_the_nik(born: date, nik: str, is_same: bool) -> None:
    assert is_same is is_same_day(born, nik, today=TUESDAY)
