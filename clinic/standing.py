"""Standing: what has to be known about a contact before its message is heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from clinic.contacts import contact_of
from clinic.conversations import conversation_of
from clinic.inbound import received_since


@dataclass(frozen=True)
class Standing:
    """One contact at the moment its message is taken up."""

    contact_id: int
    is_first_contact: bool
    """Nobody has told this contact yet who we are and how to stop."""
    has_opted_out: bool
    is_with_staff: bool
    """A person holds the conversation: the bot stays silent."""
    recent_messages: int
    """How many messages came from it in the last minutes, this one included."""


def standing_of(db: Session, contact_id: int, *, now: datetime, flood_minutes: int) -> Standing:
    """Look up one contact; raises LookupError when there is none."""
    contact = contact_of(db, contact_id)
    if contact is None:
        raise LookupError(f"no contact {contact_id}")
    return Standing(
        contact_id=contact_id,
        is_first_contact=contact.greeted_at is None,
        has_opted_out=contact.opted_out_at is not None,
        is_with_staff=conversation_of(db, contact_id).is_with_staff(now),
        recent_messages=received_since(db, contact_id, since=now - timedelta(minutes=flood_minutes)),
    )
