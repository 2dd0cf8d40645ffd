"""Route silence: whether messages that a route took still wait for the first word about them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.outbox import OutboxMessage

LOOK_BACK = timedelta(days=2)
"""What was taken longer ago is no sign of how the route is now, and years of messages are not read."""


def waits_for_word(db: Session, route: str, *, taken_after: datetime | None, taken_before: datetime) -> bool:
    """True when the route took something in that span, two days at most, and what became of it is still open.

    What has become useless meanwhile no longer counts: nobody waits for it.
    """
    start = max(taken_after or taken_before - LOOK_BACK, taken_before - LOOK_BACK)
    waiting = select(OutboxMessage.id).where(
        OutboxMessage.sent_at > start,
        OutboxMessage.sent_at <= taken_before,
        OutboxMessage.useless_after > taken_before,
        OutboxMessage.route == route,
        func.lower(OutboxMessage.state) == "sent",  # by the span, not by the state that nearly every row has
    )
    return db.scalar(waiting.limit(1)) is not None
