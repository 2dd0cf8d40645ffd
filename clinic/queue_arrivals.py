"""Arrivals: who told the counter that they are there, who came late, and who has priority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic.database import rows_changed, wait_for_turn
from clinic.facility import Facility
from clinic.facility_queue import PRIORITIES
from clinic.queue_events import note_event
from clinic.queue_line import InLine, rank_behind
from clinic.queue_table import QUEUE_LOCK, QueueEntry
from clinic.queue_turns import code_of, entry_by_id, in_line_of, known_entry, line_order, waiting_of


@dataclass(frozen=True)
class CheckedIn:
    """Somebody who is there now; late when their turn had passed, and then called after so many."""

    id: int
    code: str
    is_late: bool
    behind: int


def check_in(db: Session, entry_id: int, *, facility: Facility, now: datetime, actor: str) -> CheckedIn | None:
    """The person is there. Who was skipped, or whose turn has passed, waits behind the next few; None: no such wait."""
    wait_for_turn(db, QUEUE_LOCK)
    entry = entry_by_id(db, entry_id)
    if entry is None or entry.state not in ("waiting", "skipped"):
        return None
    was_skipped = entry.state == "skipped"
    waiting = waiting_of(db, facility, entry.poli, entry.day)
    mine = in_line_of(entry, facility)
    is_late = was_skipped or (entry.arrived_at is None and _has_passed(db, mine, facility, entry))
    entry.arrived_at = entry.arrived_at or now
    if was_skipped:
        entry.state, entry.room, entry.done_at = "waiting", None, None
    if is_late:
        entry.rank = rank_behind(waiting, mine, rules=facility.queue)
    db.flush()
    kind = "back" if was_skipped else "arrived"
    note_event(db, entry, kind, facility=facility, actor=actor, now=now, reason="late" if is_late else None)
    behind = _before(db, facility, entry)
    return CheckedIn(id=entry.id, code=code_of(facility, entry.poli, entry.number), is_late=is_late, behind=behind)


def set_priority(
    db: Session, entry_id: int, priority: str | None, *, facility: Facility, now: datetime, actor: str
) -> bool:
    """Give a waiting number priority for this reason, or take it away; False when it does not wait."""
    if priority is not None and priority not in PRIORITIES:
        raise ValueError(f"no such priority: {priority}")
    waits = (QueueEntry.id == entry_id, QueueEntry.state == "waiting")
    if not rows_changed(db, update(QueueEntry).where(*waits).values(priority=priority)):
        return False
    note_event(db, known_entry(db, entry_id), "priority", facility=facility, actor=actor, now=now, reason=priority)
    return True


def _has_passed(db: Session, mine: InLine, facility: Facility, entry: QueueEntry) -> bool:
    """Whether somebody of this session who stood behind was called already, without having priority."""
    behind = select(QueueEntry.id).where(
        QueueEntry.poli == entry.poli,
        QueueEntry.day == entry.day,
        QueueEntry.session == entry.session,
        QueueEntry.called_at.is_not(None),
        QueueEntry.priority.is_(None),
        QueueEntry.rank > mine.rank,
    )
    return facility.queue.check_in and db.scalar(behind.limit(1)) is not None


def _before(db: Session, facility: Facility, entry: QueueEntry) -> int:
    order = line_order(db, facility, entry.poli, entry.day)
    return order.index(entry.id) if entry.id in order else 0
