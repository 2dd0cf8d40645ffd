"""Conversations: where each contact stands in the dialog, and who may answer next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.database import Base


class Conversation(Base):
    """One per contact. `state` is the dialog engine's own value (flows.engine), kept as JSON."""

    __tablename__ = "conversation"
    __table_args__ = (Index("ix_conversation_pending", "has_unanswered", "claimed_until"),)

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    state: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    handled_by: Mapped[str] = mapped_column(String(8), default="bot")
    """bot or staff: while staff hold the conversation the bot stays silent (danger excepted)."""
    handled_until: Mapped[datetime | None]
    """When a silent bot comes back by itself, whether the case was closed or not."""
    has_unanswered: Mapped[bool] = mapped_column(default=False)
    claimed_until: Mapped[datetime | None]
    """One turn at a time per contact: whoever sets this may answer until then."""
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    last_turn_at: Mapped[datetime | None]
