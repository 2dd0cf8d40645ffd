"""Costs: what was sent on which day, by which route and for what, and what that cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.facility import Facility
from clinic.outbox import KINDS, OutboxMessage

SETTLED_AFTER = timedelta(hours=1)
"""So long after midnight nobody's clock still writes into the day before."""
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Amount:
    """Messages that the provider took, and what they cost in hundredths of a rupiah."""

    messages: int = 0
    segments: int = 0
    cost: int = 0
    """What has no known price counts as nothing here ..."""
    unpriced: int = 0
    """... and is counted here."""

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.messages + other.messages,
            self.segments + other.segments,
            self.cost + other.cost,
            self.unpriced + other.unpriced,
        )


@dataclass(frozen=True)
class Line:
    """What was sent of one kind, by one route, by one template."""

    kind: str
    route: str
    """"" where the message left before routes were kept."""
    template: str | None
    """ContentSid; None for what went out as text."""
    amount: Amount


@dataclass(frozen=True)
class DayCosts:
    """One day at the health centre."""

    day: date
    lines: tuple[Line, ...]

    @property
    def amount(self) -> Amount:
        return total(self.lines)

    def cost_of(self, kind: str) -> int:
        return sum(line.amount.cost for line in self.lines if line.kind == kind)


@dataclass
class Ledger:
    """Days as they were read; a day that is over is read once only, as nothing is sent in the past."""

    _settled: dict[date, DayCosts] = field(default_factory=dict)

    def days(self, db: Session, facility: Facility, *, first: date, last: date, now: datetime) -> tuple[DayCosts, ...]:
        """Every day from first to last, both included, without those still to come."""
        last = min(last, facility.today(now))
        return tuple(self._day(db, facility, first + n * ONE_DAY, now) for n in range((last - first).days + 1))

    def _day(self, db: Session, facility: Facility, day: date, now: datetime) -> DayCosts:
        if day in self._settled:
            return self._settled[day]
        costs = costs_on(db, facility, day)
        if midnight(facility, day + ONE_DAY) + SETTLED_AFTER <= now:
            self._settled[day] = costs
        return costs

    def forget_before(self, day: date) -> None:
        """Drop what nobody asks for any more."""
        for old in [each for each in self._settled if each < day]:
            del self._settled[old]


def costs_on(db: Session, facility: Facility, day: date) -> DayCosts:
    """What the providers took on that day, failed deliveries included: most of those are charged as well."""
    sid = OutboxMessage.template["sid"].as_string()
    cost, sent_at = OutboxMessage.cost, OutboxMessage.sent_at
    rows = db.execute(
        select(
            OutboxMessage.priority,
            OutboxMessage.route,
            sid,
            func.count(),
            func.coalesce(func.sum(OutboxMessage.segments), 0),
            func.coalesce(func.sum(cost), 0),
            func.count() - func.count(cost),
        )
        .where(sent_at >= midnight(facility, day), sent_at < midnight(facility, day + ONE_DAY))
        .group_by(OutboxMessage.priority, OutboxMessage.route, sid)
    )
    lines = (
        Line(KINDS[priority], route or "", template, Amount(messages, int(segments), int(spent), unpriced))
        for priority, route, template, messages, segments, spent, unpriced in rows
    )
    return DayCosts(day, tuple(sorted(lines, key=lambda line: (line.kind, line.route, line.template or ""))))


def first_day(db: Session, facility: Facility) -> date | None:
    """The day of the first message that ever left; None when none has."""
    first = db.scalar(select(func.min(OutboxMessage.sent_at)))
    return None if first is None else facility.today(first)


def dropped_for_budget(db: Session, facility: Facility, first: date, last: date) -> Mapping[str, int]:
    """How many messages of each kind were not sent in these days because the budget did not reach."""
    start, end = midnight(facility, first), midnight(facility, last + ONE_DAY)
    rows = db.execute(
        select(OutboxMessage.priority, func.count())
        .where(
            OutboxMessage.state == "dropped",
            OutboxMessage.channel.in_(("whatsapp", "sms")),
            OutboxMessage.next_try_at >= start - ONE_DAY,  # due since then at the earliest: what the index knows
            OutboxMessage.next_try_at < end,
            OutboxMessage.error_code == "budget",
            OutboxMessage.status_at >= start,
            OutboxMessage.status_at < end,
        )
        .group_by(OutboxMessage.priority)
    )
    return {KINDS[priority]: count for priority, count in rows}


def total(lines: Iterable[Line]) -> Amount:
    """All of it together."""
    return sum((line.amount for line in lines), Amount())


def by(lines: Iterable[Line], key: Callable[[Line], str | None]) -> tuple[tuple[str, Amount], ...]:
    """The lines put together by what `key` says, the dearest first; lines for which it says nothing are left out."""
    groups: dict[str, Amount] = {}
    for line in lines:
        name = key(line)
        if name is not None:
            groups[name] = groups.get(name, Amount()) + line.amount
    return tuple(sorted(groups.items(), key=lambda pair: (-pair[1].cost, -pair[1].messages, pair[0])))


def lines_of(days: Sequence[DayCosts]) -> tuple[Line, ...]:
    return tuple(line for day in days for line in day.lines)


def midnight(facility: Facility, day: date) -> datetime:
    """When this day begins at the health centre."""
    return datetime.combine(day, time(), tzinfo=facility.zone)


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def last_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - ONE_DAY
