"""The queue: numbers per poli and day, given by the database and never twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from clinic.contacts import PersonLink
from clinic.database import rows_changed, wait_for_turn
from clinic.facility import Facility
from clinic.facility_queue import PRIORITIES
from clinic.people import standing_id
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
from clinic.queue_events import FROM_BPJS, note_event
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
from clinic.queue_ticket import Ticket, ticket_of
from clinic.queue_turns import entry_by_id, known_entry, line_order

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
    "skipped_of",
    "take_number",
    "ticket_of",
    "tickets_of",
]

MOST_OF_COMPLAINT = 400


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
    if priority is not None and priority not in PRIORITIES:
        raise ValueError(f"no such priority: {priority}")
    entry = QueueEntry(poli=poli, day=day, session=session, person_id=person_id, contact_id=contact_id, via=via)
    entry.arrived_at, entry.priority = (now if has_arrived else None), priority
    entry.complaint = complaint[:MOST_OF_COMPLAINT] if complaint else None
    wait_for_turn(db, QUEUE_LOCK)
    entry.person_id = standing_id(db, person_id)
    own = _own_places(db, entry)
    held = next((each for each in own if each.state in HOLDS_A_NUMBER), None)
    if held is not None:
        return ticket_of(db, facility, held)
    room = room_of(db, facility, poli, day, session, now=now)
    take_place(db, facility, entry, own=own, quota=None if beyond_quota else room.left, now=now)
    return _give(db, facility, entry, actor=actor or _actor_of(entry), now=now)


def tickets_of(db: Session, contact_id: int, *, facility: Facility, from_day: date) -> tuple[Ticket, ...]:
    """The live numbers of everybody this contact speaks for, the nearest first."""
    live = (QueueEntry.day >= from_day, QueueEntry.state.in_(HOLDS_A_NUMBER))
    return _tickets_spoken_for(db, contact_id, *live, facility=facility)


def skipped_of(db: Session, contact_id: int, *, facility: Facility, day: date) -> tuple[Ticket, ...]:
    """The numbers of that day that were called while nobody came, of everybody this contact speaks for."""
    gone_by = (QueueEntry.day == day, QueueEntry.state == "skipped")
    return _tickets_spoken_for(db, contact_id, *gone_by, facility=facility)


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
        give_back_place(db, entry)
    note_event(db, entry, "cancelled", facility=facility, actor=actor or _actor_of(entry), now=now)
    return ticket_of(db, facility, entry)


def restore_number(
    db: Session, entry_id: int, *, facility: Facility, now: datetime, actor: str | None = None
) -> Ticket | None:
    """Undo a cancel: the same number again. None when its place or its person's turn is taken meanwhile."""
    wait_for_turn(db, QUEUE_LOCK)
    entry = entry_by_id(db, entry_id)
    if entry is None or entry.state != "cancelled":
        return None
    if any(each.state in HOLDS_A_NUMBER for each in _own_places(db, entry)):
        return None
    try:
        room = room_of(db, facility, entry.poli, entry.day, entry.session, now=now)
        if entry.held_until is None:
            take_place(db, facility, entry, quota=room.left, now=now)
    except QueueRefused:
        return None
    entry.state, entry.cancelled_at, entry.held_until = "waiting", None, None
    note_event(db, entry, "restored", facility=facility, actor=actor or _actor_of(entry), now=now)
    return ticket_of(db, facility, entry)


def position(db: Session, ticket: Ticket, *, facility: Facility) -> Position:
    """Who is being served, and how many wait before this ticket."""
    return position_of(db, facility, poli=ticket.poli, day=ticket.day, entry_id=ticket.id)


def holder_of(db: Session, entry_id: int) -> int | None:
    """The person whose number this is or was."""
    return db.scalar(select(QueueEntry.person_id).where(QueueEntry.id == entry_id))


def _tickets_spoken_for(
    db: Session, contact_id: int, *wanted: ColumnElement[bool], facility: Facility
) -> tuple[Ticket, ...]:
    link = (PersonLink.contact_id == contact_id, PersonLink.unlinked_at.is_(None))
    rows = db.scalars(
        select(QueueEntry)
        .join(PersonLink, PersonLink.person_id == QueueEntry.person_id)
        .where(*link, *wanted)
        .order_by(QueueEntry.day, QueueEntry.id)
        .execution_options(populate_existing=True)
    )
    return tuple(ticket_of(db, facility, row) for row in rows)


def _give(db: Session, facility: Facility, entry: QueueEntry, *, actor: str, now: datetime) -> Ticket:
    """The number comes after the place: who is refused uses up neither."""
    entry.number = next_number(db, facility, entry)
    entry.rank = entry.number * RANK_STEP
    entry.state, entry.taken_at, entry.calls = "waiting", now, 0
    db.add(entry)
    db.flush()
    note_event(db, entry, "taken", facility=facility, actor=actor, now=now, reason=entry.priority)
    return replace(ticket_of(db, facility, entry), is_new=True)


def _own_places(db: Session, entry: QueueEntry) -> Sequence[QueueEntry]:
    """What that person has there as it is now: a live number, or cancelled ones whose places are kept aside."""
    same = (QueueEntry.poli == entry.poli, QueueEntry.day == entry.day, QueueEntry.person_id == entry.person_id)
    has_place = or_(QueueEntry.state.in_(HOLDS_A_NUMBER), QueueEntry.held_until.is_not(None))
    return db.scalars(select(QueueEntry).where(*same, has_place).execution_options(populate_existing=True)).all()


def _actor_of(entry: QueueEntry) -> str:
    """Whoever took it, if nobody else is named; never BPJS, which is told of what others do with its numbers."""
    if entry.contact_id is not None:
        return f"contact:{entry.contact_id}"
    return "unknown" if entry.via == FROM_BPJS else entry.via
