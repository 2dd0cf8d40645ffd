"""Whom a reminder about a person is sent to: the phone that speaks for them, on a channel that can carry it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.contacts import Address, addresses_of, best_address, contacts_of
from clinic.database import Session

WINDOW = timedelta(hours=24)
"""WhatsApp takes free text so long after the last inbound message, and approved templates at any time."""


@dataclass(frozen=True)
class Recipient:
    """An address of a contact who may be written to about the person."""

    contact_id: int
    address_id: int
    channel: str
    needs_template: bool


def find_recipient(db: Session, person_id: int, *, until: datetime, has_template: bool) -> Recipient | None:
    """The best proven contact that has not said stop and can be reached; None when there is none.

    WhatsApp that would need a template we do not have gives way to SMS where the contact has it.
    """
    for contact_id in contacts_of(db, person_id):
        address = best_address(db, contact_id)
        if address is None:
            continue
        needs_template = _needs_template(address, until)
        if needs_template and not has_template:
            address = _sms_address(db, contact_id) or address
        return Recipient(contact_id, address.id, address.channel, _needs_template(address, until))
    return None


def _needs_template(address: Address, until: datetime) -> bool:
    if address.channel != "whatsapp":
        return False
    return address.last_inbound_at is None or address.last_inbound_at + WINDOW < until


def _sms_address(db: Session, contact_id: int) -> Address | None:
    usable = (a for a in addresses_of(db, contact_id) if a.channel == "sms" and a.blocked_at is None)
    return next(usable, None)
