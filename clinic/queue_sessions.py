"""Queue, sessions: the sessions of a day as staff changed them: closed for once, or beginning late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session as Db

from clinic.database import rows_changed, wait_for_turn
from clinic.facility import Facility, Session
from clinic.queue_table import QUEUE_LOCK, SessionChange

CLOSED, LATE = "closed", "late"


@dataclass(frozen=True)
class ChangeView:
    """What staff changed about a session; `session` None is every session of that day."""

    id: int
    poli: str
    day: date
    session: str | None
    kind: str
    late_minutes: int
    reason: str
    created_at: datetime


def changes_on(db: Db, days: Iterable[date], *, poli: str | None = None) -> tuple[ChangeView, ...]:
    """What is changed on these days and was not undone, the oldest first."""
    there = (SessionChange.day.in_(tuple(days)), SessionChange.undone_at.is_(None))
    statement = select(SessionChange).where(*there).order_by(SessionChange.id)
    if poli is not None:
        statement = statement.where(SessionChange.poli == poli)
    return tuple(view_of_change(row) for row in db.scalars(statement))


def change_of(changes: Iterable[ChangeView], *, poli: str, day: date, session: str) -> ChangeView | None:
    """The newest change that concerns this session."""
    fits = [each for each in changes if each.poli == poli and each.day == day and each.session in (None, session)]
    return fits[-1] if fits else None


def open_sessions(db: Db, facility: Facility, poli: str, day: date) -> tuple[Session, ...]:
    """The sessions of that day that are not closed, by time."""
    sessions = facility.sessions_on(poli, day)
    if not sessions:
        return ()
    changes = changes_on(db, [day], poli=poli)
    return tuple(each for each in sessions if not is_closed(changes, poli=poli, day=day, session=each.name))


def is_closed(changes: Iterable[ChangeView], *, poli: str, day: date, session: str) -> bool:
    """Whether staff closed the session for that day."""
    change = change_of(changes, poli=poli, day=day, session=session)
    return change is not None and change.kind == CLOSED


def add_change(
    db: Db,
    *,
    poli: str,
    day: date,
    session: str | None,
    kind: str,
    late_minutes: int | None = None,
    reason: str,
    staff_id: int | None,
    now: datetime,
) -> int:
    """Close a session for a day, or say that it begins late; the id of the change.

    No number is being taken meanwhile: whoever is told of the change finds everyone concerned.
    """
    if kind not in (CLOSED, LATE) or (kind == LATE) != (late_minutes is not None):
        raise ValueError(f"no such change: {kind} {late_minutes}")
    wait_for_turn(db, QUEUE_LOCK)
    row = SessionChange(
        poli=poli,
        day=day,
        session=session,
        kind=kind,
        late_minutes=late_minutes,
        reason=reason[:200],
        staff_id=staff_id,
        created_at=now,
    )
    db.add(row)
    db.flush()
    return row.id


def undo_change(db: Db, change_id: int, *, now: datetime) -> bool:
    """The session is as the file says again; False when the change was undone already."""
    there = (SessionChange.id == change_id, SessionChange.undone_at.is_(None))
    return rows_changed(db, update(SessionChange).where(*there).values(undone_at=now)) > 0


def view_of_change(row: SessionChange) -> ChangeView:
    """A change as others see it."""
    return ChangeView(
        id=row.id,
        poli=row.poli,
        day=row.day,
        session=row.session,
        kind=row.kind,
        late_minutes=row.late_minutes or 0,
        reason=row.reason,
        created_at=row.created_at,
    )
