"""Board, news: whether anything that the board shows has changed, and which numbers were called a moment ago."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.queue_table import QueueEntry, QueueEvent, SessionChange

CALLS = ("called", "recalled")


@dataclass(frozen=True)
class RoomCall:
    """One call, to be said once; `id` is the event's."""

    id: int
    poli: str
    number: int
    room: str | None
    at: datetime


def board_version(db: Session, days: Iterable[date]) -> str:
    """Another text whenever a number of these days or one of their sessions changed.

    Everything that happens to a number is an event in the same transaction; counting them also notices one that was
    committed after an event with a higher id.
    """
    shown = tuple(days)
    events = select(func.count(QueueEvent.id), func.max(QueueEvent.id)).where(QueueEvent.day.in_(shown))
    changes = select(func.count(SessionChange.id), func.count(SessionChange.undone_at)).where(
        SessionChange.day.in_(shown)
    )
    return "-".join(str(value or 0) for statement in (events, changes) for value in db.execute(statement).one())


def calls_since(db: Session, day: date, *, since: datetime) -> tuple[RoomCall, ...]:
    """What was called and called again since then, the oldest first; not what was called on paper and typed in now."""
    rows = db.execute(
        select(QueueEvent.id, QueueEvent.poli, QueueEvent.at, QueueEntry.number, QueueEntry.room)
        .join(QueueEntry, QueueEntry.id == QueueEvent.entry_id)
        .where(
            QueueEvent.day == day,
            QueueEvent.kind.in_(CALLS),
            QueueEvent.at >= since,
            QueueEntry.calls > 0,
        )
        .order_by(QueueEvent.id)
    )
    return tuple(RoomCall(row.id, row.poli, row.number, row.room, row.at) for row in rows)
