"""Conversation view: one contact as staff see it: both sides of the talk, the people, the addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.contacts import Address, Contact, PersonLink
from clinic.conversations import Conversation
from clinic.inbound_table import InboundMessage
from clinic.outbox import OutboxMessage
from clinic.people import Person
from clinic.staff import StaffMember

FREE_TEXT_HOURS = 24
"""WhatsApp takes free text only so long after the last inbound message."""
Direction = Literal["in", "out"]


@dataclass(frozen=True)
class Line:
    """One message of a conversation, in either direction."""

    direction: Direction
    id: int
    at: datetime
    channel: str
    text: str
    media: tuple[Mapping[str, Any], ...]
    extra: Mapping[str, Any]
    state: str
    error_code: str | None
    staff_name: str | None
    is_template: bool
    is_held: bool = False
    """A reply of staff that waits until the patient writes again."""
    files: tuple[str, ...] = ()
    """Names of files of ours that went with it."""
    choices: tuple[str, ...] = ()
    """Labels of the buttons under it."""


@dataclass(frozen=True)
class AddressView:
    """One way to reach the contact."""

    id: int
    channel: str
    address: str
    last_inbound_at: datetime | None
    is_blocked: bool

    def takes_free_text(self, now: datetime) -> bool:
        """False on WhatsApp once 24 hours have passed since the contact last wrote from there."""
        if self.channel != "whatsapp":
            return True
        last = self.last_inbound_at
        return last is not None and now - last < timedelta(hours=FREE_TEXT_HOURS)


@dataclass(frozen=True)
class KnownNumber:
    """An address and the name that its owner goes by."""

    address: str
    name: str | None


@dataclass(frozen=True)
class PersonTie:
    """Somebody this contact may speak for."""

    person_id: int
    name: str
    role: str
    proof: str


@dataclass(frozen=True)
class ContactCard:
    """Who writes: name, addresses (the last used first), people, and who holds the conversation."""

    id: int
    name: str | None
    addresses: tuple[AddressView, ...]
    people: tuple[PersonTie, ...]
    opted_out_at: datetime | None
    handled_by: str
    handled_until: datetime | None


def conversation(db: Session, contact_id: int, *, limit: int, before: datetime | None = None) -> tuple[Line, ...]:
    """The last messages of a contact in both directions, oldest first."""
    inbound = select(InboundMessage).where(InboundMessage.contact_id == contact_id)
    outbox = (
        select(OutboxMessage, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == OutboxMessage.staff_id)
        .where(OutboxMessage.contact_id == contact_id)
    )
    if before is not None:
        inbound = inbound.where(InboundMessage.received_at < before)
        outbox = outbox.where(OutboxMessage.created_at < before)
    came = db.scalars(inbound.order_by(InboundMessage.received_at.desc(), InboundMessage.id.desc()).limit(limit)).all()
    went = db.execute(outbox.order_by(OutboxMessage.created_at.desc(), OutboxMessage.id.desc()).limit(limit)).all()
    lines = [_line_in(message) for message in came] + [_line_out(message, name) for message, name in went]
    return tuple(sorted(lines, key=lambda line: (line.at, line.direction, line.id))[-limit:])


def contact_card(db: Session, contact_id: int) -> ContactCard | None:
    """All that a case page says about a contact."""
    contact = db.get(Contact, contact_id)
    if contact is None:
        return None
    held = db.get(Conversation, contact_id)
    people = _people(db, contact_id)
    own_name = next((tie.name for tie in people if tie.role == "self"), None)
    return ContactCard(
        id=contact.id,
        name=contact.profile_name or own_name,
        addresses=_addresses(db, contact_id),
        people=people,
        opted_out_at=contact.opted_out_at,
        handled_by=held.handled_by if held else "bot",
        handled_until=held.handled_until if held else None,
    )


def known_numbers(db: Session, *, channel: str, limit: int) -> tuple[KnownNumber, ...]:
    """Addresses of a channel with the name of who writes from there, the oldest first."""
    query = (
        select(Address.address, Contact.profile_name)
        .join(Contact, Contact.id == Address.contact_id)
        .where(Address.channel == channel)
        .order_by(Address.id)
        .limit(limit)
    )
    return tuple(KnownNumber(address=address, name=name) for address, name in db.execute(query).all())


def _line_in(message: InboundMessage) -> Line:
    return Line(
        direction="in",
        id=message.id,
        at=message.received_at,
        channel=message.channel,
        text=message.text,
        media=tuple(message.media),
        extra=message.extra,
        state=message.state,
        error_code=None,
        staff_name=None,
        is_template=False,
    )


def _line_out(message: OutboxMessage, staff_name: str | None) -> Line:
    return Line(
        direction="out",
        id=message.id,
        at=message.created_at,
        channel=message.channel,
        text=message.text,
        media=(),
        extra={},
        state=message.state,
        error_code=message.error_code,
        staff_name=staff_name,
        is_template=message.template is not None,
        is_held=message.state == "queued" and message.not_before > message.created_at and message.staff_id is not None,
        files=tuple(message.media or ()),
        choices=tuple(message.choices or ()),
    )


def _addresses(db: Session, contact_id: int) -> tuple[AddressView, ...]:
    rows = db.scalars(select(Address).where(Address.contact_id == contact_id)).all()
    views = [
        AddressView(row.id, row.channel, row.address, row.last_inbound_at, row.blocked_at is not None) for row in rows
    ]
    return tuple(sorted(views, key=lambda view: (view.last_inbound_at is None, _age(view), view.id)))


def _age(view: AddressView) -> float:
    return -view.last_inbound_at.timestamp() if view.last_inbound_at else 0.0


def _people(db: Session, contact_id: int) -> tuple[PersonTie, ...]:
    query = (
        select(PersonLink, Person.name)
        .join(Person, Person.id == PersonLink.person_id)
        .where(PersonLink.contact_id == contact_id, PersonLink.unlinked_at.is_(None))
        .order_by(PersonLink.linked_at)
    )
    return tuple(PersonTie(link.person_id, name, link.role, link.proof) for link, name in db.execute(query).all())
