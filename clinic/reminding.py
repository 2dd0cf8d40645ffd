"""Reminding: what planning reads about everybody at once, and what staff were told about instead of a reminder."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.database import insert_into, rows_changed
from clinic.people import Person
from clinic.programmes import TOLD_STAFF, Dose, Enrolment, Reminder


@dataclass(frozen=True)
class Follower:
    """A person who follows a programme now."""

    person_id: int
    name: str
    programme: str
    anchor: date
    enrolled_at: datetime


@dataclass(frozen=True)
class Done:
    """A dose or visit on record."""

    person_id: int
    programme: str
    item: str
    given_on: date


@dataclass(frozen=True)
class PastReminder:
    """A reminder that exists, with the answer it got."""

    person_id: int
    programme: str
    item: str
    occurrence: str
    created_at: datetime
    answer: str | None


def followers(db: Session, programmes: Collection[str]) -> tuple[Follower, ...]:
    """Everybody enrolled in one of these programmes whose enrolment has not ended."""
    rows = db.execute(
        select(Enrolment.person_id, Person.name, Enrolment.programme, Enrolment.anchor, Enrolment.enrolled_at)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.programme.in_(programmes), Enrolment.ended_at.is_(None))
        .order_by(Enrolment.id)
    )
    return tuple(Follower(*row) for row in rows)


def everything_done(db: Session, programmes: Collection[str]) -> tuple[Done, ...]:
    """All doses and visits on record in these programmes."""
    rows = db.execute(
        select(Dose.person_id, Dose.programme, Dose.item, Dose.given_on).where(Dose.programme.in_(programmes))
    )
    return tuple(Done(*row) for row in rows)


def reminders_since(db: Session, since: datetime) -> tuple[PastReminder, ...]:
    """The reminders made since then as messages, oldest first."""
    rows = db.execute(
        select(
            Reminder.person_id,
            Reminder.programme,
            Reminder.item,
            Reminder.occurrence,
            Reminder.created_at,
            Reminder.answer,
        )
        .where(Reminder.created_at >= since, Reminder.outbox_id.is_not(None))
        .order_by(Reminder.created_at, Reminder.id)
    )
    return tuple(PastReminder(*row) for row in rows)


def tell_staff_once(
    db: Session, *, person_id: int, contact_id: int, programme: str, item: str, since: date, now: datetime
) -> bool:
    """Note that staff hear about this; False when they did before, from whichever process."""
    told = (
        insert_into(db, Reminder)
        .values(
            person_id=person_id,
            contact_id=contact_id,
            programme=programme,
            item=item,
            occurrence=f"{since.isoformat()}/staff",
            visit_on=since,
            answer=TOLD_STAFF,
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
    return rows_changed(db, told) > 0
