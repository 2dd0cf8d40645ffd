"""Gammu, waiting: which of our messages that still wait in gammu's outbox nobody needs any more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.outbox import OutboxMessage


def useless_among(db: Session, provider_ids: Iterable[str], *, now: datetime) -> tuple[str, ...]:
    """Those of these provider ids whose message has become useless."""
    late = (OutboxMessage.provider_id.in_(list(provider_ids)), OutboxMessage.useless_after <= now)
    return tuple(found for found in db.scalars(select(OutboxMessage.provider_id).where(*late)) if found)
