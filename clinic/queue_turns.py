"""Queue, turns: the waiting of one poli and day read from the rows, for the line's rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import takewhile
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from clinic.facility import Facility
from clinic.facility_queue import AT_ONCE
from clinic.queue_line import InLine, in_order
from clinic.queue_table import QueueEntry, QueueEvent

LOOKED_BACK = 25
"""More calls than any mixing rule counts."""


def waiting_of(db: Session, facility: Facility, poli: str, day: date) -> tuple[InLine, ...]:
    """Everybody who waits in that poli on that day, in no order."""
    turns = turns_of(facility, poli, day)
    is_present = QueueEntry.arrived_at.is_not(None)
    there = (QueueEntry.poli == poli, QueueEntry.day == day, QueueEntry.state == "waiting")
    columns = (QueueEntry.id, QueueEntry.number, QueueEntry.session, QueueEntry.rank, QueueEntry.priority, is_present)
    return tuple(
        InLine(id_, number, turns.get(session, len(turns)), rank, priority, here)
        for id_, number, session, rank, priority, here in db.execute(select(*columns).where(*there))
    )


def since_priority(db: Session, poli: str, day: date) -> int:
    """How many regular numbers were called since the last one with priority (an emergency does not count)."""
    calls = (QueueEvent.day == day, QueueEvent.kind == "called", QueueEvent.poli == poli)
    counts = or_(QueueEvent.reason.is_(None), QueueEvent.reason != AT_ONCE)
    newest = select(QueueEvent.reason).where(*calls, counts).order_by(QueueEvent.id.desc()).limit(LOOKED_BACK)
    return sum(1 for _ in takewhile(lambda priority: priority is None, db.scalars(newest).all()))


def turns_of(facility: Facility, poli: str, day: date) -> dict[str, int]:
    """Session -> its place in the day: an afternoon's number waits for the afternoon, however early it was taken."""
    sessions = facility.sessions_on(poli, day)
    opens = sorted({session.opens for session in sessions})
    return {session.name: opens.index(session.opens) for session in sessions}


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
