"""Forecast: what the rest of a month will cost, from how the last four weeks went."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

LOOK_BACK = 28
"""Days: four whole weeks, so that every weekday counts alike."""
WEEK = 7
ENOUGH_DAYS = 14
"""With fewer the forecast says that it is uncertain."""

IsOpen = Callable[[date], bool]


@dataclass(frozen=True)
class DayCost:
    """A day and what was spent on it."""

    day: date
    cost: int


@dataclass(frozen=True)
class Forecast:
    """What is still to come from now to the end of the month, in hundredths of a rupiah."""

    expected: int
    low: int
    high: int
    days: int
    """How many days it rests on."""

    @property
    def is_uncertain(self) -> bool:
        return self.days < ENOUGH_DAYS


def forecast_rest(history: Sequence[DayCost], *, today: DayCost, last: date, is_open: IsOpen) -> Forecast:
    """What the days from now to `last` will cost, `last` included.

    `history` holds the days before today, 28 at most. An open day to come costs the average of the open days among
    them, a closed day that of the closed ones; today comes to such a day too unless it has cost more already.
    The range is what it would be if all days were like those of the cheapest week, or of the dearest one. With
    fewer than 14 days single days take the place of weeks: a wide range that says how little is known.
    """
    coming = [today.day + timedelta(days=n) for n in range(1, (last - today.day).days + 1)]
    spans = _weeks(history) if len(history) >= ENOUGH_DAYS else [[each] for each in history]
    low = high = expected = 0
    for opens in (True, False):
        ahead = sum(is_open(day) is opens for day in coming)
        spent_today = today.cost if is_open(today.day) is opens else None
        alike = [[each.cost for each in span if is_open(each.day) is opens] for span in spans]
        averages = [_average(costs) for costs in alike if costs]
        everything = [each.cost for each in history if is_open(each.day) is opens]
        low += _coming(min(averages, default=0.0), ahead, spent_today)
        high += _coming(max(averages, default=0.0), ahead, spent_today)
        expected += _coming(_average(everything), ahead, spent_today)
    return Forecast(expected=expected, low=min(low, expected), high=max(high, expected), days=len(history))


def _coming(a_day: float, days: int, spent_today: int | None) -> int:
    rest_of_today = 0.0 if spent_today is None else max(a_day - spent_today, 0.0)
    return round(a_day * days + rest_of_today)


def _weeks(history: Sequence[DayCost]) -> list[list[DayCost]]:
    """Whole weeks back from yesterday; what is left over at the beginning belongs to no week."""
    newest = sorted(history, key=lambda each: each.day, reverse=True)
    return [newest[at : at + WEEK] for at in range(0, len(newest) - WEEK + 1, WEEK)]


def _average(costs: Sequence[int]) -> float:
    return sum(costs) / len(costs) if costs else 0.0
