"""Cases: everything a person has to look at, from a complaint to a message that could not be delivered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.database import Base


class Case(Base):
    """One thing for staff to do, about one contact."""

    __tablename__ = "staff_case"
    __table_args__ = (Index("ix_staff_case_state_urgent", "state", "urgent", "opened_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    """What the patient is told, short and unlike an OTP: "K27" (letter and running number, at most 3 digits shown)."""
    kind: Mapped[str] = mapped_column(String(16))
    """emergency, complaint, handover, delivery or error."""
    topic: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    """open, taken or closed."""
    urgent: Mapped[bool]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    text: Mapped[str] = mapped_column(Text, default="")
    """What the patient wrote, or why the case was opened, for staff."""
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    taken_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    outcome: Mapped[str | None] = mapped_column(Text)
