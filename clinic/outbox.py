"""Outbox: everything we send, written in the same transaction as its cause, delivered once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, bindparam, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from clinic.contacts import Address
from clinic.database import Base, insert_into, rows_changed

PRIORITIES = {"danger": 0, "alarm": 5, "reply": 10, "staff": 20, "notice": 30, "reminder": 40}
KINDS = {rank: name for name, rank in PRIORITIES.items()}
NEVER_HELD_BACK = (PRIORITIES["danger"], PRIORITIES["alarm"])
"""Neither the daily cap nor the budget stops these."""
UNASKED = (PRIORITIES["notice"], PRIORITIES["reminder"])
"""What nobody asked for: not sent to those who said stop."""
NOT_DELIVERED = ("undelivered", "failed")
USEFUL_FOR = timedelta(hours=24)


class OutboxMessage(Base):
    """One message to one address. `key` names its cause and is unique: the same cause never sends twice."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_message_due", "state", "channel", "next_try_at"),
        Index("ix_outbox_message_in_order", "state", "channel", "priority", "id"),
        Index("ix_outbox_message_address_state", "address_id", "state"),
        Index("ix_outbox_message_contact_sent", "contact_id", "sent_at"),
        Index("ix_outbox_message_contact_created", "contact_id", "created_at"),
        Index("ix_outbox_message_address_created", "address_id", "created_at"),
        Index("ix_outbox_message_sent", "sent_at"),
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
    choices: Mapped[list[str] | None] = mapped_column(JSON)
    """Labels of the numbered choices at the end of the text: the first comes back as "1"."""
    media: Mapped[list[str] | None] = mapped_column(JSON)
    """Names of files of ours that go with the text."""
    priority: Mapped[int] = mapped_column(default=PRIORITIES["reply"])
    not_before: Mapped[datetime]
    useless_after: Mapped[datetime]
    route: Mapped[str | None] = mapped_column(String(16))
    """whatsapp, gammu, android, twilio_sms or console: chosen with the claim, kept for asking afterwards."""
    segments: Mapped[int | None]
    cost: Mapped[int | None]
    """In hundredths of a rupiah; None while it has not been sent or the price is not known."""
    state: Mapped[str] = mapped_column(String(16), default="queued")
    """queued, sending, unknown, sent, delivered, read, undelivered, failed or dropped."""
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    attempted_at: Mapped[datetime | None]
    """The memo: written with the claim, before the provider is called, so that a lost answer can be looked up."""
    provider_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    provider_status: Mapped[str | None] = mapped_column(String(32))
    error_code: Mapped[str | None] = mapped_column(String(32))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    status_at: Mapped[datetime | None]


@dataclass(frozen=True)
class OutboxView:
    """One message on its way, with the address it goes to."""

    id: int
    key: str
    contact_id: int
    address_id: int
    address: str
    channel: str
    route: str | None
    text: str
    template: Mapping[str, Any] | None
    choices: tuple[str, ...]
    media: tuple[str, ...]
    priority: int
    state: str
    tries: int
    attempted_at: datetime | None
    useless_after: datetime
    staff_id: int | None
    created_at: datetime
    last_inbound_at: datetime | None = None
    """When something last came from this address; known with a claim only."""

    @property
    def kind(self) -> str:
        """danger, alarm, reply, staff, notice or reminder."""
        return KINDS[self.priority]


def queue_message(
    db: Session,
    *,
    key: str,
    contact_id: int,
    address_id: int,
    channel: str,
    text: str,
    now: datetime,
    priority: str = "reply",
    not_before: datetime | None = None,
    useless_after: datetime | None = None,
    template: Mapping[str, Any] | None = None,
    choices: Sequence[str] = (),
    media: Sequence[str] = (),
    staff_id: int | None = None,
) -> int | None:
    """Write a message to be sent; None, with nothing written, when its cause has a message already."""
    start = not_before or now
    row = {
        "key": key,
        "contact_id": contact_id,
        "address_id": address_id,
        "channel": channel,
        "text": text,
        "template": dict(template) if template is not None else None,
        "choices": list(choices) or None,
        "media": list(media) or None,
        "priority": PRIORITIES[priority],
        "not_before": start,
        "useless_after": useless_after or start + USEFUL_FOR,
        "state": "queued",
        "tries": 0,
        "next_try_at": start,
        "staff_id": staff_id,
        "created_at": now,
    }
    insert = insert_into(db, OutboxMessage).values(**row).on_conflict_do_nothing(index_elements=["key"])
    return db.scalar(insert.returning(OutboxMessage.id))


def mark_sent(
    db: Session,
    outbox_id: int,
    *,
    provider_id: str,
    now: datetime,
    segments: int | None = None,
    cost: int | None = None,
) -> bool:
    """The provider has it, under this id, and asks `cost` hundredths of a rupiah. False when it was settled before."""
    given = {"outbox_id": outbox_id, "by_provider": provider_id, "now": now, "parts": segments, "price": cost}
    return rows_changed(db, _SENT, given) > 0


def mark_retry(
    db: Session,
    outbox_id: int,
    *,
    at: datetime,
    error_code: str | None,
    counts_as_try: bool = True,
    memo: datetime | None = None,
) -> bool:
    """It surely did not go out: queued again for then. What failed for everybody counts as no try of this message.

    This and the other ends of a try change nothing and give False when the message was settled before, or, where
    `memo` (the attempted_at of the try) is given, when it is another try that is on its way by now.
    """
    again = OutboxMessage.tries + (1 if counts_as_try else 0)
    then = {"next_try_at": at, "attempted_at": None, "error_code": error_code, "tries": again}
    return _settle(db, outbox_id, memo=memo, state="queued", **then)


def mark_failed(
    db: Session, outbox_id: int, *, error_code: str | None, now: datetime, memo: datetime | None = None
) -> bool:
    """It did not and will not go out."""
    return _settle(db, outbox_id, memo=memo, state="failed", error_code=error_code, status_at=now)


def mark_dropped(db: Session, outbox_id: int, *, now: datetime, reason: str = "unwanted") -> None:
    """Nobody wants it any more."""
    _settle(db, outbox_id, memo=None, state="dropped", error_code=reason, status_at=now)


def mark_unknown(db: Session, outbox_id: int, *, now: datetime, memo: datetime | None = None) -> bool:
    """The call broke off: whether it went out has to be asked."""
    return _settle(db, outbox_id, memo=memo, state="unknown", status_at=now)


def unknown_messages(db: Session, *, now: datetime) -> tuple[OutboxView, ...]:
    """Messages whose fate has to be asked: broken-off calls, and claims whose holder has vanished."""
    vanished = (OutboxMessage.state == "sending") & (OutboxMessage.claimed_until <= now)
    rows = db.execute(
        select(OutboxMessage, Address.address)
        .join(Address, Address.id == OutboxMessage.address_id)
        .where(or_(OutboxMessage.state == "unknown", vanished))
        .order_by(OutboxMessage.id)
    )
    return tuple(view_of(row, address) for row, address in rows)


def message_by_provider_id(db: Session, provider_id: str) -> OutboxView | None:
    """Our message that has this id at the provider."""
    found = db.execute(
        select(OutboxMessage, Address.address)
        .join(Address, Address.id == OutboxMessage.address_id)
        .where(OutboxMessage.provider_id == provider_id)
        .execution_options(populate_existing=True)
    ).first()
    return None if found is None else view_of(found[0], found[1])


_SENT = (
    update(OutboxMessage)
    .where(OutboxMessage.id == bindparam("outbox_id"), OutboxMessage.state.in_(("queued", "sending", "unknown")))
    .values(
        state="sent",
        provider_id=bindparam("by_provider"),
        sent_at=bindparam("now", type_=OutboxMessage.sent_at.type),
        tries=OutboxMessage.tries + 1,
        segments=bindparam("parts"),
        cost=bindparam("price"),
        claimed_by=None,
        claimed_until=None,
    )
)
"""Built once: it runs for every message that leaves."""


def _settle(db: Session, outbox_id: int, *, memo: datetime | None, **values: Any) -> bool:
    # Whoever comes late, after its claim ran out and the message was settled or taken up by another, changes nothing.
    mine = [OutboxMessage.id == outbox_id, OutboxMessage.state.in_(("queued", "sending", "unknown"))]
    if memo is not None:
        mine.append(OutboxMessage.attempted_at == memo)
    settled = update(OutboxMessage).where(*mine).values(claimed_by=None, claimed_until=None, **values)
    return rows_changed(db, settled) > 0


def view_of(row: Any, address: str, *, last_inbound_at: datetime | None = None) -> OutboxView:
    """One row (the object, or its columns alone) as it travels between rooms."""
    return OutboxView(
        id=row.id,
        key=row.key,
        contact_id=row.contact_id,
        address_id=row.address_id,
        address=address,
        channel=row.channel,
        route=row.route,
        text=row.text,
        template=row.template,
        choices=tuple(row.choices or ()),
        media=tuple(row.media or ()),
        priority=row.priority,
        state=row.state,
        tries=row.tries,
        attempted_at=row.attempted_at,
        useless_after=row.useless_after,
        staff_id=row.staff_id,
        created_at=row.created_at,
        last_inbound_at=last_inbound_at,
    )
