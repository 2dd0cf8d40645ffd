"""Standing: what has to be known about a contact before its message is heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.contacts import contact_of
from clinic.conversations import conversation_of
from clinic.facility import Limits
from clinic.inbound import InboundView, written_since
from clinic.outbox import OutboxMessage

MOST_REMEMBERED = 200
"""Of what a contact wrote lately; twice the highest limit that the settings allow."""
STOP_IS_FRESH = timedelta(hours=24)
"""A second STOP within this time was confirmed already."""


@dataclass(frozen=True)
class Written:
    """One message of a contact, as far as the gates look at it."""

    text: str
    at: datetime
    silence: str = ""
    """Why it was left unanswered: loop, ping_pong, auto_reply; empty where it was answered or a person has it."""
    follows: float | None = None
    """Seconds since something of ours last went out; None when nothing did lately."""


@dataclass(frozen=True)
class Standing:
    """One contact at the moment its messages are taken up."""

    contact_id: int
    is_first_contact: bool
    """Nobody has told this contact yet who we are and how to stop."""
    has_opted_out: bool
    is_with_staff: bool
    """A person holds the conversation: the bot stays silent."""
    recent_messages: int
    """How many messages came from it in the last minutes, those taken up now included."""
    stopped_lately: bool = False
    """It said stop not long ago, and was told that we do."""
    now_written: tuple[Written, ...] = ()
    """What is taken up now."""
    written_before: tuple[Written, ...] = ()
    """What came before that in the last minutes, the oldest first."""

    @property
    def messages_before(self) -> int:
        """How many of the recent messages were taken up before."""
        return self.recent_messages - len(self.now_written)


def standing_of(
    db: Session, contact_id: int, *, now: datetime, limits: Limits, taken_up: Sequence[InboundView] = ()
) -> Standing:
    """Look up one contact and what it wrote lately; raises LookupError when there is none."""
    contact = contact_of(db, contact_id)
    if contact is None:
        raise LookupError(f"no contact {contact_id}")
    since = now - timedelta(minutes=max(limits.flood_minutes, limits.same_text_minutes))
    before = _written_before(db, contact_id, since=since, taken_up=taken_up)
    sent = _sent_since(db, contact_id, since=since) if len(before) >= limits.ping_pong_messages else ()
    in_flood = now - timedelta(minutes=limits.flood_minutes)
    stopped = contact.opted_out_at
    return Standing(
        contact_id=contact_id,
        is_first_contact=contact.greeted_at is None,
        has_opted_out=stopped is not None,
        is_with_staff=conversation_of(db, contact_id).is_with_staff(now),
        recent_messages=len(taken_up) + sum(message.received_at > in_flood for message in before),
        stopped_lately=stopped is not None and now - stopped < STOP_IS_FRESH,
        now_written=tuple(_written(message, sent) for message in taken_up),
        written_before=tuple(
            _written(message, sent) for message in before if message.received_at > now - _same_text_span(limits)
        ),
    )


def _written_before(
    db: Session, contact_id: int, *, since: datetime, taken_up: Sequence[InboundView]
) -> tuple[InboundView, ...]:
    if not taken_up:
        return ()
    mine, last = {message.id for message in taken_up}, max(message.id for message in taken_up)
    found = written_since(db, contact_id, since=since, before_id=last, most=MOST_REMEMBERED)
    return tuple(message for message in found if message.id not in mine)


def _sent_since(db: Session, contact_id: int, *, since: datetime) -> tuple[datetime, ...]:
    rows = db.scalars(
        select(OutboxMessage.sent_at)
        .where(OutboxMessage.contact_id == contact_id, OutboxMessage.sent_at > since)
        .order_by(OutboxMessage.sent_at)
    )
    return tuple(at for at in rows if at is not None)


def _written(message: InboundView, sent: Sequence[datetime]) -> Written:
    earlier = [at for at in sent if at <= message.received_at]
    follows = (message.received_at - earlier[-1]).total_seconds() if earlier else None
    return Written(message.text, message.received_at, str(message.reading.get("silent", "")), follows)


def _same_text_span(limits: Limits) -> timedelta:
    return timedelta(minutes=limits.same_text_minutes)
