"""Inbound: every message that reached us, kept as it came, each answered once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.contacts import Address, find_or_create_contact
from clinic.conversations import Conversation, Pause, note_unanswered
from clinic.database import rows_changed
from clinic.held_replies import release_held
from clinic.inbound_table import InboundMessage

__all__ = [
    "InboundMessage",
    "InboundView",
    "Received",
    "end_of_burst",
    "mark_answered",
    "mark_failed",
    "mark_silent",
    "receive",
    "unanswered",
    "waits_for_answer",
    "written_since",
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
    reading: Mapping[str, Any] = field(default_factory=dict)


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
    route: str | None = None,
    pause: Pause | None = None,
    now: datetime,
) -> Received:
    """Keep a message; the same provider id a second time gives the first one back and changes nothing.

    With `pause` the answer waits for more of the same thought."""
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
            _keep(db, message, address=address, profile_name=profile_name, route=route, pause=pause)
    except IntegrityError:
        known = _received_before(db, provider_id)
        if known is None:
            raise
        return known
    return Received(inbound_id=message.id, contact_id=message.contact_id, is_new=True)


def _keep(
    db: Session,
    message: InboundMessage,
    *,
    address: str,
    profile_name: str | None,
    route: str | None,
    pause: Pause | None,
) -> None:
    """Put the message behind its contact and note that somebody waits; who writes to us can be reached again."""
    contact, known_address = find_or_create_contact(
        db,
        channel=message.channel,
        address=address,
        profile_name=profile_name,
        now=message.received_at,
        same_as=message.extra.get("same_as"),
    )
    message.contact_id, message.address_id = contact.id, known_address.id
    db.add(message)
    db.flush()
    known_address.last_inbound_at, known_address.blocked_at = message.received_at, None
    known_address.route = route or known_address.route
    db.flush()
    note_unanswered(db, contact.id, now=message.received_at, pause=pause)
    release_held(db, contact.id, address_id=known_address.id, now=message.received_at)


def end_of_burst(db: Session, *, channel: str, address: str) -> None:
    """Nothing more comes from there: what waits for the rest of a thought is answered at once."""
    contact_id = select(Address.contact_id).where(Address.channel == channel, Address.address == address)
    waits = update(Conversation).where(Conversation.contact_id == contact_id.scalar_subquery())
    rows_changed(db, waits.values(answer_from=None))


def waits_for_answer(db: Session, *, channel: str, address: str) -> bool:
    """Whether somebody writes from there and has no answer yet."""
    waits = (
        select(Conversation.contact_id)
        .join(Address, Address.contact_id == Conversation.contact_id)
        .where(Address.channel == channel, Address.address == address, Conversation.has_unanswered.is_(True))
    )
    return db.scalar(waits.limit(1)) is not None


def unanswered(db: Session, contact_id: int) -> tuple[InboundView, ...]:
    """What this contact wrote and nobody answered yet, in order of arrival."""
    rows = db.scalars(
        select(InboundMessage)
        .where(InboundMessage.contact_id == contact_id, InboundMessage.state == "received")
        .order_by(InboundMessage.id)
    )
    return tuple(_view(row) for row in rows)


def written_since(
    db: Session, contact_id: int, *, since: datetime, before_id: int, most: int
) -> tuple[InboundView, ...]:
    """The newest so many messages that this contact sent after that time and before that message, the oldest first."""
    rows = db.scalars(
        select(InboundMessage)
        .where(
            InboundMessage.contact_id == contact_id,
            InboundMessage.received_at > since,
            InboundMessage.id < before_id,
        )
        .order_by(InboundMessage.received_at.desc(), InboundMessage.id.desc())
        .limit(most)
    )
    return tuple(_view(row) for row in reversed(rows.all()))


def mark_answered(
    db: Session, inbound_id: int, *, now: datetime, reading: Mapping[str, Any], joined: Iterable[int] = ()
) -> bool:
    """The answer is in the outbox, in this same transaction. False when it was settled before.

    `joined` are earlier messages that were answered with it; theirs and the other verbs' alike.
    """
    return _settle(db, inbound_id, joined, state="answered", now=now, reading=reading)


def mark_silent(
    db: Session,
    inbound_id: int,
    *,
    now: datetime,
    reading: Mapping[str, Any] | None = None,
    joined: Iterable[int] = (),
) -> bool:
    """Nobody is answered by the bot: a person holds the conversation, or a machine wrote."""
    return _settle(db, inbound_id, joined, state="silent", now=now, reading=reading or {})


def mark_failed(
    db: Session,
    inbound_id: int,
    *,
    now: datetime,
    reading: Mapping[str, Any] | None = None,
    joined: Iterable[int] = (),
) -> bool:
    """We could not answer; the apology and the case are in this same transaction."""
    return _settle(db, inbound_id, joined, state="failed", now=now, reading=reading or {})


def _settle(
    db: Session, inbound_id: int, joined: Iterable[int], *, state: str, now: datetime, reading: Mapping[str, Any]
) -> bool:
    contact_id = db.scalar(select(InboundMessage.contact_id).where(InboundMessage.id == inbound_id))
    if contact_id is None:
        return False
    readings = {earlier: {"joined_to": inbound_id} for earlier in joined} | {inbound_id: dict(reading)}
    changed = {
        message_id: rows_changed(
            db,
            update(InboundMessage)
            .where(InboundMessage.id == message_id, InboundMessage.state == "received")
            .values(state=state, answered_at=now, reading=read),
        )
        for message_id, read in readings.items()
    }
    _note_what_is_left(db, contact_id)
    return changed[inbound_id] == 1


def _note_what_is_left(db: Session, contact_id: int) -> None:
    # Lock first, look second: a message that arrives meanwhile waits for us or is seen by us.
    db.execute(select(Conversation.contact_id).where(Conversation.contact_id == contact_id).with_for_update())
    oldest = db.scalar(
        select(func.min(InboundMessage.received_at)).where(
            InboundMessage.contact_id == contact_id, InboundMessage.state == "received"
        )
    )
    left: dict[str, Any] = {"has_unanswered": oldest is not None, "unanswered_since": oldest}
    if oldest is None:
        left["answer_from"] = None
    rows_changed(db, update(Conversation).where(Conversation.contact_id == contact_id).values(**left))


_KNOWN = select(InboundMessage.id, InboundMessage.contact_id).where(
    InboundMessage.provider_id == bindparam("provider_id")
)
"""Built once, as for every statement that a webhook waits for: building it anew costs more than running it."""


def _received_before(db: Session, provider_id: str) -> Received | None:
    found = db.execute(_KNOWN, {"provider_id": provider_id}).first()
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
        reading=row.reading,
    )
