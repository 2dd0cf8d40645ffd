"""Places: how many each session has, how many are taken or kept aside, and the running count of a poli's day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from clinic.database import insert_into, rows_changed
from clinic.facility import Facility
from clinic.queue_sessions import open_sessions
from clinic.queue_table import QueueCounter, QueueEntry, SessionCounter


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
            left = room.left - _taken(db, poli, day, each.name, now=now)
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
    if not facility.is_open_on(day):
        raise QueueRefused("closed")
    if all(each.name != session for each in facility.sessions_on(poli, day)):
        raise QueueRefused("no_session")
    found = next((each for each in open_sessions(db, facility, poli, day) if each.name == session), None)
    if found is None:
        raise QueueRefused("closed")
    if day == today and now.astimezone(facility.zone).time() >= found.closes:
        raise QueueRefused("past")
    return SessionRoom(day=day, session=session, opens=found.opens, closes=found.closes, left=found.quota)


def take_place(db: Session, poli: str, day: date, session: str, *, quota: int | None, now: datetime) -> None:
    """One place less; the row lock of this update decides who gets the last one."""
    key = {"poli": poli, "day": day, "session": session}
    db.execute(insert_into(db, SessionCounter).values(**key, taken=0).on_conflict_do_nothing())
    if _take_if_free(db, poli, day, session, quota=quota):
        return
    if not (_free_old_holds(db, poli, day, session, now=now) and _take_if_free(db, poli, day, session, quota=quota)):
        raise QueueRefused("full")


def _take_if_free(db: Session, poli: str, day: date, session: str, *, quota: int | None) -> bool:
    free = () if quota is None else (SessionCounter.taken < quota,)
    place = (*_same_session(poli, day, session), *free)
    return rows_changed(db, update(SessionCounter).where(*place).values(taken=SessionCounter.taken + 1)) > 0


def _free_old_holds(db: Session, poli: str, day: date, session: str, *, now: datetime) -> int:
    """The places of cancelled numbers that nobody took back in time are free; how many."""
    old = (*_cancelled(poli, day, session), QueueEntry.held_until <= now)
    freed = rows_changed(db, update(QueueEntry).where(*old).values(held_until=None))
    if freed:
        same = _same_session(poli, day, session)
        rows_changed(db, update(SessionCounter).where(*same).values(taken=SessionCounter.taken - freed))
    return freed


def next_number(db: Session, poli: str, day: date) -> int:
    counter = insert_into(db, QueueCounter).values(poli=poli, day=day, last_number=1)
    raised = counter.on_conflict_do_update(
        index_elements=["poli", "day"], set_={"last_number": QueueCounter.last_number + 1}
    )
    return int(db.execute(raised.returning(QueueCounter.last_number)).scalar_one())


def give_back_place(db: Session, poli: str, day: date, session: str) -> None:
    same = (*_same_session(poli, day, session), SessionCounter.taken > 0)
    rows_changed(db, update(SessionCounter).where(*same).values(taken=SessionCounter.taken - 1))


def _taken(db: Session, poli: str, day: date, session: str, *, now: datetime) -> int:
    """Places taken, without those of cancelled numbers that nobody can take back any more."""
    taken = db.scalar(select(SessionCounter.taken).where(*_same_session(poli, day, session))) or 0
    old = (*_cancelled(poli, day, session), QueueEntry.held_until <= now)
    return taken - (db.scalar(select(func.count(QueueEntry.id)).where(*old)) or 0)


def _cancelled(poli: str, day: date, session: str) -> tuple[Any, ...]:
    return (
        QueueEntry.poli == poli,
        QueueEntry.day == day,
        QueueEntry.state == "cancelled",
        QueueEntry.session == session,
    )


def _same_session(poli: str, day: date, session: str) -> tuple[Any, ...]:
    return SessionCounter.poli == poli, SessionCounter.day == day, SessionCounter.session == session
