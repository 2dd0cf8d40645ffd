"""What is measured of a morning, and of the same mornings under two assumptions: means, differences, 95 % bands."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, median, quantiles, stdev

from tests.simulation.assumptions import clock
from tests.simulation.day import Morning, Visit

NOBODY = math.nan
BEGIN, END, STEP = clock(6, 30), clock(13), 5.0
TIMES = tuple(BEGIN + STEP * index for index in range(int((END - BEGIN) / STEP) + 1))
TURNED_AWAY = ("full", "closed", "sent_home", "not_told")
# Student's t for 95 %, two-sided; beyond thirty the normal value is near enough, and a little is added for safety.
T_OF_MANY = 1.98


@dataclass(frozen=True)
class Result:
    """One morning in figures; a mean over nobody is NaN and left out of every average."""

    mean: float
    median: float
    p90: float
    after_eight: float
    """The mean without what people waited before the doctors were due, which they chose themselves."""
    would_book: float
    """The mean of those who (would) book by phone: the same people in every scenario."""
    would_follow: float
    without_phone: float
    """The mean of those who just come."""
    without_phone_p90: float
    crowd: float
    idle: float
    ended: float
    served: float
    turned_away: float
    other_day: float
    late: float
    waiting: tuple[float, ...]
    """How many wait in the building (or before its doors) at each of TIMES."""


@dataclass(frozen=True)
class Band:
    """A mean over seeds with its 95 % band."""

    mean: float
    half: float

    @property
    def low(self) -> float:
        return self.mean - self.half

    @property
    def high(self) -> float:
        return self.mean + self.half


def result_of(morning: Morning) -> Result:
    """The figures of a morning that was run."""
    served = [each for each in morning.visits if each.outcome == "served"]
    waits = [each.wait for each in served]
    begin = morning.given.doctors_begin
    return Result(
        mean=_mean(waits),
        median=median(waits) if waits else NOBODY,
        p90=_p90(waits),
        after_eight=_mean([(each.called or 0) - max(each.arrived or 0, begin) for each in served]),
        would_book=_mean(_waits(served, lambda each: each.visitor.would_book)),
        would_follow=_mean(_waits(served, lambda each: each.visitor.would_book and each.visitor.would_follow)),
        without_phone=_mean(_waits(served, lambda each: not each.visitor.would_book)),
        without_phone_p90=_p90(_waits(served, lambda each: not each.visitor.would_book)),
        crowd=max(crowd_at(morning.visits, each.arrived) for each in served) if served else 0,
        idle=morning.idle,
        ended=morning.ended,
        served=len(served),
        turned_away=sum(each.outcome in TURNED_AWAY for each in morning.visits),
        other_day=sum(each.outcome == "other_day" for each in morning.visits),
        late=sum(each.was_late for each in morning.visits),
        waiting=tuple(float(crowd_at(morning.visits, time)) for time in TIMES),
    )


def crowd_at(visits: Sequence[Visit], time: float | None) -> int:
    """How many are there at this time and not yet with a doctor; who is turned away leaves at once."""
    there = [each for each in visits if each.arrived is not None and each.outcome in ("served", "sent_home")]
    return sum(
        time is not None and (each.arrived or 0) <= time and (each.called is None or each.called > time)
        for each in there
    )


def band(values: Sequence[float]) -> Band:
    """The mean of these seeds and how far the true mean may lie from it; seeds without the value are left out."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return Band(NOBODY, 0.0)
    half = T_OF_MANY * stdev(known) / math.sqrt(len(known)) if len(known) > 1 else 0.0
    return Band(fmean(known), half)


def difference(values: Sequence[float], others: Sequence[float]) -> Band:
    """How much more the first ones are, seed by seed."""
    return band([value - other for value, other in zip(values, others, strict=True)])


def _waits(served: Sequence[Visit], is_one: Callable[[Visit], bool]) -> list[float]:
    return [each.wait for each in served if is_one(each)]


def _mean(values: Sequence[float]) -> float:
    return fmean(values) if values else NOBODY


def _p90(values: Sequence[float]) -> float:
    return quantiles(values, n=10, method="inclusive")[-1] if len(values) > 1 else _mean(values)
