"""Waiting times: when each number of a line will be called, as a range, from what is known of the day so far.

The model. A room calls somebody every `pace.minutes`; c rooms share one line. Who stands behind k others is called when
the rooms have got through what they began and k more: (begun + k * minutes - (c - 1) * minutes / 2) / c from now, or
from when the session begins. Of the others, who is not there yet counts by the chance that they come, and for every one
that is called a few come in between who have priority.

The range. Each of the k adds its own spread, so the spread of their sum grows with the square root of k; what is not
known of today's pace moves all of them together, so it grows with k; a session that has not begun adds how late it
usually begins. The sum is read as a gamma distribution (a wait is never negative, and long ones are longer than short
ones are short): the range lies between its 10th and 90th hundredth. A break is time in which nobody is called.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import erf, exp, pi, sqrt

from clinic.service_times import Pace

EIGHT_OF_TEN = 1.2816
"""So many spreads to either side hold 80 % of a normal distribution."""
STILL_BUSY = 0.45
"""Whoever is served longer than usual takes about this share of the usual minutes more."""
JUST_FREE = 0.15
"""A room that is free calls within this share of the usual minutes."""
UNLIKE_OTHER_DAYS = 0.3
"""By this share more or fewer of the absent come on one day than on another."""
LIKELY = 0.2
"""Who comes less likely than this is not counted among those before."""
HORIZON = 1e4
ROUNDS = 6
AGAIN_WHEN_MOVED = 2.0
"""Who arrives before somebody's call is counted anew when that call lies so many minutes later (speed, not truth)."""


@dataclass(frozen=True)
class Moment:
    """A moment that is not sure: minutes of work from now, and their variance."""

    minutes: float
    variance: float


@dataclass(frozen=True)
class Ahead:
    """Somebody in the line, and the place of their session in the day."""

    id: int
    turn: int
    is_there: bool = True
    planned: float = 0.0
    """When their number alone would have them called, in minutes from now; negative: that has passed."""


@dataclass(frozen=True)
class Coming:
    """How those who are not there yet come: how many at all, and how long after the time that their number says."""

    share: float = 1.0
    after: float = -15.0
    spread: float = 25.0

    def chance(self, planned: float, *, until: float) -> float:
        """How likely somebody comes by then (minutes from now) who should be called at `planned` and is not there."""
        by_now = self.came(-planned)
        return self.share * max(0.0, self.came(until - planned) - by_now) / max(1e-6, 1 - self.share * by_now)

    def came(self, minutes: float) -> float:
        """Of those who come at all, how many are there so long after the time of their number."""
        return (1 + erf((minutes - self.after) / (self.spread * sqrt(2)))) / 2

    def surely_by(self, until: float) -> float:
        """Whoever should be called before that time is there by then, if they come at all."""
        return until - self.after - 4 * self.spread


@dataclass(frozen=True)
class RoomState:
    """A room that calls: minutes since its last call, and whether that patient is still inside."""

    since_call: float
    is_busy: bool


@dataclass(frozen=True)
class Line:
    """One line and the rooms that share it."""

    waiting: Sequence[Ahead]
    pace: Pace
    rooms: Sequence[RoomState]
    """Those at work now; none while the session has not begun."""
    usual_rooms: int
    openings: dict[int, Moment]
    """Session's place in the day -> when it begins. One that has begun is not in it."""
    coming: Coming = Coming()
    late_behind: int = 0
    """Who comes when others were called already goes behind so many."""
    joins: float = 0.0
    """How many with priority come in between for one that is called."""


@dataclass(frozen=True)
class Pause:
    """Minutes from now (negative: past) between which nobody is served."""

    begins: float
    ends: float

    def worked(self, minutes: float) -> float:
        """Of so many minutes from now, those outside the pause."""
        return minutes - max(0.0, min(minutes, self.ends) - max(0.0, self.begins))

    def clock(self, worked: float) -> float:
        """Minutes from now after which so many were worked."""
        begins = max(0.0, self.begins)
        return worked if self.ends <= 0 or worked < begins else worked + max(0.0, self.ends - begins)


@dataclass(frozen=True)
class Forecast:
    """Called between `earliest` and `latest`, in eight of ten cases; minutes from now."""

    id: int
    before: int
    earliest: float
    middle: float
    latest: float


def forecasts(line: Line, *, pause: Pause | None = None) -> Iterator[Forecast]:
    """Everybody in the line, in its order."""
    for person, before, moment in _moments(line):
        low, middle, high = (_quantile(moment, z) for z in (-EIGHT_OF_TEN, 0.0, EIGHT_OF_TEN))
        if pause is not None:
            low, middle, high = pause.clock(low), pause.clock(middle), pause.clock(high)
        yield Forecast(person.id, before=before, earliest=low, middle=middle, latest=high)


def within(now: datetime, forecast: Forecast, *, step: int = 5) -> tuple[datetime, datetime]:
    """The range on the clock, outwards to whole steps of so many minutes, never before now."""
    low, high = (now + timedelta(minutes=each) for each in (forecast.earliest, forecast.latest))
    earliest = low - timedelta(minutes=low.minute % step, seconds=low.second, microseconds=low.microsecond)
    upwards = timedelta(minutes=-high.minute % step, seconds=-high.second, microseconds=-high.microsecond)
    latest = high + upwards
    if latest < high:
        latest += timedelta(minutes=step)
    return max(now, earliest), latest


def later_of(one: Moment, other: Moment) -> Moment:
    """The later of two independent moments, as a normal one with the same mean and variance (Clark, 1961)."""
    spread = sqrt(one.variance + other.variance)
    if spread < 1e-9:
        return one if one.minutes >= other.minutes else other
    apart = (one.minutes - other.minutes) / spread
    density = exp(-(apart**2) / 2) / sqrt(2 * pi)
    first = (1 + erf(apart / sqrt(2))) / 2
    mean = one.minutes * first + other.minutes * (1 - first) + spread * density
    square = (
        (one.minutes**2 + one.variance) * first
        + (other.minutes**2 + other.variance) * (1 - first)
        + (one.minutes + other.minutes) * spread * density
    )
    return Moment(mean, max(0.0, square - mean**2))


def _moments(line: Line) -> Iterator[tuple[Ahead, int, Moment]]:
    """Who stands where, and when they are called."""
    work = _Work(line)
    turn: int | None = None
    before = 0
    for person in line.waiting:
        if person.turn != turn:
            turn = person.turn
            work.begin(line.openings.get(turn))
        yield person, before, work.call_of(person)
        work.add(person)
        before += person.is_there or line.coming.chance(person.planned, until=HORIZON) > LIKELY


class _Work:
    """What lies before the next one in the line, added up person by person."""

    def __init__(self, line: Line) -> None:
        self.line = line
        pace = line.pace
        self.rooms = max(1, len(line.rooms))
        self.start = Moment(0.0, 0.0)
        begun = [self._left(room, pace.minutes) for room in line.rooms]
        self.minutes = sum(begun)
        self.variance = sum((pace.spread * each / pace.minutes) ** 2 for each in begun)
        self.there = 0
        self.absent: list[float] = []
        self.all_come, self.all_unsure = 0.0, 0.0
        self.counted: dict[bool, tuple[float, int, float, float]] = {}

    def begin(self, opening: Moment | None) -> None:
        """The next session: it begins when the one before is through, and not before it opens."""
        if opening is None:
            return
        worked = self.minutes or self.there or self.absent
        self.start = later_of(self._call(*self._arriving(HORIZON)), opening) if worked else opening
        self.rooms = max(1, self.line.usual_rooms)
        self.minutes = self.variance = 0.0
        self.there, self.absent, self.counted = 0, [], {}
        self.all_come = self.all_unsure = 0.0

    def add(self, person: Ahead) -> None:
        """One more who stands before the next."""
        if person.is_there:
            self.there += 1
        else:
            chance = self.line.coming.chance(person.planned, until=HORIZON)
            insort(self.absent, person.planned)
            self.all_come += chance
            self.all_unsure += chance * (1 - chance)

    def call_of(self, person: Ahead) -> Moment:
        """When this one is called, if they are there then.

        Somebody who is there goes before all who are not: only those of the absent come first who arrive before
        that call, and not so late that they are put behind. The earliest call for which this holds, for who is there;
        the latest, for who still has to come.
        """
        if not self.absent:
            return self._call(0.0, 0.0)
        share, after, counted, arriving = self.counted.get(person.is_there, (0.0, 0, 0.0, 0.0))
        moment = self._call(counted, arriving) if person.is_there else self._call(*self._arriving(HORIZON))
        if after == len(self.absent) and abs(moment.minutes - share) < AGAIN_WHEN_MOVED:
            return moment
        for _ in range(ROUNDS):
            in_time = moment.minutes - self.line.late_behind * self.line.pace.minutes / self.rooms
            until = max(self.start.minutes, in_time) if person.is_there else moment.minutes
            counted, arriving = self._arriving(until)
            following = self._call(counted, arriving)
            is_settled = abs(following.minutes - moment.minutes) < 1
            moment = following
            if is_settled:
                break
        self.counted[person.is_there] = (moment.minutes, len(self.absent), counted, arriving)
        return moment

    def _arriving(self, until: float) -> tuple[float, float]:
        """How many of the absent come by then, and the variance of that."""
        coming = self.line.coming
        expected, unsure = self.all_come, self.all_unsure
        for planned in self.absent[bisect_right(self.absent, coming.surely_by(until)) :]:
            at_all, by_then = (coming.chance(planned, until=each) for each in (HORIZON, until))
            expected += by_then - at_all
            unsure += by_then * (1 - by_then) - at_all * (1 - at_all)
        return expected, max(0.0, unsure) + (UNLIKE_OTHER_DAYS * expected) ** 2

    def _call(self, arriving: float, unsure: float) -> Moment:
        pace, joins, rooms = self.line.pace, self.line.joins, self.rooms
        called = (self.there + arriving) * (1 + joins)
        work = self.minutes + called * pace.minutes
        spread = self.variance + called * pace.spread**2 + (unsure + called * joins) * pace.minutes**2
        minutes = max(0.0, work - (rooms - 1) * pace.minutes / 2) / rooms
        between_rooms = (rooms - 1) / rooms * (pace.minutes / rooms) ** 2 / 6
        variance = spread / rooms**2 + (pace.doubt * minutes) ** 2 + between_rooms
        return Moment(self.start.minutes + minutes, self.start.variance + variance)

    @staticmethod
    def _left(room: RoomState, usual: float) -> float:
        """What the room still needs for the one inside, or before it calls again."""
        if not room.is_busy:
            return JUST_FREE * usual
        return max(usual - room.since_call, STILL_BUSY * usual)


def _quantile(moment: Moment, z: float) -> float:
    """Of a gamma distribution with this mean and variance, the value at z spreads (Wilson and Hilferty, 1931)."""
    if moment.minutes <= 0:
        return max(0.0, z * sqrt(moment.variance))
    if moment.variance <= 0:
        return moment.minutes
    ninth = moment.variance / (9 * moment.minutes**2)
    return float(moment.minutes * max(0.0, 1 - ninth + z * sqrt(ninth)) ** 3)
