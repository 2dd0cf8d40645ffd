"""Heartbeats: when each part of the running service last said that it lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from clinic.database import Base, Database
from clinic.outbox import OutboxMessage


class Heartbeat(Base):
    """The last sign of life of one part: one row per part."""

    __tablename__ = "heartbeat"

    part: Mapped[str] = mapped_column(String(40), primary_key=True)
    """worker, and whatever else runs by itself."""
    at: Mapped[datetime]
    detail: Mapped[str] = mapped_column(String(200), default="")
    """Counts and ids only."""


@dataclass(frozen=True)
class Beat:
    """A part's last sign of life."""

    at: datetime
    detail: str


def beat(db: Session, *, part: str, now: datetime, detail: str = "") -> None:
    """Say that this part lives."""
    db.merge(Heartbeat(part=part, at=now, detail=detail))
    db.flush()


@dataclass(frozen=True)
class Pulse:
    """How the service is, as far as the database knows."""

    beats: Mapping[str, Beat]
    oldest_due: datetime | None
    """Since when the message that has waited longest could have gone out; None when nothing waits."""


def read_pulse(database: Database, *, now: datetime) -> Pulse | None:
    """The last signs of life and the oldest waiting message; None when the database does not answer."""
    try:
        with database.reading() as db:
            return Pulse(beats=_last_beats(db), oldest_due=_oldest_due(db, now))
    except SQLAlchemyError:
        return None


def _last_beats(db: Session) -> Mapping[str, Beat]:
    return {row.part: Beat(at=row.at, detail=row.detail) for row in db.scalars(select(Heartbeat)).all()}


def _oldest_due(db: Session, now: datetime) -> datetime | None:
    query = select(func.min(OutboxMessage.next_try_at)).where(
        OutboxMessage.state == "queued",
        OutboxMessage.next_try_at <= now,
        OutboxMessage.not_before <= now,
        OutboxMessage.useless_after > now,
    )
    return db.scalar(query)
