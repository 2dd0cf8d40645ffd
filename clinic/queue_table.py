"""The queue's tables: counters that decide numbers and places, and one row per number."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.database import Base

HOLDS_A_NUMBER = ("waiting", "called", "serving")


class QueueCounter(Base):
    """The last number given per poli and day; the row lock on it decides who comes next."""

    __tablename__ = "queue_counter"

    poli: Mapped[str] = mapped_column(String(32), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    last_number: Mapped[int]


class SessionCounter(Base):
    """Places taken per poli, day and session; never above the quota."""

    __tablename__ = "session_counter"

    poli: Mapped[str] = mapped_column(String(32), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    session: Mapped[str] = mapped_column(String(16), primary_key=True)
    taken: Mapped[int]


class QueueEntry(Base):
    """One number of one person at one poli on one day."""

    __tablename__ = "queue_entry"
    __table_args__ = (
        UniqueConstraint("poli", "day", "number"),
        Index(
            "uq_queue_entry_one_per_person",
            "poli",
            "day",
            "person_id",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'called', 'serving')"),
            postgresql_where=text("state IN ('waiting', 'called', 'serving')"),
        ),
        Index("ix_queue_entry_day_poli_state", "day", "poli", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    poli: Mapped[str] = mapped_column(String(32))
    day: Mapped[date]
    session: Mapped[str] = mapped_column(String(16))
    number: Mapped[int]
    """Counts from 1 per poli and day; people see it behind the poli's letter ("B12")."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    via: Mapped[str] = mapped_column(String(16))
    """whatsapp, sms, console or counter."""
    state: Mapped[str] = mapped_column(String(16))
    """waiting, called, serving, done, skipped or cancelled."""
    taken_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
