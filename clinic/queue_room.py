"""Queue, room: what the people at one door see of the day: who is called, who is there, who is still to come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.facility import Facility
from clinic.facility_queue import Priority, Room
from clinic.people import Person
from clinic.queue import Ticket, ticket_of
from clinic.queue_day import waiting_for_room
from clinic.queue_events import Jump, jumps_on
from clinic.queue_line import InLine, in_order, who_is_next
from clinic.queue_list import QueueRow, day_list
from clinic.queue_table import BEING_SERVED
from clinic.queue_turns import entry_by_id, since_priority, waiting_of

OLD_FROM = 60
"""Years; posyandu lansia is for people of 60 and more."""
SMALL_UNTIL = 5
"""Years; a balita has not had its fifth birthday."""
JUMPS_SHOWN = 50


@dataclass(frozen=True)
class RoomDay:
    """One room's day. Who waits stands in the order of calling; `next_id` is whom "next" would call now."""

    room: Room
    day: date
    next_id: int | None
    called: tuple[QueueRow, ...]
    """Called into this room and neither served nor skipped: one, unless the file of rooms was changed meanwhile."""
    elsewhere: tuple[QueueRow, ...]
    """Called into another room of the poli."""
    present: tuple[QueueRow, ...]
    absent: tuple[QueueRow, ...]
    for_others: tuple[QueueRow, ...]
    """Waiting for another room's doctor."""
    skipped: tuple[QueueRow, ...]
    done: tuple[QueueRow, ...]
    cancelled: tuple[QueueRow, ...]
    jumps: tuple[Jump, ...]
    suggested: dict[int, Priority] = field(default_factory=dict)
    """Number's id -> the priority that the birth date speaks for, where none was given."""

    @property
    def next_row(self) -> QueueRow | None:
        """Whom "next" would call."""
        return next((row for row in (*self.present, *self.absent) if row.id == self.next_id), None)


@dataclass(frozen=True)
class GivenNumber:
    """A number as it is handed out at the counter, and what may still be said about it."""

    ticket: Ticket
    before: int
    """How many of those who are there come first."""
    has_arrived: bool
    priority: str | None
    suggested: Priority | None


def given_number(db: Session, facility: Facility, entry_id: int) -> GivenNumber | None:
    """The number to hand out; None when there is none."""
    entry = entry_by_id(db, entry_id)
    if entry is None:
        return None
    whose = select(Person.birth_date, Person.is_birth_date_exact).where(Person.id == entry.person_id)
    born = db.execute(whose).one()
    return GivenNumber(
        ticket=ticket_of(db, facility, entry),
        before=present_before(db, facility, entry.poli, entry.day, entry.id),
        has_arrived=entry.arrived_at is not None,
        priority=entry.priority,
        suggested=None if entry.priority else suggest_priority(born[0], day=entry.day, is_exact=born[1]),
    )


def present_before(db: Session, facility: Facility, poli: str, day: date, entry_id: int) -> int:
    """How many who are there are called before this number; all who wait, where nobody says that they are there."""
    waiting = waiting_of(db, facility, poli, day)
    there = [each for each in waiting if each.is_present or not facility.queue.check_in or each.id == entry_id]
    order = in_order(there, since_priority=since_priority(db, poli, day), rules=facility.queue)
    return next((place for place, each in enumerate(order) if each.id == entry_id), 0)


def suggest_priority(born: date | None, *, day: date, is_exact: bool = True) -> Priority | None:
    """The priority that an age speaks for; staff say whether it is so."""
    if born is None:
        return None
    age = age_on(born, day, is_exact=is_exact)
    if age >= OLD_FROM:
        return "lansia"
    return "balita" if 0 <= age < SMALL_UNTIL else None


def age_on(born: date, day: date, *, is_exact: bool = True) -> int:
    """Whole years on that day; where only an age was said, the years since then."""
    before_birthday = is_exact and (day.month, day.day) < (born.month, born.day)
    return day.year - born.year - before_birthday


def room_day(db: Session, facility: Facility, room: Room, day: date) -> RoomDay:
    """What this room's people work with."""
    rows = {row.id: row for row in day_list(db, day, facility=facility, poli=room.poli)}
    waiting = waiting_for_room(db, facility, room, day)
    since = since_priority(db, room.poli, day)
    first = who_is_next(waiting, since_priority=since, rules=facility.queue)
    there = [each for each in waiting if each.is_present or not facility.queue.check_in]
    mine = {each.id for each in waiting}

    def by_turn(some: Iterable[InLine]) -> tuple[QueueRow, ...]:
        order = in_order(tuple(some), since_priority=since, rules=facility.queue)
        return tuple(rows[each.id] for each in order if each.id in rows)

    def in_state(*states: str) -> tuple[QueueRow, ...]:
        return tuple(row for row in rows.values() if row.state in states)

    busy = in_state(*BEING_SERVED)
    closed = tuple(sorted(in_state("done"), key=lambda row: row.done_at or row.taken_at, reverse=True))
    missed = tuple(sorted(in_state("skipped"), key=lambda row: row.done_at or row.taken_at, reverse=True))
    return RoomDay(
        room=room,
        day=day,
        next_id=first.id if first is not None else None,
        called=tuple(row for row in busy if row.room in (None, room.id)),
        elsewhere=tuple(row for row in busy if row.room not in (None, room.id)),
        present=by_turn(there),
        absent=by_turn(each for each in waiting if each not in there),
        for_others=tuple(row for row in in_state("waiting") if row.id not in mine),
        skipped=missed,
        done=closed,
        cancelled=in_state("cancelled"),
        jumps=jumps_on(db, day, poli=room.poli, limit=JUMPS_SHOWN),
        suggested=_suggestions(db, in_state("waiting"), day),
    )


def _suggestions(db: Session, rows: Iterable[QueueRow], day: date) -> dict[int, Priority]:
    without = {row.person_id: row.id for row in rows if row.priority is None}
    there = (Person.id.in_(without), Person.birth_date.is_not(None))
    born = db.execute(select(Person.id, Person.birth_date, Person.is_birth_date_exact).where(*there))
    found = ((without[whose], suggest_priority(on, day=day, is_exact=exact)) for whose, on, exact in born)
    return {entry_id: priority for entry_id, priority in found if priority is not None}
