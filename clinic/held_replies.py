"""Held replies: what staff wrote when WhatsApp took no free text any more waits until the patient writes again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from clinic.cases import Case
from clinic.conversations import hand_to_staff
from clinic.database import rows_changed
from clinic.outbox import PRIORITIES, OutboxMessage

HELD_FOR = timedelta(days=7)
"""Nobody opened it by then: it is dropped."""
SILENT_FOR = timedelta(hours=12)
"""The bot does not talk into an answer of staff."""


_NOW = bindparam("now", type_=OutboxMessage.not_before.type)
_RELEASE = (
    update(OutboxMessage)
    .where(
        OutboxMessage.address_id == bindparam("address"),
        OutboxMessage.state == "queued",
        OutboxMessage.priority == PRIORITIES["staff"],
        OutboxMessage.not_before > _NOW,
    )
    .values(not_before=_NOW, next_try_at=_NOW)
)
"""Built once: every webhook waits for it."""


def held_until(now: datetime) -> datetime:
    """Both not_before and useless_after of a held reply: it goes out when it is released, or never."""
    return now + HELD_FOR


def release_held(db: Session, contact_id: int, *, address_id: int, now: datetime) -> int:
    """The patient wrote: what was held for this address may go out now; how many messages.

    While a case of theirs is in somebody's hands, the bot stays silent: "YA" is no answer to a question of the bot.
    """
    released = rows_changed(db, _RELEASE, {"address": address_id, "now": now})
    if released and _is_in_hand(db, contact_id):
        hand_to_staff(db, contact_id, until=now + SILENT_FOR)
    return released


def _is_in_hand(db: Session, contact_id: int) -> bool:
    taken = select(Case.id).where(Case.contact_id == contact_id, Case.state == "taken")
    return db.scalar(taken.limit(1)) is not None
