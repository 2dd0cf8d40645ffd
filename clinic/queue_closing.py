"""Queue, closing: what happens at night to the numbers of a day that is over."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.database import wait_for_turn
from clinic.facility import Facility
from clinic.queue_events import note_event
from clinic.queue_sessions import CLOSED, changes_on, is_closed
from clinic.queue_table import HOLDS_A_NUMBER, QUEUE_LOCK, QueueEntry

CLOCK = "clock"
DAYS_LOOKED_BACK = 31
"""A centre whose server stood still for a month closes that month's days when it runs again."""


def close_days(db: Session, facility: Facility, *, now: datetime) -> int:
    """Close every day before today that still has live numbers; how many numbers were closed."""
    today = facility.today(now)
    past = (QueueEntry.day < today, QueueEntry.day >= today - timedelta(days=DAYS_LOOKED_BACK))
    left = db.scalars(select(QueueEntry.day).where(*past, QueueEntry.state.in_(HOLDS_A_NUMBER)).distinct()).all()
    return sum(close_day(db, facility, day, now) for day in sorted(left))


def close_day(db: Session, facility: Facility, day: date, now: datetime) -> int:
    """End what is still open of a day that is over; how many numbers. A second time finds nothing.

    Who waits or was called did not come: skipped. Who is being served was served; nobody said when that ended. Whose
    session staff closed did not fail to come: cancelled. A day that is not over yet is left alone.
    """
    if day >= facility.today(now):
        return 0
    wait_for_turn(db, QUEUE_LOCK)
    changes = changes_on(db, [day])
    there = (QueueEntry.day == day, QueueEntry.state.in_(HOLDS_A_NUMBER))
    open_ = select(QueueEntry).where(*there).order_by(QueueEntry.id).execution_options(populate_existing=True)
    left = db.scalars(open_).all()
    for entry in left:
        _end(entry, is_off=is_closed(changes, poli=entry.poli, day=day, session=entry.session), now=now)
        reason = CLOSED if entry.state == "cancelled" else None
        note_event(db, entry, entry.state, facility=facility, actor=CLOCK, now=now, reason=reason)
    return len(left)


def _end(entry: QueueEntry, *, is_off: bool, now: datetime) -> None:
    if entry.state == "serving":
        entry.state = "done"
    elif entry.state == "waiting" and is_off:
        entry.state, entry.cancelled_at = "cancelled", now
    else:
        entry.state, entry.done_at = "skipped", now
