"""Queue, estimate: when a waiting number will be called, as a range measured from this poli's own days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Db

from clinic.facility import FRIDAY, Facility, Session
from clinic.queue_habits import LOOK_BACK, Habits, habits_of, served_of
from clinic.queue_line import in_order
from clinic.queue_sessions import ChangeView, change_of, changes_on, is_closed
from clinic.queue_table import QueueEntry
from clinic.queue_turns import entry_by_id, in_line, since_priority, turns_of
from clinic.service_times import Pace
from clinic.waiting_times import Ahead, Line, Moment, Pause, RoomState, forecasts, within

AFTER_NOTICE = Moment(4.0, 64.0)
"""How much later than announced a late session begins."""
ANY_MOMENT = Moment(6.0, 49.0)
"""When a session begins that should have begun."""
NARROWEST = timedelta(minutes=5)
AT_WORK, STILL_INSIDE = 25.0, 75.0
"""A room works while it called or ended somebody so lately, or while somebody went in so lately (minutes)."""


@dataclass(frozen=True)
class Estimate:
    """Called between `earliest` and `latest`, in eight of ten cases.

    `before` counts those who are called first, without those whose turn passed while they were not there.
    `measured` is how many patients of today stand behind `minutes_per_patient`; with few, the last weeks do too.
    """

    before: int
    earliest: datetime
    latest: datetime
    minutes_per_patient: float
    measured: int


@dataclass(frozen=True)
class Picture:
    """All that is read of a poli's day, with what its last weeks tell; a row is a number that was not given back."""

    poli: str
    day: date
    today: Sequence[Any]
    habits: Habits
    changes: Sequence[ChangeView]
    since_priority: int


def estimate_for(db: Db, facility: Facility, *, entry_id: int, now: datetime) -> Estimate | None:
    """When this number will be called; None when it does not wait, or its session is closed or over."""
    entry = entry_by_id(db, entry_id)
    if entry is None or entry.state != "waiting":
        return None
    return estimates_on(db, facility, poli=entry.poli, day=entry.day, now=now).get(entry_id)


def estimates_on(db: Db, facility: Facility, *, poli: str, day: date, now: datetime) -> Mapping[int, Estimate]:
    """When each waiting number of this poli and day will be called, by entry; those without a session are left out."""
    if day < facility.today(now):
        return {}
    picture = read_picture(db, facility, poli=poli, day=day)
    return dict(estimates_of(picture, facility, now=now))


def read_picture(db: Db, facility: Facility, *, poli: str, day: date) -> Picture:
    """What the estimate is made from, as the rows stand now."""
    days = [day - timedelta(days=back) for back in range(LOOK_BACK + 1)]
    entry = QueueEntry
    columns = (entry.id, entry.day, entry.session, entry.number, entry.rank, entry.state, entry.priority, entry.room)
    times = (entry.taken_at, entry.arrived_at, entry.called_at, entry.served_at, entry.done_at)
    there = (entry.poli == poli, entry.day.in_(days), entry.state != "cancelled")
    rows = db.execute(select(*columns, *times).where(*there)).all()
    return Picture(
        poli=poli,
        day=day,
        today=[row for row in rows if row.day == day],
        habits=habits_of([served_of(row) for row in rows if row.day != day], facility, poli=poli),
        changes=changes_on(db, [day], poli=poli),
        since_priority=since_priority(db, poli, day),
    )


def estimates_of(picture: Picture, facility: Facility, *, now: datetime) -> Iterator[tuple[int, Estimate]]:
    """The estimates of a day as it was known at that moment."""
    reader = _Reader(picture, facility, now)
    for rooms in dict.fromkeys(reader.rooms.values()):
        names = {name for name, mine in reader.rooms.items() if mine & rooms}
        pace = reader.habits.pace([served_of(row) for row in picture.today], names)
        own = {row.id: row.session for row in picture.today if reader.rooms.get(row.session) == rooms}
        for each in forecasts(reader.line(names, rooms, pace), pause=reader.pause):
            if each.id in own:
                earliest, latest = within(now, each)
                earliest = max(earliest, reader.begins.get(own[each.id], earliest))
                latest = max(latest, earliest + NARROWEST)
                yield each.id, Estimate(each.before, earliest, latest, pace.minutes, pace.measured)


class _Reader:
    """Turns the rows of a day into a line, as the model of waiting times takes it."""

    def __init__(self, picture: Picture, facility: Facility, now: datetime) -> None:
        self.picture, self.facility, self.now = picture, facility, now
        poli, day = picture.poli, picture.day
        self.sessions = {
            each.name: each
            for each in facility.sessions_on(poli, day)
            if not is_closed(picture.changes, poli=poli, day=day, session=each.name)
        }
        self.begins = {name: self._begins(name) for name in self.sessions if not self._has_begun(name)}
        self.rooms = {name: self._rooms_for(session) for name, session in self.sessions.items()}
        self.pause = self._pause()
        self.habits = picture.habits
        has_arrivals = self.habits.is_checked_in or any(row.arrived_at is not None for row in picture.today)
        self.is_checked_in = facility.queue.check_in and has_arrivals

    def line(self, names: set[str], rooms: frozenset[str], pace: Pace) -> Line:
        """The line of these sessions, which share these rooms."""
        turns = turns_of(self.facility, self.picture.poli, self.picture.day)
        today = [row for row in self.picture.today if row.session in names]
        waiting = [in_line(row, turns) for row in today if row.state == "waiting"]
        order = in_order(waiting, since_priority=self.picture.since_priority, rules=self.facility.queue)
        planned = self._planned(today, pace, len(rooms))
        is_there = {each.id: each.is_present or not self.is_checked_in for each in order}
        ahead = [Ahead(each.id, each.turn, is_there=is_there[each.id], planned=planned[each.id]) for each in order]
        begun = names - set(self.begins)
        openings = {turns[name]: self._opening(name) for name in names - begun}
        for name in names & begun:  # of two sessions at the same time, one has begun
            openings.pop(turns[name], None)
        at_work = self._at_work(rooms, pace)
        if not at_work and ahead and ahead[0].turn not in openings:  # everybody paused: somebody will call again
            at_work = [RoomState(since_call=pace.minutes, is_busy=True)]
        usual = max((self.habits.usual_rooms(name, rooms) for name in names), default=1)
        return Line(
            waiting=ahead,
            pace=pace,
            rooms=at_work,
            usual_rooms=min(usual, len(rooms)),
            openings=openings,
            coming=self.habits.coming,
            late_behind=self.facility.queue.late_back_after,
            joins=self.habits.joins,
        )

    def _begins(self, name: str) -> datetime:
        """When the session begins by the timetable, or as staff announced."""
        opens = datetime.combine(self.picture.day, self.sessions[name].opens, self.facility.zone)
        change = self._change(name)
        if change is None:
            return opens
        since = change.created_at if self._last_call(name) is not None else opens
        return since + timedelta(minutes=change.late_minutes)

    def _change(self, name: str) -> ChangeView | None:
        picture = self.picture
        return change_of(picture.changes, poli=picture.poli, day=picture.day, session=name)

    def _has_begun(self, name: str) -> bool:
        """Whether people are called; a doctor who was called away begins anew, so long after staff said so."""
        last, change = self._last_call(name), self._change(name)
        return last is not None and (change is None or change.created_at < last)

    def _last_call(self, name: str) -> datetime | None:
        calls = (row.called_at for row in self.picture.today if row.session == name and row.called_at is not None)
        return max(calls, default=None)

    def _opening(self, name: str) -> Moment:
        """When the first one of the session is called, in minutes of work from now."""
        late = self.habits.late_of(name) if self._change(name) is None else AFTER_NOTICE
        minutes = -self._minutes_since(self._begins(name))
        if minutes + late.minutes < ANY_MOMENT.minutes:
            return ANY_MOMENT
        minutes += late.minutes
        return Moment(self.pause.worked(minutes) if self.pause else minutes, late.variance)

    def _at_work(self, rooms: frozenset[str], pace: Pace) -> list[RoomState]:
        found = []
        for room in sorted(rooms):
            rows = [row for row in self.picture.today if row.room == room and row.called_at is not None]
            last = max(rows, key=lambda row: row.called_at, default=None)
            if last is None:
                continue
            is_busy = last.state in ("called", "serving")
            since = self._minutes_since(last.called_at)
            ended = self._minutes_since(last.done_at or last.called_at)
            if (is_busy and since < STILL_INSIDE) or ended < max(AT_WORK, 3 * pace.minutes):
                found.append(RoomState(since_call=since, is_busy=is_busy))
        return found

    def _planned(self, today: Sequence[Any], pace: Pace, rooms: int) -> dict[int, float]:
        """When the numbers alone would have everybody called, in minutes from now."""
        planned: dict[int, float] = {}
        for name in {row.session for row in today}:
            session = self.sessions[name]
            numbers = sorted((row for row in today if row.session == name), key=lambda row: row.number)
            opens = self._minutes_until(session.opens) + self.habits.late_of(name).minutes
            each_takes = pace.minutes / max(1, min(rooms, self.habits.usual_rooms(name, self.rooms[name])))
            planned |= {row.id: opens + place * each_takes for place, row in enumerate(numbers)}
        return planned

    def _rooms_for(self, session: Session) -> frozenset[str]:
        """Where numbers of this session may be called to: not into the room of another doctor."""
        rooms = self.facility.rooms_of(self.picture.poli)
        fits = [room.id for room in rooms if None in (room.doctor, session.doctor) or room.doctor == session.doctor]
        return frozenset(fits or [room.id for room in rooms])

    def _pause(self) -> Pause | None:
        pause = self.facility.queue.friday_break
        if pause is None or self.picture.day.weekday() != FRIDAY:
            return None
        return Pause(self._minutes_until(pause.opens), self._minutes_until(pause.closes))

    def _minutes_until(self, clock: time) -> float:
        return -self._minutes_since(datetime.combine(self.picture.day, clock, self.facility.zone))

    def _minutes_since(self, at: datetime) -> float:
        return (self.now - at).total_seconds() / 60
