"""Sent: what delivery looks up about messages that left, and who may ask about one whose fate is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from clinic.cases import Case
from clinic.database import rows_changed, wait_for_turn
from clinic.outbox import PRIORITIES, OutboxMessage

ASKED_FOR = timedelta(hours=24)
TOLD_WITHIN = timedelta(minutes=15)
ASKED_AGAIN_AFTER = timedelta(hours=1)
CASE_LOCK = 0x5A9A_CA5E
"""Any number that nothing else locks."""


def provider_ids_of(db: Session, address_id: int, *, since: datetime) -> frozenset[str]:
    """The provider's ids that messages to this address already hold."""
    rows = db.scalars(
        select(OutboxMessage.provider_id).where(
            OutboxMessage.address_id == address_id,
            OutboxMessage.provider_id.is_not(None),
            OutboxMessage.created_at >= since,
        )
    )
    return frozenset(provider_id for provider_id in rows if provider_id is not None)


def is_any_on_its_way(db: Session) -> bool:
    """True while some message is at the provider and its id not yet with us."""
    return (
        db.scalar(select(OutboxMessage.id).where(OutboxMessage.state.in_(("sending", "unknown"))).limit(1)) is not None
    )


def claim_unknown(
    db: Session, outbox_id: int, *, memo: datetime | None, worker: str, now: datetime, lease_seconds: float
) -> bool:
    """Take the asking upon us; False when the message is settled or somebody else asks already."""
    unsettled = OutboxMessage.state.in_(("sending", "unknown"))
    is_free = or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= now)
    until = now + timedelta(seconds=lease_seconds)
    same_try = OutboxMessage.attempted_at.is_not_distinct_from(memo)
    claim = update(OutboxMessage).where(OutboxMessage.id == outbox_id, unsettled, is_free, same_try)
    return rows_changed(db, claim.values(state="unknown", claimed_by=worker, claimed_until=until)) > 0


@dataclass(frozen=True)
class Untold:
    """A message that its provider took and has said nothing about since."""

    id: int
    route: str
    provider_id: str


def untold(db: Session, *, routes: Sequence[str], now: datetime, limit: int) -> tuple[Untold, ...]:
    """Messages of the last day without any word for a quarter of an hour, and not asked about in the last hour."""
    rows = db.execute(
        select(OutboxMessage.id, OutboxMessage.route, OutboxMessage.provider_id)
        .where(
            OutboxMessage.sent_at > now - ASKED_FOR,
            OutboxMessage.sent_at < now - TOLD_WITHIN,
            OutboxMessage.state == "sent",
            OutboxMessage.route.in_(routes),
            OutboxMessage.provider_id.is_not(None),
            or_(OutboxMessage.status_at.is_(None), OutboxMessage.status_at < now - ASKED_AGAIN_AFTER),
        )
        .order_by(OutboxMessage.sent_at)
        .limit(limit)
    )
    return tuple(Untold(row.id, row.route or "", row.provider_id or "") for row in rows)


def note_asked(db: Session, outbox_id: int, *, now: datetime) -> None:
    """The provider was asked about this message just now."""
    rows_changed(db, update(OutboxMessage).where(OutboxMessage.id == outbox_id).values(status_at=now))


def priority_name(priority: int) -> str:
    """The name of a priority as queue_message takes it."""
    return next(name for name, rank in PRIORITIES.items() if rank == priority)


def has_open_case(db: Session, *, kind: str, topic: str, contact_id: int | None, is_urgent: bool) -> bool:
    """True when staff have this to do already; an urgent one is not covered by one that can wait.

    Until the caller commits nobody else is answered, so two failures at once open one case.
    """
    wait_for_turn(db, CASE_LOCK)
    same = select(Case.id).where(
        Case.kind == kind, Case.topic == topic, Case.state != "closed", Case.contact_id.is_not_distinct_from(contact_id)
    )
    if is_urgent:
        same = same.where(Case.urgent.is_(True))
    return db.scalar(same.limit(1)) is not None
