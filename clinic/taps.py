"""Taps: which message of ours a tapped button belongs to, and whether we have asked something newer since."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.outbox import OutboxMessage

LOOK_BACK = 20
"""So many of our newest messages to a contact are looked through for the last one that offered choices."""
NEVER_CAME = ("dropped", "failed")


@dataclass(frozen=True)
class TappedMessage:
    """A message of ours with its choices; `is_newest` when no later one offered any."""

    outbox_id: int
    text: str
    choices: tuple[str, ...]
    is_newest: bool


def tapped_message(db: Session, contact_id: int, provider_id: str) -> TappedMessage | None:
    """Our message to this contact that has this id at the provider; None when there is none, or none with choices."""
    same = (OutboxMessage.contact_id == contact_id, OutboxMessage.provider_id == provider_id)
    found = db.execute(select(OutboxMessage.id, OutboxMessage.text, OutboxMessage.choices).where(*same)).first()
    if found is None or not found.choices:
        return None
    newest = _newest_with_choices(db, contact_id)
    return TappedMessage(found.id, found.text, tuple(found.choices), is_newest=newest in (None, found.id))


def _newest_with_choices(db: Session, contact_id: int) -> int | None:
    rows = db.execute(
        select(OutboxMessage.id, OutboxMessage.choices)
        .where(OutboxMessage.contact_id == contact_id, OutboxMessage.state.not_in(NEVER_CAME))
        .order_by(OutboxMessage.id.desc())
        .limit(LOOK_BACK)
    )
    return next((row.id for row in rows if row.choices), None)
