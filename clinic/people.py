"""People: patients and family members as the health centre knows them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.database import Base


class Person(Base):
    """A patient. NIK and card number are kept encrypted and found by keyed hash (clinic.identity)."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    birth_date: Mapped[date | None]
    sex: Mapped[str | None] = mapped_column(String(1))
    """L (laki-laki) or P (perempuan), as on Indonesian identity cards."""
    nik_encrypted: Mapped[str | None] = mapped_column(String(400))
    nik_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    card_encrypted: Mapped[str | None] = mapped_column(String(400))
    card_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
