"""Service times: how long one patient takes here, measured from the calls of today and of the last weeks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from math import sqrt
from statistics import fmean, median

SHORTEST, LONGEST = 0.2, 90.0
"""Minutes; below is a second press of the button, above somebody forgot to press it."""
WITHIN_MEDIANS = 3.5
"""What took longer than so many medians counts as that much: a doctor who was called away is not a slow patient."""
USUAL_SPREAD = 0.65
"""The spread of one service as a share of its mean, until it was measured."""
DAYS_DIFFER = 0.2
"""How far whole days differ from one another, as a share of the mean, until that was measured."""
ENOUGH_DAYS = 5
ASSUMED_WEIGHS = 10
"""The assumed minutes count like so many measured patients."""
NEVER_SURE = 0.1


@dataclass(frozen=True)
class Served:
    """What is kept of one number of a day that was not given back."""

    day: date
    session: str
    number: int
    room: str
    taken_at: datetime
    arrived_at: datetime | None
    called_at: datetime | None
    done_at: datetime | None
    is_done: bool
    is_skipped: bool
    has_priority: bool = False

    @property
    def there_at(self) -> datetime:
        return max(self.taken_at, self.arrived_at or self.taken_at)


@dataclass(frozen=True)
class Pace:
    """Minutes of one patient from call to call: mean, spread, and how far the mean itself may be off (a share)."""

    minutes: float
    spread: float
    doubt: float
    measured: int
    """Patients of today that were measured."""


def durations(served: Iterable[Served], *, skips_count: bool) -> list[float]:
    """The minutes of each number of one day, in the order of the calls, room by room.

    From its call to the next call of the same room; to its end where nobody waited then, or where nobody was called
    after it. Who did not come counts only where people are called without having told that they are there: there
    such calls stand in the line of everybody, and are short.
    """
    called = [each for each in served if each.called_at is not None]
    called.sort(key=lambda each: (each.session, each.room, each.called_at))
    found: list[float] = []
    for _, group in groupby(called, key=lambda each: (each.session, each.room)):
        row = list(group)
        for mine, following in zip(row, [*row[1:], None], strict=True):
            minutes = _minutes(mine, following, skips_count=skips_count)
            if minutes is not None and minutes >= SHORTEST and (skips_count or not mine.is_skipped):
                found.append(min(minutes, LONGEST))
    return found


def pace_of(today: Sequence[float], earlier: Sequence[Sequence[float]], *, assumed: float) -> Pace:
    """How fast it goes today: what was measured today, drawn towards the last weeks, those towards `assumed`.

    Today weighs n / (n + k): k is how many patients it takes until today's mean is as sure as knowing an ordinary
    day, the spread within a day over the spread between days. So the first patients change little, and a slow day is
    believed after a dozen.
    """
    past = [minutes for day in earlier for minutes in day]
    usual = (sum(robust(past)) + ASSUMED_WEIGHS * assumed) / (len(past) + ASSUMED_WEIGHS)
    every = robust([*past, *today])
    guess = (USUAL_SPREAD * usual) ** 2
    varies = variance_of(every) * len(every) if every else 0.0
    spread = sqrt((varies + guess * ASSUMED_WEIGHS) / (len(every) + ASSUMED_WEIGHS))
    differ = _days_differ(earlier, spread)
    needed = (spread / (differ * usual)) ** 2
    count = len(today)
    minutes = usual if not count else (sum(robust(today)) + needed * usual) / (count + needed)
    unsure = differ * sqrt(needed / (count + needed))
    return Pace(minutes=minutes, spread=spread * minutes / usual, doubt=max(NEVER_SURE, unsure), measured=count)


def robust(minutes: Sequence[float]) -> list[float]:
    """The same minutes, the longest ones cut: their mean is one that a forgotten button cannot move far."""
    if not minutes:
        return []
    most = WITHIN_MEDIANS * median(minutes)
    return [min(each, most) for each in minutes]


def variance_of(minutes: Sequence[float]) -> float:
    """Of all of them; in floats, which is many times faster than exact fractions."""
    mean = fmean(minutes)
    return fmean((each - mean) ** 2 for each in minutes)


def _minutes(mine: Served, following: Served | None, *, skips_count: bool) -> float | None:
    if mine.called_at is None:
        return None
    until = following.called_at if following is not None else mine.done_at
    if following is not None and mine.done_at is not None:
        is_absent = following.is_skipped and not skips_count
        if is_absent or following.there_at > mine.done_at:
            until = mine.done_at
    return (until - mine.called_at).total_seconds() / 60 if until is not None else None


def _days_differ(earlier: Sequence[Sequence[float]], spread: float) -> float:
    """How far days differ beyond chance, as a share of the mean; drawn towards what is usual while days are few."""
    days = [robust(day) for day in earlier if len(day) >= ENOUGH_DAYS]
    if len(days) < 2:
        return DAYS_DIFFER
    means = [fmean(day) for day in days]
    chance = fmean(spread**2 / len(day) for day in days)
    measured = max(0.0, variance_of(means) * len(days) / (len(days) - 1) - chance) / fmean(means) ** 2
    both = (measured * len(days) + DAYS_DIFFER**2 * ENOUGH_DAYS) / (len(days) + ENOUGH_DAYS)
    return min(0.5, max(0.05, sqrt(both)))
