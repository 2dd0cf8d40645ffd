"""Outbox: everything we send, written in the same transaction as its cause, delivered once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.database import Base

PRIORITIES = {"danger": 0, "reply": 10, "staff": 20, "notice": 30, "reminder": 40}


class OutboxMessage(Base):
    """One message to one address. `key` names its cause and is unique: the same cause never sends twice."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_message_due", "state", "next_try_at", "priority"),
        Index("ix_outbox_message_contact_created", "contact_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    """inbound:<id>:<n>, reminder:<person>:<item>:<occurrence>:<n>, staff:<uuid>, case:<id>:<what>."""
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"))
    channel: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    template: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """{"sid": ..., "variables": {...}}: what WhatsApp wants outside the 24 hours after the last inbound message."""
    priority: Mapped[int] = mapped_column(default=PRIORITIES["reply"])
    not_before: Mapped[datetime]
    useless_after: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16), default="queued")
    """queued, sending, unknown, sent, delivered, read, undelivered, failed or dropped."""
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    attempted_at: Mapped[datetime | None]
    """The memo: written before the provider is called, so that a lost answer can be looked up."""
    provider_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    provider_status: Mapped[str | None] = mapped_column(String(32))
    error_code: Mapped[str | None] = mapped_column(String(32))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    status_at: Mapped[datetime | None]
