"""Programmes: who is enrolled, which doses are given, and which reminders exist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from sqlalchemy import ForeignKey, String, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from clinic.database import Base, insert_into, rows_changed
from clinic.outbox import OutboxMessage
from clinic.people import standing_id

NEVER_ARRIVED = ("queued", "dropped", "failed", "undelivered")
ANSWERABLE_FOR = timedelta(days=14)
"""An answer so long after the message is about something else."""
TOLD_STAFF = "staff"
"""In the place of an answer: no message went out, staff were told (clinic.reminding)."""


class Enrolment(Base):
    """A person follows a programme (scheduler/programmes/<name>), counted from the anchor date."""

    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("person_id", "programme"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    programme: Mapped[str] = mapped_column(String(40))
    anchor: Mapped[date]
    """What the programme counts from: birth date, or the last visit."""
    enrolled_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(40))


class Dose(Base):
    """Something that was done: a vaccine given, a control visit kept."""

    __tablename__ = "dose"
    __table_args__ = (UniqueConstraint("person_id", "programme", "item", "given_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    programme: Mapped[str] = mapped_column(String(40))
    item: Mapped[str] = mapped_column(String(40))
    given_on: Mapped[date]
    proof: Mapped[str] = mapped_column(String(16))
    """record (from the centre's books) or said (the patient answered "sudah"; staff confirm it)."""


class Reminder(Base):
    """A reminder that was planned: it exists once per person, item and occurrence."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("person_id", "programme", "item", "occurrence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    programme: Mapped[str] = mapped_column(String(40))
    item: Mapped[str] = mapped_column(String(40))
    """The visit or dose: "P9M" for the visit at nine months, "HT_KONTROL"."""
    occurrence: Mapped[str] = mapped_column(String(40))
    """Which of its messages: due date and offset, "2026-11-24/-1"."""
    visit_on: Mapped[date]
    poli: Mapped[str | None] = mapped_column(String(32))
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox_message.id"))
    answer: Mapped[str | None] = mapped_column(String(16))
    """coming, other_day, done, stop; None while unanswered."""
    created_at: Mapped[datetime] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]


class Plan(Protocol):
    """A reminder as the scheduler plans it."""

    @property
    def person_id(self) -> int: ...
    @property
    def programme(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def occurrence(self) -> str: ...
    @property
    def visit_on(self) -> date: ...
    @property
    def poli(self) -> str | None: ...


@dataclass(frozen=True)
class ReminderView:
    """A reminder that went out and has no answer yet."""

    id: int
    person_id: int
    programme: str
    item: str
    visit_on: date
    poli: str | None
    created_at: datetime


def enrol(db: Session, *, person_id: int, programme: str, anchor: date, now: datetime) -> None:
    """The person follows the programme from this anchor; a second time moves the anchor and starts it again."""
    row = insert_into(db, Enrolment).values(
        person_id=standing_id(db, person_id),
        programme=programme,
        anchor=anchor,
        enrolled_at=now,
        ended_at=None,
        end_reason=None,
    )
    again = {"anchor": anchor, "ended_at": None, "end_reason": None}
    db.execute(row.on_conflict_do_update(index_elements=["person_id", "programme"], set_=again))


def end_enrolment(db: Session, *, person_id: int, programme: str, reason: str, now: datetime) -> bool:
    """No more reminders of this programme; False when none were to come."""
    running = (
        Enrolment.person_id == person_id,
        Enrolment.programme == programme,
        Enrolment.ended_at.is_(None),
    )
    return rows_changed(db, update(Enrolment).where(*running).values(ended_at=now, end_reason=reason)) > 0


def record_dose(db: Session, *, person_id: int, programme: str, item: str, given_on: date, proof: str) -> None:
    """Something was done; the same on the same day is one."""
    row = insert_into(db, Dose).values(
        person_id=standing_id(db, person_id), programme=programme, item=item, given_on=given_on, proof=proof
    )
    db.execute(row.on_conflict_do_nothing())


def save_reminder(db: Session, plan: Plan, outbox_id: int, now: datetime) -> int | None:
    """Keep that this reminder exists, for the contact that its message goes to; None when it existed already."""
    contact_id = db.scalar(select(OutboxMessage.contact_id).where(OutboxMessage.id == outbox_id))
    row = insert_into(db, Reminder).values(
        person_id=standing_id(db, plan.person_id),
        contact_id=contact_id,
        programme=plan.programme,
        item=plan.item,
        occurrence=plan.occurrence,
        visit_on=plan.visit_on,
        poli=plan.poli,
        outbox_id=outbox_id,
        created_at=now,
    )
    return db.scalar(row.on_conflict_do_nothing().returning(Reminder.id))


def last_open_reminder(db: Session, contact_id: int, *, now: datetime) -> ReminderView | None:
    """The newest reminder to this contact that went out, is recent and has no answer yet, nor a later one that has."""
    newest = db.execute(
        select(Reminder, OutboxMessage.state)
        .outerjoin(OutboxMessage, OutboxMessage.id == Reminder.outbox_id)
        .where(Reminder.contact_id == contact_id, Reminder.created_at > now - ANSWERABLE_FOR)
        .where(Reminder.answer.is_distinct_from(TOLD_STAFF))
        .order_by(Reminder.created_at.desc(), Reminder.id.desc())
    )
    answered: set[int] = set()
    for row, state in newest:
        if state in NEVER_ARRIVED or row.person_id in answered:
            continue
        if row.answer is None:
            return ReminderView(row.id, row.person_id, row.programme, row.item, row.visit_on, row.poli, row.created_at)
        answered.add(row.person_id)  # what came before to this person is answered too; a sister's is not
    return None


def answer_reminder(db: Session, reminder_id: int, answer: str, *, now: datetime) -> bool:
    """Keep the patient's answer; the first one counts."""
    unanswered = (Reminder.id == reminder_id, Reminder.answer.is_(None))
    return rows_changed(db, update(Reminder).where(*unanswered).values(answer=answer, answered_at=now)) > 0
