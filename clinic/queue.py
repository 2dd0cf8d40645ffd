"""The queue: numbers per poli and day, given by the database and never twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.contacts import PersonLink
from clinic.database import rows_changed, wait_for_turn
from clinic.facility import Facility
from clinic.people import Person
from clinic.queue_arrivals import CheckedIn, check_in, set_priority
from clinic.queue_board import BoardRow, RoomNow, now_serving
from clinic.queue_day import (
    Called,
    Position,
    RoomBusy,
    begin,
    call_again,
    call_next,
    call_number,
    finish,
    position_of,
    skip,
)
from clinic.queue_events import note_event
from clinic.queue_list import QueueRow, day_list
from clinic.queue_places import (
    QueueRefused,
    SessionRoom,
    give_back_place,
    next_number,
    room_of,
    rooms_with_space,
    take_place,
)
from clinic.queue_table import (
    HOLDS_A_NUMBER,
    QUEUE_LOCK,
    RANK_STEP,
    QueueCounter,
    QueueEntry,
    SessionCounter,
)
from clinic.queue_turns import known_entry, line_order

__all__ = [
    "HOLDS_A_NUMBER",
    "BoardRow",
    "Called",
    "CheckedIn",
    "Position",
    "QueueCounter",
    "QueueEntry",
    "QueueRefused",
    "QueueRow",
    "RoomBusy",
    "RoomNow",
    "SessionCounter",
    "SessionRoom",
    "Ticket",
    "begin",
    "call_again",
    "call_next",
    "call_number",
    "cancel_number",
    "check_in",
    "day_list",
    "finish",
    "holder_of",
    "line_order",
    "now_serving",
    "position",
    "restore_number",
    "rooms_with_space",
    "set_priority",
    "skip",
    "take_number",
    "ticket_of",
    "tickets_of",
]


@dataclass(frozen=True)
class Ticket:
    """A number as its holder sees it; `is_new` is False when it was held already."""

    id: int
    code: str
    number: int
    poli: str
    poli_name: str
    day: date
    session: str
    opens: time
    closes: time
    person_id: int
    person_name: str
    state: str
    is_new: bool = False


def take_number(
    db: Session,
    *,
    facility: Facility,
    poli: str,
    day: date,
    session: str,
    person_id: int,
    contact_id: int | None,
    via: str,
    now: datetime,
    actor: str | None = None,
    beyond_quota: bool = False,
    has_arrived: bool = False,
    priority: str | None = None,
    complaint: str | None = None,
) -> Ticket:
    """Give the person the next number of this poli and day, or the one they hold; raises QueueRefused.

    `beyond_quota` is for the counter, where somebody stands in front of staff who let them in although it is full.
    """
    held = _held(db, poli=poli, day=day, person_id=person_id)
    if held is not None:
        return ticket_of(db, facility, held)
    room = room_of(db, facility, poli, day, session, now=now)
    entry = QueueEntry(
        poli=poli,
        day=day,
        session=session,
        person_id=person_id,
        contact_id=contact_id,
        via=via,
        state="waiting",
        taken_at=now,
        arrived_at=now if has_arrived else None,
        priority=priority,
        complaint=complaint[:400] if complaint else None,
        calls=0,
    )
    actor = actor or (f"contact:{contact_id}" if contact_id is not None else via)
    wait_for_turn(db, QUEUE_LOCK)
    try:
        with db.begin_nested():
            take_place(db, poli, day, session, quota=None if beyond_quota else room.left, now=now)
            entry.number = next_number(db, poli, day)
            entry.rank = entry.number * RANK_STEP
            db.add(entry)
            db.flush()
    except (QueueRefused, IntegrityError):  # the same person may have been given the last place a moment ago
        held = _held(db, poli=poli, day=day, person_id=person_id)
        if held is None:
            raise
        return ticket_of(db, facility, held)
    note_event(db, entry, "taken", facility=facility, actor=actor, now=now)
    return replace(ticket_of(db, facility, entry), is_new=True)


def tickets_of(db: Session, contact_id: int, *, facility: Facility, from_day: date) -> tuple[Ticket, ...]:
    """The live numbers of everybody this contact speaks for, the nearest first."""
    rows = db.scalars(
        select(QueueEntry)
        .join(PersonLink, PersonLink.person_id == QueueEntry.person_id)
        .where(
            PersonLink.contact_id == contact_id,
            PersonLink.unlinked_at.is_(None),
            QueueEntry.day >= from_day,
            QueueEntry.state.in_(HOLDS_A_NUMBER),
        )
        .order_by(QueueEntry.day, QueueEntry.taken_at, QueueEntry.id)
    )
    return tuple(ticket_of(db, facility, row) for row in rows)


def cancel_number(
    db: Session, entry_id: int, *, facility: Facility, now: datetime, actor: str | None = None, keep: bool = True
) -> Ticket | None:
    """Give a number back that was not called yet. None when there is nothing to cancel.

    The number and its place are kept aside for `queue.undo_minutes`, so that SALAH brings them back, then the place is
    free again; not `keep`: it is free at once.
    """
    wait_for_turn(db, QUEUE_LOCK)
    waiting = (QueueEntry.id == entry_id, QueueEntry.state == "waiting")
    until = now + timedelta(minutes=facility.queue.undo_minutes) if keep else None
    given_back = {"state": "cancelled", "cancelled_at": now, "held_until": until}
    if not rows_changed(db, update(QueueEntry).where(*waiting).values(given_back)):
        return None
    entry = known_entry(db, entry_id)
    if not keep:
        give_back_place(db, entry.poli, entry.day, entry.session)
    note_event(db, entry, "cancelled", facility=facility, actor=actor or _actor_of(entry), now=now)
    return ticket_of(db, facility, entry)


def restore_number(
    db: Session, entry_id: int, *, facility: Facility, now: datetime, actor: str | None = None
) -> Ticket | None:
    """Undo a cancel: the same number again. None when its place or its person's turn is taken meanwhile."""
    wait_for_turn(db, QUEUE_LOCK)
    entry = known_entry(db, entry_id)
    if entry.state != "cancelled" or _held(db, poli=entry.poli, day=entry.day, person_id=entry.person_id) is not None:
        return None
    try:
        room = room_of(db, facility, entry.poli, entry.day, entry.session, now=now)
        with db.begin_nested():
            if entry.held_until is None or entry.held_until <= now:
                take_place(db, entry.poli, entry.day, entry.session, quota=room.left, now=now)
            gone = (QueueEntry.id == entry_id, QueueEntry.state == "cancelled")
            again = {"state": "waiting", "cancelled_at": None, "held_until": None}
            if not rows_changed(db, update(QueueEntry).where(*gone).values(again)):
                raise QueueRefused("past")  # restored by somebody else meanwhile: the place goes back
    except (QueueRefused, IntegrityError):
        return None
    entry = known_entry(db, entry_id)
    note_event(db, entry, "restored", facility=facility, actor=actor or _actor_of(entry), now=now)
    return ticket_of(db, facility, entry)


def position(db: Session, ticket: Ticket, *, facility: Facility) -> Position:
    """Who is being served, and how many wait before this ticket."""
    return position_of(db, facility, poli=ticket.poli, day=ticket.day, entry_id=ticket.id)


def ticket_of(db: Session, facility: Facility, entry: QueueEntry) -> Ticket:
    """The entry as its holder sees it."""
    poli = facility.poli(entry.poli)
    sessions = facility.sessions_on(entry.poli, entry.day) or (poli.sessions if poli is not None else ())
    session = next((each for each in sessions if each.name == entry.session), None)
    return Ticket(
        id=entry.id,
        code=f"{poli.letter if poli is not None else '?'}{entry.number}",
        number=entry.number,
        poli=entry.poli,
        poli_name=poli.name if poli is not None else entry.poli,
        day=entry.day,
        session=entry.session,
        opens=session.opens if session is not None else time(8),
        closes=session.closes if session is not None else time(12),
        person_id=entry.person_id,
        person_name=db.scalar(select(Person.name).where(Person.id == entry.person_id)) or "",
        state=entry.state,
    )


def holder_of(db: Session, entry_id: int) -> int | None:
    """The person whose number this is or was."""
    return db.scalar(select(QueueEntry.person_id).where(QueueEntry.id == entry_id))


def _held(db: Session, *, poli: str, day: date, person_id: int) -> QueueEntry | None:
    same = (QueueEntry.poli == poli, QueueEntry.day == day, QueueEntry.person_id == person_id)
    return db.scalar(select(QueueEntry).where(*same, QueueEntry.state.in_(HOLDS_A_NUMBER)))


def _actor_of(entry: QueueEntry) -> str:
    return f"contact:{entry.contact_id}" if entry.contact_id is not None else entry.via
