"""Inbound table: the rows that clinic.inbound writes and clinic.conversations hands out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.database import Base


class InboundMessage(Base):
    """One message from a contact. `provider_id` is unique: a webhook that comes twice is one message."""

    __tablename__ = "inbound_message"
    __table_args__ = (
        Index("ix_inbound_message_contact_state", "contact_id", "state", "id"),
        Index("ix_inbound_message_contact_received", "contact_id", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[str] = mapped_column(String(120), unique=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"))
    channel: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    media: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Location, button payload and the like, as far as we know what they mean."""
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16), default="received")
    """received, answered, silent (a person holds it, or a machine wrote) or failed (an apology and a case)."""
    tries: Mapped[int] = mapped_column(default=0)
    reading: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Intent, confidence, by whom it was read, why nobody answered; {"joined_to": id} where a later one has these."""
    answered_at: Mapped[datetime | None]
