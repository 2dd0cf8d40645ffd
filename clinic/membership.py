"""Membership: what the local register says about a person's JKN membership."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.database import Base


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
