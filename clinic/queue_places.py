"""Places: how many each session has, how many are taken or kept aside, and the running count of a poli's day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from clinic.database import insert_into, rows_changed
from clinic.facility import Facility
from clinic.queue_sessions import open_sessions
from clinic.queue_table import PaperBlock, QueueCounter, QueueEntry, SessionCounter

AT_THE_COUNTER = "counter"


class QueueRefused(Exception):
    """No number: `reason` is closed, past, too_far, full or no_session."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class SessionRoom:
    """A session that still has places."""

    day: date
    session: str
    opens: time
    closes: time
    left: int


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
                room = room_of(db, facility, poli, day, each.name, now=now)
            except QueueRefused:
                continue
            left = room.left - _taken(db, facility, poli, day, each.name, now=now)
            if left > 0:
                found.append(replace(room, left=left))
        day += timedelta(days=1)
    return tuple(found[:limit])


def room_of(db: Session, facility: Facility, poli: str, day: date, session: str, *, now: datetime) -> SessionRoom:
    """The session as the facility's file has it, its whole quota in `left`; raises QueueRefused."""
    today = facility.today(now)
    if day < today:
        raise QueueRefused("past")
    if day > today + timedelta(days=facility.booking_days_ahead):
        raise QueueRefused("too_far")
    if not facility.is_open_on(day) or facility.closure_reason(day, poli=poli) is not None:
        raise QueueRefused("closed")
    if all(each.name != session for each in facility.sessions_on(poli, day)):
        raise QueueRefused("no_session")
    found = next((each for each in open_sessions(db, facility, poli, day) if each.name == session), None)
    if found is None:
        raise QueueRefused("closed")
    if day == today and now.astimezone(facility.zone).time() >= found.closes:
        raise QueueRefused("past")
    return SessionRoom(day=day, session=session, opens=found.opens, closes=found.closes, left=found.quota)


def take_place(
    db: Session,
    facility: Facility,
    entry: QueueEntry,
    *,
    own: Iterable[QueueEntry] = (),
    quota: int | None,
    now: datetime,
) -> None:
    """One place less for this number's session; raises QueueRefused. No quota: they are let in although it is full.

    A place that is kept aside there for the same person after a cancel (among `own`) is theirs first. The caller holds
    the queue's lock.
    """
    aside = next((each for each in own if each.state == "cancelled" and each.session == entry.session), None)
    if aside is not None:
        aside.held_until = None
        return
    if _take_if_free(db, entry, quota=quota):
        return
    key = {"poli": entry.poli, "day": entry.day, "session": entry.session}
    db.execute(insert_into(db, SessionCounter).values(**key, taken=0).on_conflict_do_nothing())
    if _take_if_free(db, entry, quota=quota):
        return
    if not (_free_old_holds(db, facility, entry, now=now) and _take_if_free(db, entry, quota=quota)):
        raise QueueRefused("full")


def _take_if_free(db: Session, entry: QueueEntry, *, quota: int | None) -> bool:
    free = () if quota is None else (SessionCounter.taken < quota,)
    place = (*_same_session(entry.poli, entry.day, entry.session), *free)
    return rows_changed(db, update(SessionCounter).where(*place).values(taken=SessionCounter.taken + 1)) > 0


def _free_old_holds(db: Session, facility: Facility, entry: QueueEntry, *, now: datetime) -> int:
    """The places of cancelled numbers that nobody took back in time are free; how many."""
    there = _cancelled(entry.poli, entry.day, entry.session)
    old = update(QueueEntry).where(*there, _is_over(facility, now)).values(held_until=None)
    freed = rows_changed(db, old)
    if freed:
        same = _same_session(entry.poli, entry.day, entry.session)
        rows_changed(db, update(SessionCounter).where(*same).values(taken=SessionCounter.taken - freed))
    return freed


def _is_over(facility: Facility, now: datetime) -> ColumnElement[bool]:
    """A hold that ended; one that ends later than any made now could was made before the clock was set back."""
    longest = now + timedelta(minutes=facility.queue.undo_minutes)
    return or_(QueueEntry.held_until <= now, QueueEntry.held_until > longest)


def next_number(db: Session, facility: Facility, entry: QueueEntry) -> int:
    """The next number for this entry: of the running count, or at the counter one that was kept for it.

    Where every third number is kept (`queue.counter_every`), whoever books by phone is given the others, and whoever
    stands at the counter the lowest kept one whose turn has not passed. The caller holds the queue's lock.
    """
    every = facility.queue.counter_every
    if not every:
        return _count_on(db, entry.poli, entry.day)
    if entry.via == AT_THE_COUNTER:
        return _kept_number(db, entry, every) or _count_on(db, entry.poli, entry.day)
    number = _count_on(db, entry.poli, entry.day)
    return number if number % every else _count_on(db, entry.poli, entry.day)


def _kept_number(db: Session, entry: QueueEntry, every: int) -> int | None:
    """The lowest number kept for the counter behind all that were called; None where none is left."""
    day = (QueueEntry.poli == entry.poli, QueueEntry.day == entry.day)
    last = db.scalar(
        select(QueueCounter.last_number).where(QueueCounter.poli == entry.poli, QueueCounter.day == entry.day)
    )
    called = (QueueEntry.session == entry.session, QueueEntry.called_at.is_not(None), QueueEntry.priority.is_(None))
    passed = db.scalar(select(func.max(QueueEntry.number)).where(*day, *called)) or 0
    kept = set(range(every, (last or 0) + 1, every)) - set(range(passed + 1))
    kept -= set(db.scalars(select(QueueEntry.number).where(*day, QueueEntry.number > passed)))
    blocks = (PaperBlock.poli == entry.poli, PaperBlock.day == entry.day)
    for block in db.scalars(select(PaperBlock).where(*blocks)):
        kept -= set(range(block.first_number, block.last_number + 1))
    return min(kept, default=None)


def _count_on(db: Session, poli: str, day: date) -> int:
    """The running count of that poli and day goes on by one; the row lock on it decides who comes next."""
    counter = insert_into(db, QueueCounter).values(poli=poli, day=day, last_number=1)
    raised = counter.on_conflict_do_update(
        index_elements=["poli", "day"], set_={"last_number": QueueCounter.last_number + 1}
    )
    return int(db.execute(raised.returning(QueueCounter.last_number)).scalar_one())


def give_back_place(db: Session, entry: QueueEntry) -> None:
    """The place of a number that is given up for good is free."""
    same = (*_same_session(entry.poli, entry.day, entry.session), SessionCounter.taken > 0)
    rows_changed(db, update(SessionCounter).where(*same).values(taken=SessionCounter.taken - 1))


def _taken(db: Session, facility: Facility, poli: str, day: date, session: str, *, now: datetime) -> int:
    """Places taken, without those of cancelled numbers that nobody can take back any more."""
    taken = db.scalar(select(SessionCounter.taken).where(*_same_session(poli, day, session))) or 0
    old = (*_cancelled(poli, day, session), _is_over(facility, now))
    return taken - (db.scalar(select(func.count(QueueEntry.id)).where(*old)) or 0)


def _cancelled(poli: str, day: date, session: str) -> tuple[ColumnElement[bool], ...]:
    return (
        QueueEntry.poli == poli,
        QueueEntry.day == day,
        QueueEntry.state == "cancelled",
        QueueEntry.session == session,
    )


def _same_session(poli: str, day: date, session: str) -> tuple[ColumnElement[bool], ...]:
    return SessionCounter.poli == poli, SessionCounter.day == day, SessionCounter.session == session
