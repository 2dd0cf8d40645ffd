"""Outbox, claim: which messages may go out now, by which route, and whose they are until they are settled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session, aliased

from clinic.contacts import Address, Contact
from clinic.database import rows_changed
from clinic.outbox import KINDS, NEVER_HELD_BACK, PRIORITIES, UNASKED, OutboxMessage, OutboxView, view_of

CHANNELS = ("whatsapp", "sms", "console")
DAILY_CAP = 60
DAY = timedelta(hours=24)

Chooser = Callable[[OutboxView, str | None], str | None]
"""(message, the route that last worked at its address) -> the route it takes now; None: it waits."""


def by_channel(message: OutboxView, _last: str | None) -> str:
    """The route of where each channel has one of its own name."""
    return message.channel


def has_due(db: Session, *, now: datetime, channels: Iterable[str] = CHANNELS) -> bool:
    """Whether claim_due may have something: a cheap look, good inside database.reading()."""
    return any(
        db.scalar(
            select(OutboxMessage.id)
            .where(
                OutboxMessage.state == "queued",
                OutboxMessage.channel == channel,
                OutboxMessage.next_try_at <= now,
            )
            .limit(1)
        )
        for channel in channels
    )


def claim_due(
    db: Session,
    *,
    worker: str,
    now: datetime,
    limit: int,
    lease_seconds: float,
    daily_cap: int = DAILY_CAP,
    channels: Iterable[str] = CHANNELS,
    choose: Chooser = by_channel,
    stopped: Collection[str] = (),
) -> tuple[OutboxView, ...]:
    """Take up to `limit` messages that may go out now: danger first, then by priority and age, one per address.

    The memo and the route are written with the claim. What has become useless is dropped, and so is what would go
    beyond the daily cap of its contact, what nobody asked for and the contact has stopped, and the kinds named in
    `stopped` (the budget is used up); danger is never held back.
    """
    drop_useless(db, now=now)
    due = [pair for channel in channels for pair in _first_due(db, channel, now=now, limit=limit)]
    due.sort(key=lambda pair: (pair[0].priority, pair[0].id))
    wanted = _without_unwanted(db, due[:limit], now=now, daily_cap=daily_cap, stopped=stopped)
    routed: dict[str, list[OutboxView]] = {}
    for message, last_route in wanted:
        route = choose(message, last_route)
        if route is not None:
            routed.setdefault(route, []).append(message)
    claimed = [
        message
        for route, messages in routed.items()
        for message in _take(db, messages, route=route, worker=worker, now=now, lease_seconds=lease_seconds)
    ]
    return tuple(sorted(claimed, key=lambda message: (message.priority, message.id)))


def drop_useless(db: Session, *, now: datetime) -> tuple[OutboxView, ...]:
    """Drop what is due and no longer of use; gives back what that was."""
    dropped = db.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.state == "queued",
            OutboxMessage.channel.in_(CHANNELS),
            OutboxMessage.next_try_at <= now,
            OutboxMessage.useless_after <= now,
        )
        .values(state="dropped", error_code="useless", status_at=now)
        .returning(OutboxMessage.id),
        execution_options={"synchronize_session": False},
    )
    ids = list(dropped.scalars())
    return (
        tuple(view_of(row, "") for row in db.scalars(select(OutboxMessage).where(OutboxMessage.id.in_(ids))))
        if ids
        else ()
    )


def _first_due(db: Session, channel: str, *, now: datetime, limit: int) -> Sequence[tuple[OutboxView, str | None]]:
    """Due messages of a channel, each with its address's last route; locked, so that nobody else takes them."""
    rows = db.execute(
        _in_order(channel, now).limit(limit).with_for_update(skip_locked=True, of=OutboxMessage),
        execution_options={"populate_existing": True},
    )
    return [(view_of(row, to.address, last_inbound_at=to.last_inbound_at), to.route) for row, to in rows]


def _in_order(channel: str, now: datetime) -> Any:
    """Due messages, each the first of its address, while nothing else to that address is on its way."""
    other = aliased(OutboxMessage)
    same = other.address_id == OutboxMessage.address_id
    on_its_way = select(other.id).where(same, other.state.in_(("sending", "unknown")), other.id != OutboxMessage.id)
    earlier = (other.priority < OutboxMessage.priority) | (
        (other.priority == OutboxMessage.priority) & (other.id < OutboxMessage.id)
    )
    is_waiting = (other.next_try_at <= now) | (other.tries > 0)
    first = select(other.id).where(same, other.state == "queued", is_waiting, earlier)
    danger = OutboxMessage.priority == PRIORITIES["danger"]
    return (
        select(OutboxMessage, Address)
        .join(Address, Address.id == OutboxMessage.address_id)
        .where(OutboxMessage.state == "queued", OutboxMessage.channel == channel, OutboxMessage.next_try_at <= now)
        .where(or_(danger, ~on_its_way.exists()), ~first.exists())
        .order_by(OutboxMessage.priority, OutboxMessage.id)
    )


def _without_unwanted(
    db: Session,
    due: Sequence[tuple[OutboxView, str | None]],
    *,
    now: datetime,
    daily_cap: int,
    stopped: Collection[str],
) -> list[tuple[OutboxView, str | None]]:
    contacts = {message.contact_id for message, _ in due}
    capped = _at_their_cap(db, contacts, since=now - DAY, daily_cap=daily_cap)
    silent = _who_said_stop(db, contacts)
    kept, drops = [], dict[str, list[int]]()
    for message, last_route in due:
        held_back = message.priority not in NEVER_HELD_BACK
        if held_back and message.priority in UNASKED and message.contact_id in silent:
            drops.setdefault("unwanted", []).append(message.id)
        elif held_back and message.contact_id in capped:
            drops.setdefault("daily_cap", []).append(message.id)
        elif held_back and KINDS[message.priority] in stopped:
            drops.setdefault("budget", []).append(message.id)
        else:
            kept.append((message, last_route))
    for reason, ids in drops.items():
        dropped = update(OutboxMessage).where(OutboxMessage.id.in_(ids), OutboxMessage.state == "queued")
        rows_changed(db, dropped.values(state="dropped", error_code=reason, status_at=now))
    return kept


def _take(
    db: Session, messages: Sequence[OutboxView], *, route: str, worker: str, now: datetime, lease_seconds: float
) -> Sequence[OutboxView]:
    """UPDATE ... RETURNING: ours until the lease ends, or somebody was faster."""
    taken = db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_([message.id for message in messages]), OutboxMessage.state == "queued")
        .values(
            state="sending",
            route=route,
            claimed_by=worker,
            claimed_until=now + timedelta(seconds=lease_seconds),
            attempted_at=now,
        )
        .returning(OutboxMessage.id),
        execution_options={"synchronize_session": False},
    )
    ours = set(taken.scalars())
    return [
        replace(message, state="sending", route=route, attempted_at=now) for message in messages if message.id in ours
    ]


def _at_their_cap(db: Session, contacts: Collection[int], *, since: datetime, daily_cap: int) -> frozenset[int]:
    full = (
        select(OutboxMessage.contact_id)
        .where(OutboxMessage.contact_id.in_(contacts), OutboxMessage.sent_at > since)
        .group_by(OutboxMessage.contact_id)
        .having(func.count() >= daily_cap)
    )
    return frozenset(db.scalars(full)) if contacts else frozenset()


def _who_said_stop(db: Session, contacts: Collection[int]) -> frozenset[int]:
    said = select(Contact.id).where(Contact.id.in_(contacts), Contact.opted_out_at.is_not(None))
    return frozenset(db.scalars(said)) if contacts else frozenset()
