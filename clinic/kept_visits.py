"""Kept visits: visits on record that Sapa had a part in; kept after a message is not kept because of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.costs import ONE_DAY, midnight
from clinic.facility import Facility
from clinic.outbox import OutboxMessage
from clinic.programmes import NEVER_ARRIVED, Dose, Reminder
from clinic.queue_table import QueueEntry

DAYS_AFTER_REMINDER = 14
PLANNED_AHEAD = timedelta(days=2)
"""A reminder is written at most so long before it is sent."""


@dataclass(frozen=True)
class KeptVisits:
    """Visits of a month; one person on one day is one visit."""

    by_queue: int
    """Served with a number that was taken by message (WhatsApp, SMS or terminal), not at the counter."""
    after_reminder: int
    """A dose or control in the centre's books within 14 days after a reminder of that programme went out."""
    in_all: int
    """Both together, those counted twice only once."""


def kept_visits(db: Session, facility: Facility, first: date, last: date) -> KeptVisits:
    """The kept visits of these days.

    Not counted: numbers called but not marked as done, doses that the patient only told us about ("sudah"),
    reminders that never left.
    """
    queue = _served(db, first, last)
    reminded = _done_after_reminder(db, facility, first, last)
    return KeptVisits(by_queue=len(queue), after_reminder=len(reminded), in_all=len(queue | reminded))


def _served(db: Session, first: date, last: date) -> set[tuple[int, date]]:
    rows = db.execute(
        select(QueueEntry.person_id, QueueEntry.day).where(
            QueueEntry.day >= first, QueueEntry.day <= last, QueueEntry.state == "done", QueueEntry.via != "counter"
        )
    )
    return {(person, day) for person, day in rows}


def _done_after_reminder(db: Session, facility: Facility, first: date, last: date) -> set[tuple[int, date]]:
    earliest = midnight(facility, first - timedelta(days=DAYS_AFTER_REMINDER)) - PLANNED_AHEAD
    rows = db.execute(
        select(Dose.person_id, Dose.given_on, OutboxMessage.sent_at)
        .select_from(Reminder)
        .join(Dose, (Dose.person_id == Reminder.person_id) & (Dose.programme == Reminder.programme))
        .join(OutboxMessage, OutboxMessage.id == Reminder.outbox_id)
        .where(Reminder.created_at >= earliest, Reminder.created_at < midnight(facility, last + ONE_DAY))
        .where(Dose.given_on >= first, Dose.given_on <= last, Dose.proof == "record")
        .where(OutboxMessage.sent_at.is_not(None), OutboxMessage.state.not_in(NEVER_ARRIVED))
    )
    return {
        (person, given_on)
        for person, given_on, sent_at in rows
        if sent_at is not None and 0 <= (given_on - facility.today(sent_at)).days <= DAYS_AFTER_REMINDER
    }
