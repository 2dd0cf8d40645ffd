"""Reach: where and by which route something last arrived at an address, and whether WhatsApp takes free text there."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from clinic.contacts import Address
from clinic.database import rows_changed

WINDOW = timedelta(hours=24)
"""WhatsApp takes free text so long after the last inbound message, and approved templates at any time."""


def is_window_open(last_inbound_at: datetime | None, *, at: datetime) -> bool:
    """Whether free text may be sent on WhatsApp at that time; only what comes from the patient opens the window."""
    return last_inbound_at is not None and at < last_inbound_at + WINDOW


def note_reached(db: Session, address_id: int, *, route: str | None, now: datetime) -> None:
    """Something surely arrived there by this route."""
    changes: dict[str, object] = {"last_delivered_at": now} | ({"route": route} if route else {})
    rows_changed(db, update(Address).where(Address.id == address_id).values(**changes))


def note_missed(db: Session, address_id: int, *, now: datetime) -> None:
    """Something surely did not arrive there."""
    rows_changed(db, update(Address).where(Address.id == address_id).values(last_failed_at=now))
