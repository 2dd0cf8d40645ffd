"""JKN: what Mobile JKN asks about the queue: how a poli's day stands, and the number that a person holds there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from clinic.queue_table import HOLDS_A_NUMBER, QueueEntry

WAS_CALLED = ("called", "serving", "done", "skipped")


@dataclass(frozen=True)
class Standing:
    """How many numbers were given, how many of them wait, and the one called last."""

    total: int
    waiting: int
    last_called: int | None


@dataclass(frozen=True)
class HeldNumber:
    """The number a person holds or held."""

    id: int
    state: str


def standing_of(db: Session, poli: str, day: date, *, sessions: Collection[str] | None = None) -> Standing:
    """The poli's day, or some sessions of it; numbers that were given back do not count."""
    there: tuple[Any, ...] = (QueueEntry.poli == poli, QueueEntry.day == day)
    if sessions is not None:
        there = (*there, QueueEntry.session.in_(tuple(sessions)))
    counted = db.execute(
        select(
            func.count(QueueEntry.id).filter(QueueEntry.state != "cancelled"),
            func.count(QueueEntry.id).filter(QueueEntry.state == "waiting"),
        ).where(*there)
    ).one()
    called = select(QueueEntry.number).where(*there, QueueEntry.state.in_(WAS_CALLED))
    last = db.scalar(called.order_by(QueueEntry.called_order.desc().nulls_last(), QueueEntry.called_at.desc()).limit(1))
    return Standing(total=counted[0], waiting=counted[1], last_called=last)


def number_of(db: Session, person_id: int, poli: str, day: date) -> HeldNumber | None:
    """The number that this person holds there, else the last one they had."""
    mine = (QueueEntry.person_id == person_id, QueueEntry.poli == poli, QueueEntry.day == day)
    live_first = case((QueueEntry.state.in_(HOLDS_A_NUMBER), 0), else_=1)
    row = db.execute(
        select(QueueEntry.id, QueueEntry.state).where(*mine).order_by(live_first, QueueEntry.id.desc()).limit(1)
    ).first()
    return None if row is None else HeldNumber(id=row.id, state=row.state)
