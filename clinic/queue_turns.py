"""Queue, turns: the waiting of one poli and day read from the rows, for the line's rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.facility import Facility
from clinic.queue_line import InLine, in_order
from clinic.queue_table import QueueEntry

LOOKED_BACK = 25
"""More calls than any mixing rule counts."""


def waiting_of(db: Session, facility: Facility, poli: str, day: date) -> tuple[InLine, ...]:
    """Everybody who waits in that poli on that day, in no order."""
    turns = turns_of(facility, poli, day)
    rows = db.execute(
        select(
            QueueEntry.id,
            QueueEntry.number,
            QueueEntry.session,
            QueueEntry.rank,
            QueueEntry.priority,
            QueueEntry.arrived_at,
        ).where(QueueEntry.poli == poli, QueueEntry.day == day, QueueEntry.state == "waiting")
    )
    return tuple(in_line(row, turns) for row in rows)


def since_priority(db: Session, poli: str, day: date) -> int:
    """How many regular numbers were called since the last one with priority (an emergency does not count)."""
    called = db.scalars(
        select(QueueEntry.priority)
        .where(QueueEntry.poli == poli, QueueEntry.day == day, QueueEntry.called_at.is_not(None))
        .order_by(QueueEntry.called_at.desc(), QueueEntry.id.desc())
        .limit(LOOKED_BACK)
    )
    regular = 0
    for priority in called:
        if priority is None:
            regular += 1
        elif priority != "gawat":
            break
    return regular


def turns_of(facility: Facility, poli: str, day: date) -> dict[str, int]:
    """Session -> its place in the day: an afternoon's number waits for the afternoon, however early it was taken."""
    opens = sorted({session.opens for session in facility.sessions_on(poli, day)})
    return {session.name: opens.index(session.opens) for session in facility.sessions_on(poli, day)}


def in_line(row: Any, turns: Mapping[str, int]) -> InLine:
    """A row of the queue as the line's rule sees it."""
    return InLine(
        id=row.id,
        number=row.number,
        turn=turns.get(row.session, len(turns)),
        rank=row.rank,
        priority=row.priority,
        is_present=row.arrived_at is not None,
    )


def in_line_of(entry: QueueEntry, facility: Facility) -> InLine:
    """A row as the line's rule sees it."""
    return in_line(entry, turns_of(facility, entry.poli, entry.day))


def line_order(db: Session, facility: Facility, poli: str, day: date) -> tuple[int, ...]:
    """The ids of the waiting in the order in which they are called if all of them come."""
    waiting = waiting_of(db, facility, poli, day)
    since = since_priority(db, poli, day)
    return tuple(each.id for each in in_order(waiting, since_priority=since, rules=facility.queue))


def entry_by_id(db: Session, entry_id: int) -> QueueEntry | None:
    """The row as it is now, whatever this session read before."""
    found = select(QueueEntry).where(QueueEntry.id == entry_id)
    return db.scalars(found, execution_options={"populate_existing": True}).first()


def known_entry(db: Session, entry_id: int) -> QueueEntry:
    """The row as it is now; raises LookupError when there is none."""
    entry = entry_by_id(db, entry_id)
    if entry is None:
        raise LookupError(entry_id)
    return entry


def code_of(facility: Facility, poli: str, number: int) -> str:
    """A number as people see it: the poli's letter and the count."""
    found = facility.poli(poli)
    return f"{found.letter if found is not None else '?'}{number}"
