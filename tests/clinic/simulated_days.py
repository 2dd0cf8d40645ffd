"""Days of a poli that never were: arrivals, no-shows, slow doctors and priority, by a seed, as stories of numbers."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import exp, log, sqrt

from clinic.facility import Facility, Session
from clinic.facility_queue import Room
from clinic.queue_habits import habits_of, served_of
from clinic.queue_line import InLine, rank_behind, who_is_next
from clinic.queue_replay import Happened, RecordedDay, Story, at_the_end
from clinic.queue_table import RANK_STEP


@dataclass(frozen=True)
class Customs:
    """How it goes in a made-up poli."""

    minutes: float = 7.0
    spread: float = 0.6
    """Of one service, as a share of its mean."""
    days_differ: float = 0.2
    booked: int = 18
    walk_ins: int = 14
    stay_away: float = 0.15
    priority: float = 0.12
    late_begin: float = 8.0
    late_begin_spread: float = 8.0
    called_away: float = 0.03
    rooms: tuple[str, ...] = ("umum",)
    has_check_in: bool = True
    aim: float = 1.2
    """Those who booked come for the time at which so many times their number were served; above 1, mostly too late."""


@dataclass
class _Number:
    id: int
    number: int
    session: Session
    taken_at: datetime
    comes_at: datetime | None
    priority: str | None
    rank: int
    state: str = "waiting"
    arrived_at: datetime | None = None
    room: str | None = None
    happened: list[Happened] = field(default_factory=list)


def simulated_stories(
    facility: Facility, days: Sequence[date], *, poli: str, customs: Customs, seed: int
) -> Iterator[tuple[date, tuple[Story, ...]]]:
    """The numbers of each of these days on which the poli is open."""
    chance = random.Random(f"{seed} {poli}")
    first_id = 1
    for day in days:
        if facility.sessions_on(poli, day):
            stories = _Day(facility, day, poli, customs, chance, first_id).run()
            first_id += len(stories)
            yield day, stories


def simulated_days(
    facility: Facility, *, poli: str, until: date, days: int, customs: Customs, seed: int, history: int = 28
) -> Iterator[RecordedDay]:
    """The last days before `until`, each with the weeks before it."""
    first = until - timedelta(days=days)
    every = [first + timedelta(days=back) for back in range(-history, days)]
    known = dict(simulated_stories(facility, every, poli=poli, customs=customs, seed=seed))
    for day in (each for each in known if each >= first):
        before = [story for other, stories in known.items() for story in stories if 0 < (day - other).days <= 28]
        ended = [row for row in (story.known_at(at_the_end(story)) for story in before) if row is not None]
        habits = habits_of([served_of(row) for row in ended], facility, poli=poli)
        yield RecordedDay(poli, day, known[day], habits, [])


def centre_of(facility: Facility, customs: Customs) -> Facility:
    """The health centre with the rooms and the custom of checking in that the days were made with."""
    queue = facility.queue.model_copy(update={"check_in": customs.has_check_in})
    rooms = tuple(Room(id=room, name=room, poli="umum") for room in customs.rooms)
    return facility.model_copy(update={"queue": queue, "rooms": rooms})


class _Day:
    """One day, from the bookings to the last call."""

    def __init__(
        self, facility: Facility, day: date, poli: str, customs: Customs, chance: random.Random, first_id: int
    ) -> None:
        self.facility, self.day, self.customs, self.chance = facility, day, customs, chance
        self.sessions = facility.sessions_on(poli, day)
        self.rules = facility.queue.model_copy(update={"check_in": customs.has_check_in})
        self.pace = customs.minutes * exp(chance.gauss(0, customs.days_differ))
        self.numbers: list[_Number] = []
        self.first_id = first_id
        self.since_priority = 0
        self._book()
        self._walk_in()

    def run(self) -> tuple[Story, ...]:
        """Let every room call until nobody is left; then those who never came are skipped."""
        for session in self.sessions:
            opens = self._clock(session.opens) + timedelta(minutes=self._late())
            free = [(max(opens, self._last_call()), room) for room in self.customs.rooms]
            heapq.heapify(free)
            while free:
                at, room = heapq.heappop(free)
                following = self._serve(at, room, session)
                if following is not None:
                    heapq.heappush(free, (following, room))
        self._skip_the_rest()
        return tuple(self._story(each) for each in self.numbers)

    def _book(self) -> None:
        share = self.customs.booked
        for index in range(share):
            session = self.sessions[0] if index < share * 0.7 or len(self.sessions) == 1 else self.sessions[1]
            place = index if session is self.sessions[0] else index - int(share * 0.7)
            turn = self._clock(session.opens) + timedelta(
                minutes=self.customs.aim * place * self.pace / len(self.customs.rooms)
            )
            early = timedelta(minutes=self.chance.gauss(25, 18))
            comes = None if self.chance.random() < self.customs.stay_away else turn - early
            taken = self._clock(session.opens) - timedelta(hours=20, minutes=-index)
            self._add(session, taken, comes)

    def _walk_in(self) -> None:
        first, last = self.sessions[0], self.sessions[-1]
        length = (self._clock(last.closes) - self._clock(first.opens)).total_seconds() / 60
        minutes = sorted(
            self.chance.expovariate(1 / 40) - 15 if self.chance.random() < 0.6 else self.chance.uniform(0, length - 40)
            for _ in range(self.customs.walk_ins)
        )
        for each in minutes:
            at = self._clock(first.opens) + timedelta(minutes=min(each, length - 40))
            session = next((s for s in self.sessions if at < self._clock(s.closes)), last)
            self._add(session, at, at)

    def _add(self, session: Session, taken: datetime, comes: datetime | None) -> None:
        number = len(self.numbers) + 1
        priority = "lansia" if self.chance.random() < self.customs.priority else None
        entry = _Number(self.first_id + number - 1, number, session, taken, comes, priority, number * RANK_STEP)
        entry.happened.append(Happened("taken", taken))
        self.numbers.append(entry)

    def _serve(self, at: datetime, room: str, session: Session) -> datetime | None:
        """One call of this room; when it is free again, or None: it closes."""
        self._arrivals(at)
        waiting = self._waiting(at)
        present = [each for each in waiting if each.is_present]
        chosen = who_is_next(
            waiting if not self.rules.check_in else present, since_priority=self.since_priority, rules=self.rules
        )
        if chosen is None or (chosen.turn > self.sessions.index(session)):
            return self._pause_or_close(at, session)
        entry = self.numbers[chosen.number - 1]
        self.since_priority = 0 if entry.priority else self.since_priority + 1
        entry.room = room
        entry.happened.append(Happened("called", at))
        if entry.comes_at is None or entry.comes_at > at:
            ends = at + timedelta(minutes=self.chance.uniform(1, 2.5))
            entry.state = "skipped"
            entry.happened.append(Happened("skipped", ends))
            return ends
        entry.state = "done"
        ends = at + timedelta(minutes=self._service())
        entry.happened += [Happened("served", at + timedelta(seconds=40)), Happened("done", ends)]
        return self._after_break(ends + timedelta(minutes=self.chance.uniform(0.2, 1.2)))

    def _pause_or_close(self, at: datetime, session: Session) -> datetime | None:
        """Nobody is there: look again in a minute, until those who stay away are given up."""
        mine = [each for each in self.numbers if each.session is session and each.state == "waiting"]
        still = [each for each in mine if each.comes_at is not None]
        return at + timedelta(minutes=1) if still else None

    def _arrivals(self, at: datetime) -> None:
        """Whoever came by now told the counter; who came after their turn goes behind the next few."""
        come = [each for each in self.numbers if each.arrived_at is None and each.comes_at and each.comes_at <= at]
        for entry in sorted(come, key=lambda each: each.comes_at or at):
            if not self.rules.check_in or entry.state != "waiting":
                continue
            entry.arrived_at = entry.comes_at
            ranks = [e.rank for e in self.numbers if e.state != "waiting" and e.session is entry.session]
            is_late = bool(ranks) and max(ranks) > entry.rank
            if is_late:
                entry.rank = rank_behind(self._waiting(at), self._in_line(entry), rules=self.rules)
            entry.happened.append(Happened("arrived", entry.arrived_at or at, "late" if is_late else None))

    def _waiting(self, at: datetime) -> list[InLine]:
        return [self._in_line(each) for each in self.numbers if each.state == "waiting" and each.taken_at <= at]

    def _in_line(self, entry: _Number) -> InLine:
        turn = self.sessions.index(entry.session)
        there = entry.arrived_at is not None
        return InLine(entry.id, entry.number, turn, entry.rank, entry.priority, is_present=there)

    def _skip_the_rest(self) -> None:
        at = self._last_call() + timedelta(minutes=20)
        for entry in self.numbers:
            if entry.state == "waiting":
                entry.state = "skipped"
                at += timedelta(seconds=20)
                entry.happened += [Happened("called", at), Happened("skipped", at + timedelta(seconds=10))]

    def _service(self) -> float:
        variance = log(1 + self.customs.spread**2)
        minutes = self.pace * exp(self.chance.gauss(-variance / 2, sqrt(variance)))
        away = self.chance.uniform(8, 20) if self.chance.random() < self.customs.called_away else 0.0
        return max(0.5, minutes) + away

    def _after_break(self, at: datetime) -> datetime:
        pause = self.facility.queue.friday_break
        if pause is None or self.day.weekday() != 4 or not self._clock(pause.opens) <= at < self._clock(pause.closes):
            return at
        return self._clock(pause.closes)

    def _late(self) -> float:
        return max(-5.0, self.chance.gauss(self.customs.late_begin, self.customs.late_begin_spread))

    def _last_call(self) -> datetime:
        ends = [each.at for entry in self.numbers for each in entry.happened if each.kind in ("called", "done")]
        return max(ends, default=self._clock(self.sessions[0].opens))

    def _clock(self, clock: object) -> datetime:
        return datetime.combine(self.day, clock, self.facility.zone)  # type: ignore[arg-type]

    def _story(self, entry: _Number) -> Story:
        happened = sorted(entry.happened, key=lambda each: each.at)
        return Story(
            id=entry.id,
            day=self.day,
            session=entry.session.name,
            number=entry.number,
            last_rank=entry.rank,
            last_priority=entry.priority,
            room=entry.room or self.customs.rooms[0],
            arrived_at=entry.arrived_at,
            happened=tuple(happened),
        )
