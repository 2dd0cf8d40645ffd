"""Programmes: who is enrolled, which doses are given, and which reminders exist."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic.database import Base


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
    created_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
