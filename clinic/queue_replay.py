"""Queue, replay: a recorded day as it was known at any moment of it, to see how good the estimates of then were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Db

from clinic.facility import Facility
from clinic.queue_estimate import Estimate, Picture, estimates_of
from clinic.queue_habits import LOOK_BACK, Habits, habits_of, served_of
from clinic.queue_sessions import ChangeView, view_of_change
from clinic.queue_table import RANK_STEP, QueueEntry, QueueEvent, SessionChange

EVENING, ARRIVED = "evening", "arrived"
PLACES = {2: "two_before", 5: "five_before", 10: "ten_before"}
MOMENTS = (EVENING, ARRIVED, *sorted(PLACES.values()))
STATE_AFTER = {
    "taken": "waiting",
    "back": "waiting",
    "restored": "waiting",
    "called": "called",
    "served": "serving",
    "done": "done",
    "skipped": "skipped",
    "cancelled": "cancelled",
}


@dataclass(frozen=True)
class Happened:
    """One thing that happened to a number."""

    kind: str
    at: datetime
    reason: str | None = None


@dataclass(frozen=True)
class Known:
    """A number as its row stood at a moment."""

    id: int
    day: date
    session: str
    number: int
    rank: int
    state: str
    priority: str | None
    room: str | None
    taken_at: datetime
    arrived_at: datetime | None
    called_at: datetime | None
    served_at: datetime | None
    done_at: datetime | None


@dataclass(frozen=True)
class Story:
    """Everything that happened to one number, the first thing first."""

    id: int
    day: date
    session: str
    number: int
    last_rank: int
    last_priority: str | None
    room: str | None
    arrived_at: datetime | None
    happened: tuple[Happened, ...]

    def known_at(self, at: datetime) -> Known | None:
        """The row as it stood then; None before it was taken."""
        past = [each for each in self.happened if each.at <= at]
        if not past:
            return None
        states = [STATE_AFTER[each.kind] for each in past if each.kind in STATE_AFTER]
        last = {each.kind: each.at for each in past}
        called = last.get("called")
        is_late = any(each.reason == "late" for each in past)
        done = max((last[kind] for kind in ("done", "skipped") if kind in last), default=None)
        return Known(
            id=self.id,
            day=self.day,
            session=self.session,
            number=self.number,
            rank=self.last_rank if is_late else self.number * RANK_STEP,
            state=states[-1] if states else "waiting",
            priority=self._priority_at(past),
            room=self.room if called else None,
            taken_at=past[0].at,
            arrived_at=self.arrived_at if self.arrived_at is not None and self.arrived_at <= at else None,
            called_at=called,
            served_at=last.get("served"),
            done_at=done if done is not None and called is not None and done >= called else None,
        )

    def called_after(self, at: datetime) -> datetime | None:
        """When it was called next."""
        return next((each.at for each in self.happened if each.kind == "called" and each.at > at), None)

    def was_there(self, estimate: Estimate) -> bool:
        """Whether they were there when the range began, and came in when called: an estimate is for who is there."""
        if self.happened[-1].kind == "skipped":
            return False
        return self.arrived_at is None or self.arrived_at <= max(self.happened[0].at, estimate.earliest)

    def _priority_at(self, past: Sequence[Happened]) -> str | None:
        given = [each for each in self.happened if each.kind == "priority"]
        if not given:
            return self.last_priority
        return next((each.reason for each in reversed(past) if each.kind == "priority"), None)


@dataclass(frozen=True)
class Guess:
    """An estimate that was made then, and what came true."""

    poli: str
    moment: str
    at: datetime
    estimate: Estimate
    called_at: datetime

    @property
    def is_inside(self) -> bool:
        return self.estimate.earliest <= self.called_at <= self.estimate.latest

    @property
    def width(self) -> float:
        return (self.estimate.latest - self.estimate.earliest).total_seconds() / 60

    @property
    def error(self) -> float:
        """Minutes from the middle of the range; positive: called later than that."""
        middle = self.estimate.earliest + (self.estimate.latest - self.estimate.earliest) / 2
        return (self.called_at - middle).total_seconds() / 60


@dataclass(frozen=True)
class RecordedDay:
    """One poli's day."""

    poli: str
    day: date
    stories: Sequence[Story]
    habits: Habits
    """What the weeks before it told."""
    changes: Sequence[tuple[ChangeView, datetime | None]]
    """With the moment from which they counted no more."""

    def picture_at(self, at: datetime) -> Picture:
        known = [row for row in (story.known_at(at) for story in self.stories) if row is not None]
        return Picture(
            poli=self.poli,
            day=self.day,
            today=[row for row in known if row.state != "cancelled"],
            habits=self.habits,
            changes=[each for each, end in self.changes if each.created_at <= at and (end is None or end > at)],
            since_priority=_since_priority(known),
        )


def recorded_days(db: Db, facility: Facility, *, until: date, days: int) -> Iterator[RecordedDay]:
    """Every poli's days before `until` on which somebody was called, the oldest first."""
    first = until - timedelta(days=days)
    for poli in facility.polis:
        stories = _stories(db, poli.id, since=first - timedelta(days=LOOK_BACK), until=until)
        for day in sorted({each.day for each in stories if each.day >= first}):
            mine = [each for each in stories if each.day == day]
            if not any(each.kind == "called" for story in mine for each in story.happened):
                continue
            before = [each for each in stories if timedelta(0) < day - each.day <= timedelta(days=LOOK_BACK)]
            past = [row for row in (each.known_at(at_the_end(each)) for each in before) if row is not None]
            served = [served_of(row) for row in past if row.state != "cancelled"]
            habits = habits_of(served, facility, poli=poli.id)
            yield RecordedDay(poli.id, day, mine, habits, _changes(db, poli.id, day))


def guesses_on(recorded: RecordedDay, facility: Facility) -> Iterator[Guess]:
    """The estimates of that day at the moments that are looked at, for everybody who was called after all."""
    evening = datetime.combine(recorded.day - timedelta(days=1), facility.queue.push_evening, facility.zone)
    moments = {evening: EVENING}
    moments |= {each.at: ARRIVED for story in recorded.stories for each in story.happened if each.kind == "arrived"}
    moments |= {story.happened[0].at: ARRIVED for story in recorded.stories if _came_at_once(story)}
    calls = {each.at for story in recorded.stories for each in story.happened if each.kind == "called"}
    said: set[tuple[int, str]] = set()
    stories = {story.id: story for story in recorded.stories}
    for at in sorted(calls | set(moments)):
        for entry_id, estimate in estimates_of(recorded.picture_at(at), facility, now=at):
            story, truth = stories[entry_id], stories[entry_id].called_after(at)
            for moment in _moments_of(story, estimate, at, evening):
                if truth is None or not story.was_there(estimate):
                    continue
                if (entry_id, moment) not in said:
                    said.add((entry_id, moment))
                    yield Guess(recorded.poli, moment, at, estimate, truth)


def at_the_end(story: Story) -> datetime:
    """When the last thing happened to it."""
    return max(each.at for each in story.happened)


def _moments_of(story: Story, estimate: Estimate, at: datetime, evening: datetime) -> Iterator[str]:
    if at == evening:
        yield EVENING
        return
    if story.arrived_at == at:
        yield ARRIVED
    if estimate.before in PLACES:
        yield PLACES[estimate.before]


def _came_at_once(story: Story) -> bool:
    return story.arrived_at == story.happened[0].at


def _since_priority(known: Iterable[Known]) -> int:
    """How many regular numbers were called since the last one with priority."""
    called = [(row.called_at, row.id, row.priority) for row in known if row.called_at is not None]
    regular = 0
    for _, _, priority in sorted(called, reverse=True):
        if priority is None:
            regular += 1
        elif priority != "gawat":
            break
    return regular


def _stories(db: Db, poli: str, *, since: date, until: date) -> list[Story]:
    days = [since + timedelta(days=ahead) for ahead in range((until - since).days)]
    there = (QueueEvent.poli == poli, QueueEvent.day.in_(days), QueueEvent.entry_id.is_not(None))
    rows: Sequence[Any] = db.execute(
        select(QueueEvent.entry_id, QueueEvent.kind, QueueEvent.at, QueueEvent.reason)
        .where(*there)
        .order_by(QueueEvent.day, QueueEvent.id)
    ).all()
    happened: dict[int, list[Happened]] = {}
    for row in rows:
        happened.setdefault(row.entry_id, []).append(Happened(row.kind, row.at, row.reason))
    entries = db.scalars(select(QueueEntry).where(QueueEntry.poli == poli, QueueEntry.day.in_(days)))
    return [_story(entry, happened[entry.id]) for entry in entries if entry.id in happened]


def _story(entry: QueueEntry, happened: Sequence[Happened]) -> Story:
    return Story(
        id=entry.id,
        day=entry.day,
        session=entry.session,
        number=entry.number,
        last_rank=entry.rank,
        last_priority=entry.priority,
        room=entry.room,
        arrived_at=entry.arrived_at,
        happened=tuple(happened),
    )


def _changes(db: Db, poli: str, day: date) -> list[tuple[ChangeView, datetime | None]]:
    rows = db.scalars(select(SessionChange).where(SessionChange.poli == poli, SessionChange.day == day))
    return [(view_of_change(row), row.undone_at) for row in rows]
