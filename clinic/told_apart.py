"""Told apart: pairs of people that staff looked at and found to be two, so that they are not suggested again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from clinic.database import Base, insert_into, rows_changed

Pair = tuple[int, int]
"""Two people, the lower id first."""


class ToldApart(Base):
    """These two are two: whoever looks for doubles passes them by."""

    __tablename__ = "told_apart"

    lower_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    higher_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    actor: Mapped[str] = mapped_column(String(40))
    """staff:3 or cli."""
    told_at: Mapped[datetime]


def pair_of(one: int, other: int) -> Pair:
    return min(one, other), max(one, other)


def tell_apart(db: Session, one: int, other: int, *, actor: str, now: datetime) -> None:
    """These are two people; saying so again changes nothing."""
    lower, higher = pair_of(one, other)
    row = insert_into(db, ToldApart).values(lower_id=lower, higher_id=higher, actor=actor, told_at=now)
    db.execute(row.on_conflict_do_nothing())


def told_apart(db: Session) -> frozenset[Pair]:
    """Every such pair."""
    rows = db.execute(select(ToldApart.lower_id, ToldApart.higher_id))
    return frozenset((lower, higher) for lower, higher in rows)


def move_pairs(db: Session, *, keep: int, gone: int, now: datetime) -> None:
    """What was said about one who was merged holds for the other; about the two themselves it was wrong."""
    mine = or_(ToldApart.lower_id == gone, ToldApart.higher_id == gone)
    rows = db.execute(select(ToldApart.lower_id, ToldApart.higher_id, ToldApart.actor).where(mine)).all()
    rows_changed(db, delete(ToldApart).where(mine))
    for lower, higher, actor in rows:
        other = higher if lower == gone else lower
        if other != keep:
            tell_apart(db, keep, other, actor=actor, now=now)
