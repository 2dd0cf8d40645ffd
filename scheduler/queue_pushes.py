"""Queue pushes: what the holder of a number is told without asking, and when, decided from the estimate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.facility_queue import QueueRules
from clinic.queue_estimate import Estimate
from clinic.queue_told import EVENING, LEAVE, MOVED, Holder, Told
from scheduler.quiet import SendingHours

MOST_MOVED = 3
"""So often on one day somebody is told that the time has changed."""
JUST_TAKEN = timedelta(minutes=5)
"""Who took the number so lately has just read when to come."""
BEFORE_EVENING = timedelta(hours=1)
"""Who took the number so shortly before the evening's reminder knows of it."""
APART = timedelta(minutes=10)
"""Between two messages about the same number."""


@dataclass(frozen=True)
class Push:
    """One thing to tell about one number, with the range that is said; useless once its turn is over."""

    holder: Holder
    kind: str
    occurrence: int
    estimate: Estimate
    useless_after: datetime
    is_later: bool = False
    """Of `moved`: the turn comes later than was said, not earlier."""

    @property
    def key(self) -> str:
        """The outbox key: the same push is never two messages."""
        return f"queue:{self.holder.entry_id}:{self.kind}:{self.occurrence}"


def evening_push(
    holder: Holder,
    estimate: Estimate | None,
    told: Sequence[Told],
    *,
    now: datetime,
    rules: QueueRules,
    hours: SendingHours,
) -> Push | None:
    """The reminder of the evening before; useless when sending ends that day."""
    today = now.astimezone(hours.zone).date()
    evening = hours.at(today, rules.push_evening)
    if estimate is None or not hours.allow(now) or now < evening or holder.day != today + timedelta(days=1):
        return None
    if holder.taken_at > evening - BEFORE_EVENING or any(each.kind == EVENING for each in told):
        return None
    return Push(holder, EVENING, 0, estimate, useless_after=hours.end_of(today))


def push_of_the_day(
    holder: Holder,
    estimate: Estimate | None,
    told: Sequence[Told],
    *,
    now: datetime,
    rules: QueueRules,
    hours: SendingHours,
) -> Push | None:
    """On the day itself: that it is time to leave, or that the time which was said has moved; nothing while quiet.

    Nobody is told who is there already, or who took the number or was told something a moment ago.
    """
    if estimate is None or holder.arrived_at is not None or holder.state != "waiting" or not hours.allow(now):
        return None
    if holder.day != now.astimezone(hours.zone).date() or now >= estimate.latest or now - holder.taken_at < JUST_TAKEN:
        return None
    if told and now - told[-1].created_at < APART:
        return None
    if not any(each.kind == LEAVE for each in told) and now >= leaves_at(holder, estimate, rules):
        return Push(holder, LEAVE, 0, estimate, useless_after=estimate.latest)
    return _moved(holder, estimate, told, rules)


def leaves_at(holder: Holder, estimate: Estimate, rules: QueueRules) -> datetime:
    """When they have to leave to be there when the range begins."""
    travel = rules.travel_minutes if holder.travel_minutes is None else holder.travel_minutes
    return estimate.earliest - timedelta(minutes=travel)


def _moved(holder: Holder, estimate: Estimate, told: Sequence[Told], rules: QueueRules) -> Push | None:
    """Again only when the middle of the range moved by more than `moved_minutes` since it was said last."""
    said = next((middle for each in reversed(told) if (middle := _middle(each.told_from, each.told_until))), None)
    middle = _middle(estimate.earliest, estimate.latest)
    times = sum(each.kind == MOVED for each in told)
    if said is None or middle is None or times >= MOST_MOVED:
        return None
    if abs(middle - said) <= timedelta(minutes=rules.moved_minutes):
        return None
    return Push(holder, MOVED, times, estimate, useless_after=estimate.latest, is_later=middle > said)


def _middle(begins: datetime | None, ends: datetime | None) -> datetime | None:
    return begins + (ends - begins) / 2 if begins is not None and ends is not None else None
