"""Heartbeats: when each part of the running service last said that it lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from clinic.database import Base, insert_into, rows_changed


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
    """Say that this part lives; several processes may say it of the same part at once."""
    said = {"at": now, "detail": detail}
    row = insert_into(db, Heartbeat).values(part=part, **said)
    rows_changed(db, row.on_conflict_do_update(index_elements=["part"], set_=said))


def last_beats(db: Session) -> Mapping[str, Beat]:
    """The last sign of life of every part."""
    return {row.part: Beat(at=row.at, detail=row.detail) for row in db.scalars(select(Heartbeat)).all()}
