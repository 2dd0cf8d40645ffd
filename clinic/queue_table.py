"""The queue's tables: counters that decide numbers and places, one row per number, and what happened to it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.database import Base

HOLDS_A_NUMBER = ("waiting", "called", "serving")
BEING_SERVED = ("called", "serving")
RANK_STEP = 1000

# Who changes the day takes one place and gives another back; two who do so in opposite directions would wait forever.
QUEUE_LOCK = 7_223_002


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
    """whatsapp, sms, console, counter, paper or jkn."""
    state: Mapped[str] = mapped_column(String(16))
    """waiting, called, serving, done, skipped or cancelled."""
    taken_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    held_until: Mapped[datetime | None]
    """A number given back keeps its place until then, so that SALAH brings it back; None: the place is free."""
    arrived_at: Mapped[datetime | None]
    """When the person told the counter that they are there."""
    served_at: Mapped[datetime | None]
    """When their service began."""
    rank: Mapped[int] = mapped_column(default=0)
    """The place in the line within the session: the number times RANK_STEP, later for who came late."""
    room: Mapped[str | None] = mapped_column(String(32))
    """Which room called."""
    calls: Mapped[int] = mapped_column(default=0)
    """How often the number was called."""
    called_order: Mapped[int | None]
    """The event of its newest call: says which number was called last, whatever the clock did."""
    priority: Mapped[str | None] = mapped_column(String(16))
    """gawat, lansia, ibu_hamil, balita or disabilitas."""
    complaint: Mapped[str | None] = mapped_column(String(400))
    """What Mobile JKN passed on; shown to staff only."""


class QueueEvent(Base):
    """What happened to a number, or to a whole session: written once, never changed."""

    __tablename__ = "queue_event"
    __table_args__ = (Index("ix_queue_event_day_kind_poli", "day", "kind", "poli", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("queue_entry.id"), index=True)
    poli: Mapped[str] = mapped_column(String(32))
    day: Mapped[date]
    kind: Mapped[str] = mapped_column(String(16))
    """taken, arrived, called, recalled, served, done, skipped, back, priority, jumped, cancelled, restored or paper."""
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(40))
    """contact:5, staff:3, jkn, cli or clock."""
    reason: Mapped[str | None] = mapped_column(String(40))
    """Of a jump: the priority, or what staff gave as the reason. Of a number taken or called: its priority."""
    passed: Mapped[int | None]
    """Of a jump: how many who wait were passed over."""


class SessionChange(Base):
    """A session that staff closed for one day, or that begins late; the newest one that was not undone counts."""

    __tablename__ = "session_change"
    __table_args__ = (Index("ix_session_change_day_poli", "day", "poli"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    poli: Mapped[str] = mapped_column(String(32))
    day: Mapped[date]
    session: Mapped[str | None] = mapped_column(String(16))
    """None: every session of that day."""
    kind: Mapped[str] = mapped_column(String(8))
    """closed or late."""
    late_minutes: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(200))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    created_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    """When everyone concerned had a message in the outbox."""


class QueuePush(Base):
    """What a number's holder was told without asking; each kind once, `moved` as often as the estimate moves."""

    __tablename__ = "queue_push"
    __table_args__ = (UniqueConstraint("entry_id", "kind", "occurrence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("queue_entry.id"))
    kind: Mapped[str] = mapped_column(String(8))
    """evening, leave, moved or change."""
    occurrence: Mapped[int]
    """0, counting on for `moved`; the session change's id for `change`."""
    told_from: Mapped[datetime | None]
    told_until: Mapped[datetime | None]
    """The range that was told."""
    created_at: Mapped[datetime]


class PaperBlock(Base):
    """Numbers set aside for paper when a poli's list was printed."""

    __tablename__ = "paper_block"
    __table_args__ = (UniqueConstraint("poli", "day", "first_number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    poli: Mapped[str] = mapped_column(String(32))
    day: Mapped[date]
    first_number: Mapped[int]
    last_number: Mapped[int]
    printed_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(40))


class BpjsEffect(Base):
    """Something BPJS is to be told about a number, once; the body is made from the rows when it is sent."""

    __tablename__ = "bpjs_effect"
    __table_args__ = (UniqueConstraint("key"), Index("ix_bpjs_effect_state_due", "state", "due_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    """add:5, panggil:5:1:77, batal:5:78 (number, status, event): the same thing is never told twice."""
    kind: Mapped[str] = mapped_column(String(8))
    """add, panggil or batal."""
    entry_id: Mapped[int] = mapped_column(ForeignKey("queue_entry.id"), index=True)
    status: Mapped[int | None]
    """Of panggil: 1 present, 2 absent."""
    happened_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8))
    """waiting, sending, unknown, done, refused or dropped."""
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(80))
    claimed_until: Mapped[datetime | None]
    last_code: Mapped[str | None] = mapped_column(String(16))
    last_message: Mapped[str | None] = mapped_column(String(400))
    done_at: Mapped[datetime | None]
