"""The queue: numbers per poli and day, given by the database and never twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.contacts import PersonLink
from clinic.database import insert_into, rows_changed, wait_for_turn
from clinic.facility import Facility
from clinic.people import Person
from clinic.queue_day import (
    BoardRow,
    Called,
    Position,
    QueueRow,
    call_next,
    day_list,
    finish,
    now_serving,
    position_of,
    skip,
)
from clinic.queue_table import HOLDS_A_NUMBER, QueueCounter, QueueEntry, SessionCounter

__all__ = [
    "HOLDS_A_NUMBER",
    "BoardRow",
    "Called",
    "Position",
    "QueueCounter",
    "QueueEntry",
    "QueueRefused",
    "QueueRow",
    "SessionCounter",
    "SessionRoom",
    "Ticket",
    "call_next",
    "cancel_number",
    "day_list",
    "finish",
    "holder_of",
    "now_serving",
    "position",
    "restore_number",
    "rooms_with_space",
    "skip",
    "take_number",
    "ticket_of",
    "tickets_of",
]


# Who changes the day takes one place and gives another back; two who do so in opposite directions would wait forever.
QUEUE_LOCK = 7_223_002


class QueueRefused(Exception):
    """No number: `reason` is closed, past, too_far, full or no_session."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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


@dataclass(frozen=True)
class SessionRoom:
    """A session that still has places."""

    day: date
    session: str
    opens: time
    closes: time
    left: int


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
) -> Ticket:
    """Give the person the next number of this poli and day, or the one they hold; raises QueueRefused."""
    held = _held(db, poli=poli, day=day, person_id=person_id)
    if held is not None:
        return ticket_of(db, facility, held)
    room = _room(facility, poli, day, session, now=now)
    entry = QueueEntry(
        poli=poli,
        day=day,
        session=session,
        person_id=person_id,
        contact_id=contact_id,
        via=via,
        state="waiting",
        taken_at=now,
    )
    wait_for_turn(db, QUEUE_LOCK)
    try:
        with db.begin_nested():
            _take_place(db, poli, day, session, quota=room.left)
            entry.number = _next_number(db, poli, day)
            db.add(entry)
            db.flush()
    except (QueueRefused, IntegrityError):  # the same person may have been given the last place a moment ago
        held = _held(db, poli=poli, day=day, person_id=person_id)
        if held is None:
            raise
        return ticket_of(db, facility, held)
    return replace(ticket_of(db, facility, entry), is_new=True)


def rooms_with_space(
    db: Session, facility: Facility, poli: str, *, from_day: date, limit: int, now: datetime
) -> tuple[SessionRoom, ...]:
    """The next sessions of this poli that have places, from that day to as far as one may book."""
    found: list[SessionRoom] = []
    today = facility.today(now)
    day = max(from_day, today)
    while day <= today + timedelta(days=facility.booking_days_ahead) and len(found) < limit:
        for each in facility.sessions_on(poli, day):
            try:
                room = _room(facility, poli, day, each.name, now=now)
            except QueueRefused:
                continue
            left = room.left - _taken(db, poli, day, each.name)
            if left > 0:
                found.append(replace(room, left=left))
        day += timedelta(days=1)
    return tuple(found[:limit])


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


def cancel_number(db: Session, entry_id: int, *, facility: Facility, now: datetime) -> Ticket | None:
    """Give a number back that was not called yet; its place is free again. None when there is nothing to cancel."""
    wait_for_turn(db, QUEUE_LOCK)
    waiting = (QueueEntry.id == entry_id, QueueEntry.state == "waiting")
    if not rows_changed(db, update(QueueEntry).where(*waiting).values(state="cancelled", cancelled_at=now)):
        return None
    entry = _entry(db, entry_id)
    _give_back_place(db, entry)
    return ticket_of(db, facility, entry)


def restore_number(db: Session, entry_id: int, *, facility: Facility, now: datetime) -> Ticket | None:
    """Undo a cancel: the same number again. None when its place or its person's turn is taken meanwhile."""
    wait_for_turn(db, QUEUE_LOCK)
    entry = _entry(db, entry_id)
    if entry.state != "cancelled" or _held(db, poli=entry.poli, day=entry.day, person_id=entry.person_id) is not None:
        return None
    try:
        room = _room(facility, entry.poli, entry.day, entry.session, now=now)
        with db.begin_nested():
            _take_place(db, entry.poli, entry.day, entry.session, quota=room.left)
            gone = (QueueEntry.id == entry_id, QueueEntry.state == "cancelled")
            if not rows_changed(db, update(QueueEntry).where(*gone).values(state="waiting", cancelled_at=None)):
                raise QueueRefused("past")  # restored by somebody else meanwhile: the place goes back
    except (QueueRefused, IntegrityError):
        return None
    return ticket_of(db, facility, _entry(db, entry_id))


def position(db: Session, ticket: Ticket, *, facility: Facility) -> Position:
    """Who is being served, and how many wait before this ticket."""
    place = {"poli": ticket.poli, "session": ticket.session}
    return position_of(db, facility, **place, day=ticket.day, number=ticket.number)


def ticket_of(db: Session, facility: Facility, entry: QueueEntry) -> Ticket:
    """The entry as its holder sees it."""
    poli = facility.poli(entry.poli)
    sessions = poli.sessions if poli is not None else ()
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


def _room(facility: Facility, poli: str, day: date, session: str, *, now: datetime) -> SessionRoom:
    """The session as the facility's file has it, its whole quota in `left`; raises QueueRefused."""
    today = facility.today(now)
    if day < today:
        raise QueueRefused("past")
    if day > today + timedelta(days=facility.booking_days_ahead):
        raise QueueRefused("too_far")
    if not facility.is_open_on(day):
        raise QueueRefused("closed")
    found = next((each for each in facility.sessions_on(poli, day) if each.name == session), None)
    if found is None:
        raise QueueRefused("no_session")
    if day == today and now.astimezone(facility.zone).time() >= found.closes:
        raise QueueRefused("past")
    return SessionRoom(day=day, session=session, opens=found.opens, closes=found.closes, left=found.quota)


def _held(db: Session, *, poli: str, day: date, person_id: int) -> QueueEntry | None:
    same = (QueueEntry.poli == poli, QueueEntry.day == day, QueueEntry.person_id == person_id)
    return db.scalar(select(QueueEntry).where(*same, QueueEntry.state.in_(HOLDS_A_NUMBER)))


def _take_place(db: Session, poli: str, day: date, session: str, *, quota: int) -> None:
    """One place less; the row lock of this update decides who gets the last one."""
    key = {"poli": poli, "day": day, "session": session}
    db.execute(insert_into(db, SessionCounter).values(**key, taken=0).on_conflict_do_nothing())
    free = (*_same_session(poli, day, session), SessionCounter.taken < quota)
    if not rows_changed(db, update(SessionCounter).where(*free).values(taken=SessionCounter.taken + 1)):
        raise QueueRefused("full")


def _next_number(db: Session, poli: str, day: date) -> int:
    counter = insert_into(db, QueueCounter).values(poli=poli, day=day, last_number=1)
    raised = counter.on_conflict_do_update(
        index_elements=["poli", "day"], set_={"last_number": QueueCounter.last_number + 1}
    )
    return int(db.execute(raised.returning(QueueCounter.last_number)).scalar_one())


def _give_back_place(db: Session, entry: QueueEntry) -> None:
    same = (*_same_session(entry.poli, entry.day, entry.session), SessionCounter.taken > 0)
    rows_changed(db, update(SessionCounter).where(*same).values(taken=SessionCounter.taken - 1))


def _taken(db: Session, poli: str, day: date, session: str) -> int:
    return db.scalar(select(SessionCounter.taken).where(*_same_session(poli, day, session))) or 0


def _same_session(poli: str, day: date, session: str) -> tuple[Any, ...]:
    return SessionCounter.poli == poli, SessionCounter.day == day, SessionCounter.session == session


def _entry(db: Session, entry_id: int) -> QueueEntry:
    return db.scalars(
        select(QueueEntry).where(QueueEntry.id == entry_id), execution_options={"populate_existing": True}
    ).one()
