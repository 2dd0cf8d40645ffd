"""Outbox, claim: which messages may go out now, by which route, and whose they are until they are settled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from clinic.contacts import Address, Contact
from clinic.outbox import KINDS, NEVER_HELD_BACK, PRIORITIES, UNASKED, OutboxMessage, OutboxView, view_of

CHANNELS = ("whatsapp", "sms", "console")
DAILY_CAP = 60
DAY = timedelta(hours=24)
OLDEST = timedelta(days=31)
"""Nothing waits so long: of an address only its newer messages are compared."""

Chooser = Callable[[OutboxView, str | None], str | None]
"""(message, the route that last worked at its address) -> the route it takes now; None: it waits."""

# Statements are built once: building them anew costs more than running them, and a claim runs many times a second.
_TABLE = OutboxMessage.__table__
_QUEUED = OutboxMessage.state == "queued"
_NOW = bindparam("now", type_=OutboxMessage.next_try_at.type)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_CONTACTS: BindParameter[Any] = bindparam("contacts", expanding=True)


def _is_due(channel: str) -> Any:
    due = select(OutboxMessage.id).where(_QUEUED, OutboxMessage.channel == channel, OutboxMessage.next_try_at <= _NOW)
    return due.exists().label(channel)


def _in_order() -> Any:
    """Due messages of a channel, each the first of its address, while nothing else to that address is on its way."""
    other = aliased(OutboxMessage)
    # By address and age, not by state: no planner knows how many are queued now, and it would compare all with all.
    same = (other.address_id == OutboxMessage.address_id) & (other.created_at > bindparam("recent", type_=_NOW.type))
    state = func.coalesce(other.state, "")
    on_its_way = select(other.id).where(same, state.in_(("sending", "unknown")), other.id != OutboxMessage.id)
    earlier = (other.priority < OutboxMessage.priority) | (
        (other.priority == OutboxMessage.priority) & (other.id < OutboxMessage.id)
    )
    is_waiting = (state == "queued") & (other.not_before <= _NOW) & (other.useless_after > _NOW)
    first = select(other.id).where(same, is_waiting, earlier)
    danger = OutboxMessage.priority == PRIORITIES["danger"]
    to = (Address.address.label("to_address"), Address.route.label("last_route"), Address.last_inbound_at)
    return (
        select(*_TABLE.c, *to)
        .join(Address, Address.id == OutboxMessage.address_id)
        .where(_QUEUED, OutboxMessage.channel == bindparam("channel"))
        # Not a plain comparison: no index serves it, so the first few are found by walking in order, not by sorting.
        .where(func.coalesce(OutboxMessage.next_try_at, _NOW) <= _NOW, OutboxMessage.useless_after > _NOW)
        .where(or_(danger, ~on_its_way.exists()), ~first.exists())
        .order_by(OutboxMessage.priority, OutboxMessage.id)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True, of=OutboxMessage)
    )


_DUE_CHANNELS = select(*(_is_due(channel) for channel in CHANNELS))
_CANDIDATES = _in_order()
_IS_LATE = (
    _QUEUED,
    OutboxMessage.channel.in_(CHANNELS),
    OutboxMessage.next_try_at <= _NOW,
    OutboxMessage.useless_after <= _NOW,
)
_HAS_LATE = select(select(OutboxMessage.id).where(*_IS_LATE).exists())
_LATE = (
    update(OutboxMessage)
    .where(*_IS_LATE)
    .values(state="dropped", error_code="useless", status_at=_NOW)
    .returning(OutboxMessage.id)
)
_DROP = (
    update(OutboxMessage)
    .where(OutboxMessage.id.in_(_IDS), _QUEUED)
    .values(state="dropped", error_code=bindparam("reason"), status_at=_NOW)
)
_TAKE = (
    update(OutboxMessage)
    .where(OutboxMessage.id.in_(_IDS), _QUEUED)
    .values(
        state="sending",
        route=bindparam("to_route"),
        claimed_by=bindparam("worker"),
        claimed_until=bindparam("until", type_=OutboxMessage.claimed_until.type),
        attempted_at=_NOW,
    )
    .returning(OutboxMessage.id)
)
_CAPPED = (
    select(OutboxMessage.contact_id)
    .where(OutboxMessage.contact_id.in_(_CONTACTS))
    .where(OutboxMessage.sent_at > bindparam("since", type_=OutboxMessage.sent_at.type))
    .group_by(OutboxMessage.contact_id)
    .having(func.count() >= bindparam("cap"))
)
_SILENT = select(Contact.id).where(Contact.id.in_(_CONTACTS), Contact.opted_out_at.is_not(None))
_AS_IT_IS = {"synchronize_session": False}


def by_channel(message: OutboxView, _last: str | None) -> str:
    """The route of where each channel has one of its own name."""
    return message.channel


def due_channels(db: Session, *, now: datetime) -> tuple[str, ...]:
    """Channels on which claim_due may find something: a cheap look, good inside database.reading()."""
    found = db.execute(_DUE_CHANNELS, {"now": now}).one()
    return tuple(channel for channel, is_due in zip(CHANNELS, found, strict=True) if is_due)


def has_due(db: Session, *, now: datetime) -> bool:
    """Whether claim_due may find anything."""
    return bool(due_channels(db, now=now))


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

    The memo and the route are written with the claim. What has become useless is passed by (see drop_useless).
    What would go beyond the daily cap of its contact is dropped, and so is what nobody asked for and the contact has
    stopped, and the kinds named in `stopped` (the budget is used up); danger is never held back.
    """
    due = [pair for channel in channels for pair in _first_due(db, channel, now=now, limit=limit)]
    due.sort(key=lambda pair: (pair[0].priority, pair[0].id))
    wanted = _without_unwanted(db, due[:limit], now=now, daily_cap=daily_cap, stopped=stopped)
    routed: dict[str, list[OutboxView]] = {}
    for message, last_route in wanted:
        route = choose(message, last_route)
        if route is not None:
            routed.setdefault(route, []).append(message)
    claim = {"worker": worker, "now": now, "until": now + timedelta(seconds=lease_seconds)}
    claimed = [message for route, group in routed.items() for message in _take(db, group, route=route, claim=claim)]
    return tuple(sorted(claimed, key=lambda message: (message.priority, message.id)))


def has_useless(db: Session, *, now: datetime) -> bool:
    """Whether drop_useless has anything to drop: a cheap look, good inside database.reading()."""
    return bool(db.scalar(_HAS_LATE, {"now": now}))


def drop_useless(db: Session, *, now: datetime) -> tuple[OutboxView, ...]:
    """Drop what is due and no longer of use; gives back what that was."""
    ids = list(db.scalars(_LATE, {"now": now}, execution_options=_AS_IT_IS))
    if not ids:
        return ()
    return tuple(view_of(row, "") for row in db.scalars(select(OutboxMessage).where(OutboxMessage.id.in_(ids))))


def _first_due(db: Session, channel: str, *, now: datetime, limit: int) -> Sequence[tuple[OutboxView, str | None]]:
    """Due messages of a channel, each with its address's last route; locked, so that nobody else takes them."""
    rows = db.execute(_CANDIDATES, {"channel": channel, "now": now, "recent": now - OLDEST, "limit": limit})
    return [(view_of(row, row.to_address, last_inbound_at=row.last_inbound_at), row.last_route) for row in rows]


def _without_unwanted(
    db: Session,
    due: Sequence[tuple[OutboxView, str | None]],
    *,
    now: datetime,
    daily_cap: int,
    stopped: Collection[str],
) -> list[tuple[OutboxView, str | None]]:
    if not due:
        return []
    contacts = {message.contact_id for message, _ in due}
    capped = set(db.scalars(_CAPPED, {"contacts": contacts, "since": now - DAY, "cap": daily_cap}))
    unasked = {message.contact_id for message, _ in due if message.priority in UNASKED}
    silent = set(db.scalars(_SILENT, {"contacts": unasked})) if unasked else set()
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
        db.execute(_DROP, {"ids": ids, "reason": reason, "now": now}, execution_options=_AS_IT_IS)
    return kept


def _take(db: Session, messages: Sequence[OutboxView], *, route: str, claim: dict[str, Any]) -> Sequence[OutboxView]:
    """UPDATE ... RETURNING: ours until the lease ends, or somebody was faster."""
    asked = claim | {"ids": [message.id for message in messages], "to_route": route}
    ours = set(db.scalars(_TAKE, asked, execution_options=_AS_IT_IS))
    memo = claim["now"]
    return [
        replace(message, state="sending", route=route, attempted_at=memo) for message in messages if message.id in ours
    ]
