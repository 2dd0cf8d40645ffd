"""Membership: what the local register says about a person's JKN membership."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from clinic.database import Base
from clinic.people import standing_id


class Membership(Base):
    """One person's JKN membership as last imported; `as_of` tells how old that knowledge is."""

    __tablename__ = "membership"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    is_active: Mapped[bool]
    status: Mapped[str] = mapped_column(String(120))
    """The register's own words, for staff."""
    segment: Mapped[str | None] = mapped_column(String(80))
    care_class: Mapped[str | None] = mapped_column(String(20))
    facility: Mapped[str | None] = mapped_column(String(120))
    """The health centre the person is registered at."""
    as_of: Mapped[date]
    imported_at: Mapped[datetime]


@dataclass(frozen=True)
class MembershipFacts:
    """What the register says; `as_of` is the day on which it was true."""

    is_active: bool
    status: str
    segment: str | None
    care_class: str | None
    facility: str | None
    as_of: date


@dataclass(frozen=True)
class MembershipView(MembershipFacts):
    """What the register says about this person."""

    person_id: int


def membership_of(db: Session, person_id: int) -> MembershipView | None:
    """What is known of the person's membership; None when the register does not have them."""
    row = db.get(Membership, person_id)
    if row is None:
        return None
    return MembershipView(
        is_active=row.is_active,
        status=row.status,
        segment=row.segment,
        care_class=row.care_class,
        facility=row.facility,
        as_of=row.as_of,
        person_id=row.person_id,
    )


def save_membership(db: Session, person_id: int, facts: MembershipFacts, *, now: datetime) -> None:
    """Take over what the register says now; older knowledge never replaces newer."""
    person_id = standing_id(db, person_id)
    row = db.get(Membership, person_id)
    if row is not None and row.as_of > facts.as_of:
        return
    db.merge(
        Membership(
            person_id=person_id,
            is_active=facts.is_active,
            status=facts.status,
            segment=facts.segment,
            care_class=facts.care_class,
            facility=facts.facility,
            as_of=facts.as_of,
            imported_at=now,
        )
    )
    db.flush()
