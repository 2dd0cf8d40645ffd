"""Arrivals: who told the counter that they are there, who came late, and who has priority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from clinic.database import wait_for_turn
from clinic.facility import Facility
from clinic.facility_queue import PRIORITIES
from clinic.queue_events import note_event
from clinic.queue_line import rank_behind
from clinic.queue_table import HOLDS_A_NUMBER, QUEUE_LOCK, QueueEntry, QueueEvent
from clinic.queue_turns import code_of, entry_by_id, in_line_of, line_order, waiting_of


@dataclass(frozen=True)
class CheckedIn:
    """Somebody who is there now; late when their turn had passed, and then called after so many."""

    id: int
    code: str
    is_late: bool
    behind: int


def check_in(db: Session, entry_id: int, *, facility: Facility, now: datetime, actor: str) -> CheckedIn | None:
    """The person is there. Who was skipped, or whose turn has passed, waits behind the next few.

    None when there is nothing to wait for, or when who was skipped has taken another number meanwhile. A second time
    changes nothing.
    """
    wait_for_turn(db, QUEUE_LOCK)
    entry = entry_by_id(db, entry_id)
    if entry is None or entry.state not in ("waiting", "skipped") or _has_another(db, entry):
        return None
    was_skipped = entry.state == "skipped"
    is_late = was_skipped or (entry.arrived_at is None and facility.queue.check_in and _has_passed(db, entry))
    if was_skipped or entry.arrived_at is None:
        _let_in(db, entry, facility=facility, now=now, is_late=is_late)
        kind, reason = ("back" if was_skipped else "arrived"), ("late" if is_late else None)
        note_event(db, entry, kind, facility=facility, actor=actor, now=now, reason=reason)
    order = line_order(db, facility, entry.poli, entry.day)
    code = code_of(facility, entry.poli, entry.number)
    return CheckedIn(id=entry.id, code=code, is_late=is_late, behind=order.index(entry.id))


def set_priority(
    db: Session, entry_id: int, priority: str | None, *, facility: Facility, now: datetime, actor: str
) -> bool:
    """Give a waiting number priority for this reason, or take it away; False when it does not wait."""
    if priority is not None and priority not in PRIORITIES:
        raise ValueError(f"no such priority: {priority}")
    wait_for_turn(db, QUEUE_LOCK)
    entry = entry_by_id(db, entry_id)
    if entry is None or entry.state != "waiting":
        return False
    if entry.priority != priority:
        entry.priority = priority
        note_event(db, entry, "priority", facility=facility, actor=actor, now=now, reason=priority)
    return True


def _let_in(db: Session, entry: QueueEntry, *, facility: Facility, now: datetime, is_late: bool) -> None:
    if is_late:
        waiting = waiting_of(db, facility, entry.poli, entry.day)
        entry.rank = rank_behind(waiting, in_line_of(entry, facility), rules=facility.queue)
    entry.arrived_at = entry.arrived_at or now
    entry.state, entry.room, entry.done_at = "waiting", None, None


def _has_another(db: Session, entry: QueueEntry) -> bool:
    """Whether the person of this number holds another one there, taken since."""
    same = (QueueEntry.poli == entry.poli, QueueEntry.day == entry.day, QueueEntry.person_id == entry.person_id)
    live = select(QueueEntry.id).where(*same, QueueEntry.state.in_(HOLDS_A_NUMBER), QueueEntry.id != entry.id)
    return db.scalar(live.limit(1)) is not None


def _has_passed(db: Session, entry: QueueEntry) -> bool:
    """Whether more people from behind were called in this session than people before still wait.

    Whoever sits there early may be called into an empty room; that alone makes nobody late who comes as told. Who was
    called with priority, or by hand before others, does not count either.
    """
    same = (QueueEntry.poli == entry.poli, QueueEntry.day == entry.day, QueueEntry.session == entry.session)
    jumped = exists().where(QueueEvent.entry_id == QueueEntry.id, QueueEvent.kind == "jumped")
    called = (QueueEntry.called_order.is_not(None), QueueEntry.number > entry.number, QueueEntry.priority.is_(None))
    waits = (QueueEntry.state == "waiting", QueueEntry.number < entry.number)
    count = select(func.count(QueueEntry.id)).where(*same)
    return (db.scalar(count.where(*called, ~jumped)) or 0) > (db.scalar(count.where(*waits)) or 0)
