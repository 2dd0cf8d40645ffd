"""The desk: what the dialog may ask and do for one contact, and for nobody else."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from clinic.contacts import has_opted_out
from clinic.conversations import conversation_of
from clinic.database import Database
from clinic.desk import Desk
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.membership import MembershipFacts, save_membership
from clinic.people import add_person
from tests.clinic.hands import KEEPER, PHONE, a_contact

BORN = date(1988, 2, 14)
TUESDAY = date(2026, 11, 24)
OTHER_PHONE = "+6281200000002"
NIK = "6472015402880001"


def a_desk(db: Session, facility: Facility, now: datetime, *, address: str = PHONE) -> Desk:
    contact_id, _ = a_contact(db, now, address=address)
    return Desk(db=db, facility=facility, keeper=KEEPER, contact_id=contact_id, channel="whatsapp", now=now)


def a_member(db: Session, now: datetime) -> int:
    """Somebody whom the register knows, with NIK and membership."""
    person_id = add_person(db, name="Siti Contoh", birth_date=BORN, nik=NIK, keeper=KEEPER, now=now).id
    facts = MembershipFacts(True, "AKTIF", segment=None, care_class="3", facility=None, as_of=TUESDAY)
    save_membership(db, person_id, facts, now=now)
    return person_id


def test_a_person_said_in_chat_is_linked_as_claimed(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        desk = a_desk(db, facility, now)
        added = desk.add_person(name="Budi Contoh", role="child", birth_date=date(2026, 1, 5))
        assert (added,) == desk.people()
        assert ("claimed", "child") == (added.proof, added.role)


@pytest.mark.parametrize(
    ("said", "proof"),
    [pytest.param(BORN, "matched", id="right"), pytest.param(date(1988, 2, 15), "claimed", id="a day off")],
)
def test_the_birth_date_on_record_proves_that_one_knows_the_person(
    database: Database, facility: Facility, now: datetime, said: date, proof: str
) -> None:
    with database.transaction() as db:
        desk = a_desk(db, facility, now)
        person = desk.add_person(name="Siti Contoh", role="self", birth_date=BORN)
        confirmed = desk.confirm_birth_date(person.person_id, said)
        assert (proof == "matched", [proof]) == (confirmed, [each.proof for each in desk.people()])


def test_a_strangers_birth_date_proves_nothing(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        desk = a_desk(db, facility, now)
        assert (False, None) == (desk.confirm_birth_date(a_member(db, now), BORN), desk.membership(1))


@pytest.mark.parametrize(
    ("number", "born", "is_found"),
    [
        pytest.param(NIK, BORN, True, id="both right"),
        pytest.param(NIK, date(1988, 2, 15), False, id="a wrong birth date"),
        pytest.param("6472015402880002", BORN, False, id="a wrong number"),
    ],
)
def test_a_member_is_found_by_number_and_birth_date_together(
    database: Database, facility: Facility, now: datetime, number: str, born: date, is_found: bool
) -> None:
    with database.transaction() as db:
        a_member(db, now)
        desk = a_desk(db, facility, now)
        found = desk.find_member(desk.number_key(number), born)
        assert (is_found, is_found) == (found is not None, bool(desk.people()))
        assert found is None or desk.membership(found.person_id) is not None


def test_a_number_is_taken_shown_cancelled_and_taken_back(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        desk = a_desk(db, facility, now)
        person = desk.add_person(name="Siti Contoh", role="self")
        ticket = desk.take_number(poli="gigi", day=TUESDAY, session="pagi", person_id=person.person_id)
        shown = [each.code for each in desk.tickets()], desk.position(ticket).before
        cancelled = desk.cancel(ticket.id)
        gone = desk.tickets()
        back = desk.restore(ticket.id)
    assert cancelled is not None
    assert back is not None
    assert ((["B1"], 0), "cancelled", (), "waiting") == (shown, cancelled.state, gone, back.state)


def test_nobody_cancels_or_restores_a_strangers_number(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        mine, other = a_desk(db, facility, now), a_desk(db, facility, now, address=OTHER_PHONE)
        person = mine.add_person(name="Siti Contoh", role="self")
        ticket = mine.take_number(poli="gigi", day=TUESDAY, session="pagi", person_id=person.person_id)
        by_other = other.cancel(ticket.id)
        mine.cancel(ticket.id)
        assert (None, None) == (by_other, other.restore(ticket.id))


def test_a_case_is_due_when_the_centre_says(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        desk = a_desk(db, facility, now)
        case = desk.open_case(kind="complaint", topic="antrian", text="lama sekali")
        assert (now + timedelta(hours=facility.limits.due_hours.complaint), (case,)) == (case.due_at, desk.cases())


def test_handing_over_silences_the_bot_for_as_long_as_the_centre_says(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        desk = a_desk(db, facility, now)
        desk.hand_to_staff()
        until = conversation_of(db, desk.contact_id).handled_until
    assert now + timedelta(hours=facility.limits.silent_hours) == until


def test_stop_and_start(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        desk = a_desk(db, facility, now)
        desk.stop_messages()
        stopped = has_opted_out(db, desk.contact_id)
        desk.start_messages()
        assert (True, False) == (stopped, has_opted_out(db, desk.contact_id))


def test_not_me_unlinks_everybody(
    database: Database, facility: Facility, keeper: IdentityKeeper, now: datetime
) -> None:
    with database.transaction() as db:
        desk = a_desk(db, facility, now)
        people = [desk.add_person(name=name, role="other") for name in ("Siti Contoh", "Budi Contoh")]
        desk.unlink(people[0].person_id)
        one_left = len(desk.people())
        desk.unlink_all()
        assert (1, ()) == (one_left, desk.people())
