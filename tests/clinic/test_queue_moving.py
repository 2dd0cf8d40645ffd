"""Moving a number: in one piece or not at all, and back; what was given back a moment ago is taken again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest

from clinic.contacts import link_person
from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.inbound import receive
from clinic.people import add_person
from clinic.queue import (
    QueueEntry,
    QueueRefused,
    SessionCounter,
    Ticket,
    call_next,
    cancel_number,
    skip,
    skipped_of,
    take_number,
)
from clinic.queue_moving import move_back, move_number, take_or_take_back
from clinic.queue_sessions import CLOSED, add_change

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)


@dataclass
class Holder:
    """Somebody with a phone, and what they do with numbers of the dentist."""

    database: Database
    facility: Facility
    keeper: IdentityKeeper
    now: datetime
    contact: int = field(init=False)
    person: int = field(init=False)

    def __post_init__(self) -> None:
        with self.database.transaction() as db:
            came = receive(
                db, provider_id="x", channel="sms", address="+6281200000088", text="halo", media=(), now=self.now
            )
            person = add_person(db, name="Sri", birth_date=date(1990, 1, 1), keeper=self.keeper, now=self.now)
            link_person(db, contact_id=came.contact_id, person_id=person.id, role="self", proof="claimed", now=self.now)
            self.contact, self.person = came.contact_id, person.id

    def takes(self, day: date, session: str = "pagi") -> Ticket:
        with self.database.transaction() as db:
            return take_or_take_back(
                db,
                facility=self.facility,
                poli="gigi",
                day=day,
                session=session,
                person_id=self.person,
                contact_id=self.contact,
                via="sms",
                now=self.now,
            )

    def moves(self, ticket: Ticket, day: date, session: str = "pagi") -> Ticket | None:
        with self.database.transaction() as db:
            return move_number(
                db,
                ticket.id,
                facility=self.facility,
                day=day,
                session=session,
                contact_id=self.contact,
                via="sms",
                now=self.now,
            )

    def moves_back(self, old: Ticket, new: Ticket) -> Ticket | None:
        with self.database.transaction() as db:
            return move_back(db, old_id=old.id, new_id=new.id, facility=self.facility, now=self.now)

    def cancels(self, ticket: Ticket) -> None:
        with self.database.transaction() as db:
            assert cancel_number(db, ticket.id, facility=self.facility, now=self.now) is not None

    def fills(self, day: date, session: str = "pagi") -> None:
        quota = next(each.quota for each in self.facility.sessions_on("gigi", day) if each.name == session)
        with self.database.transaction() as db:
            counter = db.get(SessionCounter, ("gigi", day, session))
            if counter is None:
                db.add(SessionCounter(poli="gigi", day=day, session=session, taken=quota))
            else:
                counter.taken = quota

    def closes(self, day: date) -> None:
        with self.database.transaction() as db:
            add_change(db, poli="gigi", day=day, session=None, kind=CLOSED, reason="rapat", staff_id=None, now=self.now)

    def numbers(self) -> list[tuple[date, int, str, bool]]:
        """Day, number, state and whether it is kept aside, the oldest first."""
        with self.database.transaction() as db:
            rows = db.query(QueueEntry).order_by(QueueEntry.id)
            return [(row.day, row.number, row.state, row.held_until is not None) for row in rows]

    def taken(self, day: date, session: str = "pagi") -> int:
        with self.database.transaction() as db:
            counter = db.get(SessionCounter, ("gigi", day, session))
            return counter.taken if counter is not None else 0

    def events(self) -> list[str]:
        with self.database.transaction() as db:
            return list(db.connection().exec_driver_sql("SELECT kind FROM queue_event ORDER BY id").scalars())


@pytest.fixture
def holder(database: Database, facility: Facility, keeper: IdentityKeeper, now: datetime) -> Holder:
    return Holder(database, facility, keeper, now)


def test_a_move_takes_the_new_number_and_keeps_the_old_one_aside(holder: Holder) -> None:
    old = holder.takes(TUESDAY)

    new = holder.moves(old, WEDNESDAY)

    assert new is not None and new.is_new
    assert [(TUESDAY, 1, "cancelled", True), (WEDNESDAY, 1, "waiting", False)] == holder.numbers()


def test_a_move_within_the_day_takes_the_next_number(holder: Holder) -> None:
    old = holder.takes(WEDNESDAY)

    new = holder.moves(old, WEDNESDAY, "siang")

    assert new is not None and ("B2", "siang") == (new.code, new.session)
    assert (1, 1) == (holder.taken(WEDNESDAY), holder.taken(WEDNESDAY, "siang"))


@pytest.mark.parametrize("session", ["pagi", "siang"])
def test_a_move_to_a_full_session_leaves_everything_as_it_was(holder: Holder, session: str) -> None:
    old = holder.takes(WEDNESDAY, "siang" if session == "pagi" else "pagi")
    holder.fills(WEDNESDAY, session)
    before = (holder.numbers(), holder.events())

    with pytest.raises(QueueRefused):
        holder.moves(old, WEDNESDAY, session)

    assert before == (holder.numbers(), holder.events())


def test_a_move_out_of_a_session_that_was_called_off_loses_nothing_when_refused(holder: Holder) -> None:
    old = holder.takes(TUESDAY)
    holder.closes(TUESDAY)
    holder.fills(WEDNESDAY)

    with pytest.raises(QueueRefused):
        holder.moves(old, WEDNESDAY)

    assert [(TUESDAY, 1, "waiting", False)] == holder.numbers()


def test_a_move_to_a_day_with_a_number_gives_that_one_and_leaves_the_old_one(holder: Holder) -> None:
    old, there = holder.takes(TUESDAY), holder.takes(WEDNESDAY)

    again = holder.moves(old, WEDNESDAY)

    assert again is not None and (there.id, False) == (again.id, again.is_new)
    assert ["waiting", "waiting"] == [state for _, _, state, _ in holder.numbers()]
    assert ["taken", "taken"] == holder.events()


def test_a_number_that_was_called_is_not_moved(holder: Holder) -> None:
    old = holder.takes(MONDAY)
    with holder.database.transaction() as db:
        call_next(db, "gigi", MONDAY, facility=holder.facility, now=holder.now)

    assert holder.moves(old, WEDNESDAY) is None
    assert [(MONDAY, 1, "called", False)] == holder.numbers()


def test_moving_back_gives_the_new_place_up_at_once(holder: Holder) -> None:
    old = holder.takes(TUESDAY)
    new = holder.moves(old, WEDNESDAY)
    assert new is not None

    back = holder.moves_back(old, new)

    assert back is not None and (old.id, "B1") == (back.id, back.code)
    assert [(TUESDAY, 1, "waiting", False), (WEDNESDAY, 1, "cancelled", False)] == holder.numbers()
    assert (1, 0) == (holder.taken(TUESDAY), holder.taken(WEDNESDAY))


def test_moving_back_works_although_the_old_session_filled_up(holder: Holder) -> None:
    old = holder.takes(TUESDAY)
    new = holder.moves(old, WEDNESDAY)
    assert new is not None
    holder.fills(TUESDAY)

    assert holder.moves_back(old, new) is not None


def test_moving_back_into_a_closed_session_keeps_the_new_number(holder: Holder) -> None:
    old = holder.takes(TUESDAY)
    new = holder.moves(old, WEDNESDAY)
    assert new is not None
    holder.closes(TUESDAY)
    before = (holder.numbers(), holder.events(), holder.taken(WEDNESDAY))

    assert holder.moves_back(old, new) is None
    assert before == (holder.numbers(), holder.events(), holder.taken(WEDNESDAY))


def test_booking_again_at_once_gives_the_same_number(holder: Holder) -> None:
    first = holder.takes(TUESDAY)
    holder.cancels(first)
    holder.fills(TUESDAY)

    again = holder.takes(TUESDAY)

    assert (first.id, "B1", True) == (again.id, again.code, again.is_new)
    assert ["taken", "cancelled", "restored"] == holder.events()


def test_booking_again_after_the_time_gives_a_new_number(holder: Holder) -> None:
    first = holder.takes(TUESDAY)
    holder.cancels(first)
    holder.now += timedelta(minutes=holder.facility.queue.undo_minutes, seconds=1)

    assert "B2" == holder.takes(TUESDAY).code
    assert 1 == holder.taken(TUESDAY)


def test_booking_another_session_gives_a_new_number(holder: Holder) -> None:
    holder.cancels(holder.takes(WEDNESDAY))

    assert "B2" == holder.takes(WEDNESDAY, "siang").code


def test_a_number_given_back_at_the_counter_is_not_taken_back_by_chat(holder: Holder) -> None:
    with holder.database.transaction() as db:
        other = take_number(
            db,
            facility=holder.facility,
            poli="gigi",
            day=TUESDAY,
            session="pagi",
            person_id=holder.person,
            contact_id=None,
            via="counter",
            now=holder.now,
        )
    holder.cancels(other)

    assert "B2" == holder.takes(TUESDAY).code


def test_only_todays_skipped_numbers_of_ones_own_people_are_found(holder: Holder) -> None:
    mine = holder.takes(MONDAY)
    with holder.database.transaction() as db:
        call_next(db, "gigi", MONDAY, facility=holder.facility, now=holder.now)
        assert skip(db, mine.id, facility=holder.facility, now=holder.now)

    with holder.database.transaction() as db:
        found = skipped_of(db, holder.contact, facility=holder.facility, day=MONDAY)
        others = skipped_of(db, holder.contact + 1, facility=holder.facility, day=MONDAY)
        tomorrow = skipped_of(db, holder.contact, facility=holder.facility, day=TUESDAY)

    assert ([mine.id], [], []) == ([ticket.id for ticket in found], list(others), list(tomorrow))
