"""Inbound: every message that reached us, kept as it came, each answered once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.contacts import find_or_create_contact
from clinic.conversations import Conversation, note_unanswered
from clinic.database import rows_changed
from clinic.inbound_table import InboundMessage

__all__ = [
    "InboundMessage",
    "InboundView",
    "Received",
    "mark_answered",
    "mark_failed",
    "mark_silent",
    "receive",
    "received_since",
    "unanswered",
]


@dataclass(frozen=True)
class Received:
    """Where a message was put; `is_new` is False when it had come before."""

    inbound_id: int
    contact_id: int
    is_new: bool


@dataclass(frozen=True)
class InboundView:
    """One message from a contact."""

    id: int
    provider_id: str
    contact_id: int
    address_id: int
    channel: str
    text: str
    media: tuple[Mapping[str, Any], ...]
    extra: Mapping[str, Any]
    received_at: datetime
    state: str
    tries: int


def receive(
    db: Session,
    *,
    provider_id: str,
    channel: str,
    address: str,
    text: str,
    media: Iterable[Mapping[str, Any]] = (),
    extra: Mapping[str, Any] | None = None,
    profile_name: str | None = None,
    now: datetime,
) -> Received:
    """Keep a message; the same provider id a second time gives the first one back and changes nothing."""
    known = _received_before(db, provider_id)
    if known is not None:
        return known
    message = InboundMessage(
        provider_id=provider_id,
        channel=channel,
        text=_storable(text),
        media=[dict(_storable(part)) for part in media],
        extra=_storable(dict(extra or {})),
        received_at=now,
        state="received",
        tries=0,
        reading={},
    )
    try:
        with db.begin_nested():
            _keep(db, message, address=address, profile_name=profile_name)
    except IntegrityError:
        known = _received_before(db, provider_id)
        if known is None:
            raise
        return known
    return Received(inbound_id=message.id, contact_id=message.contact_id, is_new=True)


def _keep(db: Session, message: InboundMessage, *, address: str, profile_name: str | None) -> None:
    """Put the message behind its contact and note that somebody waits."""
    contact, known_address = find_or_create_contact(
        db, channel=message.channel, address=address, profile_name=profile_name, now=message.received_at
    )
    message.contact_id, message.address_id = contact.id, known_address.id
    db.add(message)
    db.flush()
    known_address.last_inbound_at = message.received_at
    note_unanswered(db, contact.id, now=message.received_at)


def unanswered(db: Session, contact_id: int) -> tuple[InboundView, ...]:
    """What this contact wrote and nobody answered yet, in order of arrival."""
    rows = db.scalars(
        select(InboundMessage)
        .where(InboundMessage.contact_id == contact_id, InboundMessage.state == "received")
        .order_by(InboundMessage.id)
    )
    return tuple(_view(row) for row in rows)


def received_since(db: Session, contact_id: int, *, since: datetime) -> int:
    """How many messages this contact sent after that time."""
    return (
        db.scalar(
            select(func.count())
            .select_from(InboundMessage)
            .where(InboundMessage.contact_id == contact_id, InboundMessage.received_at > since)
        )
        or 0
    )


def mark_answered(db: Session, inbound_id: int, *, now: datetime, reading: Mapping[str, Any]) -> bool:
    """The answer is in the outbox, in this same transaction. False when it was settled before."""
    return _settle(db, inbound_id, state="answered", now=now, reading=reading)


def mark_silent(db: Session, inbound_id: int, *, now: datetime, reading: Mapping[str, Any] | None = None) -> bool:
    """A person holds the conversation: the message is theirs to answer."""
    return _settle(db, inbound_id, state="silent", now=now, reading=reading or {})


def mark_failed(db: Session, inbound_id: int, *, now: datetime, reading: Mapping[str, Any] | None = None) -> bool:
    """We could not answer; the apology and the case are in this same transaction."""
    return _settle(db, inbound_id, state="failed", now=now, reading=reading or {})


def _settle(db: Session, inbound_id: int, *, state: str, now: datetime, reading: Mapping[str, Any]) -> bool:
    contact_id = db.scalar(select(InboundMessage.contact_id).where(InboundMessage.id == inbound_id))
    if contact_id is None:
        return False
    changed = rows_changed(
        db,
        update(InboundMessage)
        .where(InboundMessage.id == inbound_id, InboundMessage.state == "received")
        .values(state=state, answered_at=now, reading=dict(reading)),
    )
    _note_what_is_left(db, contact_id)
    return changed == 1


def _note_what_is_left(db: Session, contact_id: int) -> None:
    # Lock first, look second: a message that arrives meanwhile waits for us or is seen by us.
    db.execute(select(Conversation.contact_id).where(Conversation.contact_id == contact_id).with_for_update())
    oldest = db.scalar(
        select(func.min(InboundMessage.received_at)).where(
            InboundMessage.contact_id == contact_id, InboundMessage.state == "received"
        )
    )
    rows_changed(
        db,
        update(Conversation)
        .where(Conversation.contact_id == contact_id)
        .values(has_unanswered=oldest is not None, unanswered_since=oldest),
    )


def _received_before(db: Session, provider_id: str) -> Received | None:
    found = db.execute(
        select(InboundMessage.id, InboundMessage.contact_id).where(InboundMessage.provider_id == provider_id)
    ).first()
    return None if found is None else Received(found.id, found.contact_id, is_new=False)


def _storable(value: Any) -> Any:
    """The same without NUL signs and half characters, which Postgres refuses to keep."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {_storable(key): _storable(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(part) for part in value]
    return value


def _view(row: InboundMessage) -> InboundView:
    return InboundView(
        id=row.id,
        provider_id=row.provider_id,
        contact_id=row.contact_id,
        address_id=row.address_id,
        channel=row.channel,
        text=row.text,
        media=tuple(row.media),
        extra=row.extra,
        received_at=row.received_at,
        state=row.state,
        tries=row.tries,
    )
