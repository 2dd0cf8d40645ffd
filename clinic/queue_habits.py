"""Queue, habits: what the last weeks of a poli tell about today: its pace, how late it begins, who comes, who joins."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from statistics import fmean, median
from typing import Any

from clinic.facility import Facility
from clinic.service_times import Pace, Served, durations, pace_of, robust, variance_of
from clinic.waiting_times import Coming, Moment

LOOK_BACK = 28
"""Days: the last four weeks."""
ENOUGH_IN_SESSION = 60
"""Patients of the same session; with fewer, the whole days of the poli speak for it."""
LATE_MEAN, LATE_SPREAD, LATE_WEIGHS = 8.0, 10.0, 4
"""How late a session begins until it was measured, in minutes, and like how many days that counts."""
EARLIEST_BEGIN, LATEST_BEGIN = -20.0, 60.0
COMES, COMES_AFTER, COMES_SPREAD, COMES_WEIGHS = 0.85, -15.0, 25.0, 20
"""How many of those who booked come, and how many minutes after the time of their number, until it was measured;
and like how many numbers that counts."""
FAR = 120.0
MOST_JOIN = 0.3


@dataclass(frozen=True)
class Habits:
    """The last weeks of one poli."""

    is_checked_in: bool
    """Whether nobody is called here who did not say that they are there."""
    coming: Coming
    """How those come who booked."""
    joins: float
    """Numbers with priority that were taken on the day, for one that was called."""
    late: Mapping[str, Moment]
    """Session -> minutes from its opening to its first call."""
    minutes: Mapping[str, Sequence[Sequence[float]]]
    """Session -> what each patient took, day by day."""
    rooms: Mapping[str, int]
    """Session -> how many rooms mostly work in it; only where enough days are known."""
    assumed: float

    def pace(self, today: Sequence[Served], sessions: Collection[str]) -> Pace:
        """How fast it goes today in these sessions."""
        earlier = [day for name in sessions for day in self.minutes.get(name, ())]
        if sum(map(len, earlier)) < ENOUGH_IN_SESSION:
            earlier = [day for days in self.minutes.values() for day in days]
        skips_count = not self.is_checked_in and all(each.arrived_at is None for each in today)
        now = durations((each for each in today if each.session in sessions), skips_count=skips_count)
        return pace_of(now, earlier, assumed=self.assumed)

    def late_of(self, session: str) -> Moment:
        """How long after its opening the session begins."""
        return self.late.get(session, Moment(LATE_MEAN, LATE_SPREAD**2))

    def usual_rooms(self, session: str, rooms: Collection[str]) -> int:
        """How many of these rooms mostly work in that session."""
        return min(self.rooms.get(session, len(rooms)), len(rooms))


def habits_of(past: Sequence[Served], facility: Facility, *, poli: str) -> Habits:
    """What these days of the poli tell."""
    is_checked_in = facility.queue.check_in and any(each.arrived_at is not None for each in past)
    called = sum(each.called_at is not None for each in past)
    joined = sum(each.has_priority and facility.today(each.taken_at) == each.day for each in past)
    days = _by_session(past)
    minutes: dict[str, list[list[float]]] = {}
    for (_, session), numbers in days.items():
        minutes.setdefault(session, []).append(durations(numbers, skips_count=not is_checked_in))
    return Habits(
        is_checked_in=is_checked_in,
        coming=_coming(days),
        joins=min(MOST_JOIN, joined / called) if called else 0.0,
        late=_late(past, facility, poli),
        minutes=minutes,
        rooms=_rooms(days),
        assumed=facility.queue.service_minutes,
    )


def served_of(row: Any) -> Served:
    """A row of the queue as the measuring sees it."""
    return Served(
        day=row.day,
        session=row.session,
        number=row.number,
        room=row.room or "",
        taken_at=row.taken_at,
        arrived_at=row.arrived_at,
        called_at=row.called_at,
        done_at=row.done_at,
        is_done=row.state in ("done", "serving"),
        is_skipped=row.state == "skipped",
        has_priority=row.priority is not None,
    )


def _coming(days: Mapping[tuple[date, str], Sequence[Served]]) -> Coming:
    """Of those who were not at the counter when they took the number: how many came, and when.

    The time is measured from the one at which their number alone would have been called that day.
    """
    booked, after = 0, []
    for numbers in days.values():
        first = min((each.called_at for each in numbers if each.called_at is not None and each.is_done), default=None)
        took = durations(numbers, skips_count=False)
        if first is None or not took:
            continue
        rooms = len({each.room for each in numbers if each.is_done})
        for place, each in enumerate(sorted(numbers, key=lambda one: one.number)):
            if each.arrived_at is not None and each.arrived_at <= each.taken_at:
                continue
            booked += 1
            if each.arrived_at is not None:
                planned = first + timedelta(minutes=place * fmean(robust(took)) / rooms)
                after.append(min(FAR, max(-FAR, (each.arrived_at - planned).total_seconds() / 60)))
    usual = Moment(COMES_AFTER, COMES_SPREAD**2)
    moment = _drawn(after, usual, COMES_WEIGHS)
    share = (len(after) + COMES * COMES_WEIGHS) / (booked + COMES_WEIGHS)
    return Coming(share=share, after=moment.minutes, spread=sqrt(moment.variance))


def _late(past: Iterable[Served], facility: Facility, poli: str) -> dict[str, Moment]:
    first: dict[tuple[str, date], datetime] = {}
    for each in past:
        if each.called_at is not None:
            key = (each.session, each.day)
            first[key] = min(first.get(key, each.called_at), each.called_at)
    opens = {
        (session.name, day): datetime.combine(day, session.opens, facility.zone)
        for day in {day for _, day in first}
        for session in facility.sessions_on(poli, day)
    }
    late: dict[str, list[float]] = {}
    for key, at in first.items():
        if key in opens:
            minutes = (at - opens[key]).total_seconds() / 60
            late.setdefault(key[0], []).append(min(LATEST_BEGIN, max(EARLIEST_BEGIN, minutes)))
    return {
        session: _drawn(minutes, Moment(LATE_MEAN, LATE_SPREAD**2), LATE_WEIGHS) for session, minutes in late.items()
    }


def _drawn(minutes: Sequence[float], usual: Moment, weighs: int) -> Moment:
    """Mean and variance of what was measured, drawn towards what is usual while there is little of it."""
    if not minutes:
        return usual
    count, every = len(minutes), len(minutes) + weighs
    mean = (sum(minutes) + weighs * usual.minutes) / every
    between = (fmean(minutes) - mean) ** 2 * count + (usual.minutes - mean) ** 2 * weighs
    return Moment(mean, (variance_of(minutes) * count + usual.variance * weighs + between) / every)


def _rooms(days: Mapping[tuple[date, str], Sequence[Served]]) -> dict[str, int]:
    counts: dict[str, list[int]] = {}
    for (_, session), numbers in days.items():
        rooms = {each.room for each in numbers if each.called_at is not None}
        counts.setdefault(session, []).extend([len(rooms)] if rooms else [])
    return {name: max(1, round(median(each))) for name, each in counts.items() if len(each) >= LATE_WEIGHS}


def _by_session(served: Iterable[Served]) -> dict[tuple[date, str], list[Served]]:
    sessions: dict[tuple[date, str], list[Served]] = {}
    for each in served:
        sessions.setdefault((each.day, each.session), []).append(each)
    return sessions
