"""Messages: both directions in one list, for looking and for export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.contacts import Address
from clinic.inbound import InboundMessage
from clinic.outbox import OutboxMessage


@dataclass(frozen=True)
class MessageRow:
    """One message; `key` is the provider's id of what came and our own key of what went."""

    direction: str
    channel: str
    contact_id: int
    address: str
    state: str
    text: str
    key: str
    created_at: datetime
    sent_at: datetime | None
    route: str | None = None
    """Which way out a message of ours took; None for what came, and for what waits."""
    cost: int | None = None
    """Hundredths of a rupiah."""
    reason: str | None = None
    """The code of why it failed or was dropped."""


def list_messages(db: Session, *, limit: int, contact_id: int | None = None) -> tuple[MessageRow, ...]:
    """The newest `limit` messages of everybody or of one contact, newest first."""
    inbound = select(InboundMessage, Address.address).join(Address, Address.id == InboundMessage.address_id)
    outbound = select(OutboxMessage, Address.address).join(Address, Address.id == OutboxMessage.address_id)
    if contact_id is not None:
        inbound = inbound.where(InboundMessage.contact_id == contact_id)
        outbound = outbound.where(OutboxMessage.contact_id == contact_id)
        inbound = inbound.order_by(InboundMessage.received_at.desc())
        outbound = outbound.order_by(OutboxMessage.created_at.desc())
    came = db.execute(inbound.order_by(InboundMessage.id.desc()).limit(limit)).all()
    went = db.execute(outbound.order_by(OutboxMessage.id.desc()).limit(limit)).all()
    rows = [_came(message, address) for message, address in came] + [_went(row, address) for row, address in went]
    return tuple(sorted(rows, key=lambda row: row.created_at, reverse=True)[:limit])


def _came(message: InboundMessage, address: str) -> MessageRow:
    return MessageRow(
        direction="in",
        channel=message.channel,
        contact_id=message.contact_id,
        address=address,
        state=message.state,
        text=message.text,
        key=message.provider_id,
        created_at=message.received_at,
        sent_at=None,
    )


def _went(message: OutboxMessage, address: str) -> MessageRow:
    return MessageRow(
        direction="out",
        channel=message.channel,
        contact_id=message.contact_id,
        address=address,
        state=message.state,
        text=message.text,
        key=message.key,
        created_at=message.created_at,
        sent_at=message.sent_at,
        route=message.route,
        cost=message.cost,
        reason=message.error_code,
    )
