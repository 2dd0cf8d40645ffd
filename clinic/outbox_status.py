"""Outbox, status: what providers say of messages they took moves them forward, never back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.outbox import OutboxMessage

# A provider's word for a state -> ours. What is not here is kept as it came and moves nothing.
STATES = {
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "undelivered": "undelivered",
    "failed": "failed",
}
RANKS = {"queued": 0, "sending": 1, "unknown": 1, "sent": 2, "undelivered": 3, "failed": 3, "delivered": 4, "read": 5}


def apply_status(db: Session, *, provider_id: str, status: str, error_code: str | None, now: datetime) -> bool:
    """Move a message forward by the provider's word, never back; False when the id is none of ours.

    A status that we do not know is kept as it came and moves nothing.
    """
    statement = select(OutboxMessage).where(OutboxMessage.provider_id == provider_id).with_for_update()
    row = db.scalar(statement, execution_options={"populate_existing": True})
    if row is None:
        return False
    state = STATES.get(status)
    if state is None or RANKS.get(state, 0) > RANKS.get(row.state, 0):
        row.provider_status = status[:32]
        row.status_at = now
    if state is not None and RANKS[state] > RANKS.get(row.state, 0):
        row.state = state
        row.error_code = error_code or row.error_code
    db.flush()
    return True
