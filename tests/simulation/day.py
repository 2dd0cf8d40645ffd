"""One morning: counter, waiting room and doctors in simpy; who is next is asked of clinic.queue_line."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import simpy

from clinic.facility import Facility
from clinic.facility_queue import AT_ONCE, QueueRules
from clinic.queue_estimate import Estimate
from clinic.queue_line import InLine, rank_behind, who_is_next
from clinic.queue_table import RANK_STEP
from tests.simulation.assumptions import Assumptions
from tests.simulation.people import Visitor, doctors_arrive, people_of
from tests.simulation.turn_time import Row, centre_of, estimates_at, leaves, minutes_of, moment

Steps = Generator[simpy.Event, object, None]
LOOKS_EVERY = 5.0
"""How often the clock looks whom to tell to leave, in minutes; Sapa itself looks every minute."""
EVENING = -7 * 60.0
"""17.00 of the day before."""


@dataclass
class Visit:
    """What became of one person's day."""

    visitor: Visitor
    outcome: str = "expected"
    """served, no_show, other_day (full: told when booking), full (at the counter), closed (came too late), sent_home
    (waited for nothing), not_told (no push came before the session ended)."""
    is_told_to_leave: bool = False
    arrived: float | None = None
    checked_in: float | None = None
    called: float | None = None
    done: float | None = None
    room: str | None = None
    number: int | None = None
    rank: int = 0
    was_late: bool = False

    @property
    def is_present(self) -> bool:
        """Whether the counter knows that they are there."""
        return self.checked_in is not None

    @property
    def wait(self) -> float:
        """Minutes from arriving at the centre, doors open or not, to the doctor's door."""
        assert self.arrived is not None and self.called is not None
        return self.called - self.arrived


@dataclass
class Morning:
    """The whole morning: run it once, then read `visits`, `idle` and `ended`."""

    given: Assumptions
    seed: int
    rules: QueueRules | None = None
    """Those of puskesmas.yml if not said."""
    env: simpy.Environment = field(default_factory=simpy.Environment)
    visits: list[Visit] = field(default_factory=list)
    order_called: list[InLine] = field(default_factory=list)
    since_priority: int = 0
    idle: float = 0.0
    """Minutes in which a doctor was there, free and not on a break, before that doctor's last patient."""
    ended: float = 0.0
    """When the last patient left."""
    numbers: int = 0
    """Given so far; never more than the quota."""
    last_number: int = 0
    kept: list[int] = field(default_factory=list)
    at_counter: int = 0
    told: dict[int, float] = field(default_factory=dict)
    """When each number's holder heard the evening before that their turn may begin."""

    def run(self) -> Morning:
        given = self.given
        self.facility = self._centre()
        self.visits = [Visit(each) for each in people_of(self.seed, given)]
        self.ended = given.doctors_begin
        self.counter = simpy.Resource(self.env, capacity=given.counters)
        self.changed = self.env.event()
        self._book()
        self._tell_the_evening_before()
        for visit in self.visits:
            if visit.outcome == "expected" and not self._is_pushed(visit):
                self.env.process(self._come(visit, self._planned(visit)))
        if given.is_sapa_used and given.follows > 0:
            self.env.process(self._push())
        for index, begins in enumerate(doctors_arrive(self.seed, given)):
            self.env.process(self._doctor(index, begins, break_at=given.break_at + index * given.break_length))
        self.env.run(until=given.lights_out + 120)
        self._close_the_book()
        return self

    def _centre(self) -> Facility:
        centre = centre_of(self.given)
        if self.rules is None:
            self.rules = centre.queue
        return centre.model_copy(update={"queue": self.rules})

    def _book(self) -> None:
        """The day before: numbers in the order of booking, as far as the quota goes."""
        for visit in sorted(self.visits, key=lambda each: each.visitor.booking_order):
            books = self._is_booked(visit)
            if books and self.numbers >= self.given.quota:
                visit.outcome = "other_day"
            elif books:
                self._give_number(visit, at_counter=False)
            if visit.outcome == "expected" and not visit.visitor.comes:
                visit.outcome = "no_show"

    def _give_number(self, visit: Visit, *, at_counter: bool) -> None:
        """The next number, unless they hold one."""
        if visit.number is not None:
            return
        self.numbers += 1
        if at_counter and self.kept:
            visit.number = self.kept.pop(0)
        else:
            self.last_number += 1
            if not at_counter and self.given.kept_for_counter and self.last_number % self.given.kept_for_counter == 0:
                self.kept.append(self.last_number)
                self.last_number += 1
            visit.number = self.last_number
        visit.rank = visit.number * RANK_STEP

    def _planned(self, visit: Visit) -> float:
        """When somebody comes who gets no push on the day."""
        if not self._follows(visit):
            return visit.visitor.usual_arrival
        return self.told[visit.visitor.id] + visit.visitor.punctuality

    def _follows(self, visit: Visit) -> bool:
        return visit.number is not None and visit.visitor.would_follow

    def _is_pushed(self, visit: Visit) -> bool:
        """Whether "berangkat sekarang" reaches them in time: not those who have to leave before messages may go out."""
        leaves = self.told.get(visit.visitor.id, 0.0) - visit.visitor.said_travel
        return self._follows(visit) and leaves >= self.given.pushes_from

    def _estimates(self, now: float, *, announced_late: float = 0) -> Mapping[int, Estimate]:
        return estimates_at(
            [self._row(each) for each in self.visits if each.number is not None],
            self.facility,
            now=self._at(now),
            since_priority=self.since_priority,
            announced_late=announced_late,
        )

    def _tell_the_evening_before(self) -> None:
        """The range that the evening's message names; those who follow it come at its beginning."""
        self.told = {each: minutes_of(estimate.earliest) for each, estimate in self._estimates(EVENING).items()}

    def _push(self) -> Steps:
        """The clock: tells each to leave as scheduler.queue_pushes does."""
        yield self.env.timeout(self.given.pushes_from)
        announced = self.given.late_today if self.given.is_lateness_told else 0
        visits = {each.visitor.id: each for each in self.visits}
        while self.env.now < self.given.session_ends and any(map(self._waits_for_push, self.visits)):
            for number, estimate in self._estimates(self.env.now, announced_late=announced).items():
                visit = visits[number]
                if self._waits_for_push(visit) and self._is_time_to_leave(visit, estimate):
                    visit.is_told_to_leave = True
                    leaves_home = self.env.now + visit.visitor.reaction
                    self.env.process(self._come(visit, leaves_home + visit.visitor.travel))
            yield self.env.timeout(LOOKS_EVERY)

    def _is_time_to_leave(self, visit: Visit, estimate: Estimate) -> bool:
        travel, by_middle = visit.visitor.said_travel, self.given.leaves_by_middle
        return self._at(self.env.now) >= leaves(estimate, travel=travel, facility=self.facility, by_middle=by_middle)

    def _waits_for_push(self, visit: Visit) -> bool:
        return visit.arrived is None and not visit.is_told_to_leave and visit.visitor.comes and self._is_pushed(visit)

    def _come(self, visit: Visit, at: float) -> Steps:
        """Arrive, stand at the counter, get a number or say that one is there."""
        yield self.env.timeout(max(at - self.env.now, 0))
        visit.arrived = self.env.now
        is_last_call = self.given.counter_closes if visit.number is None else self.given.session_ends
        if self.env.now > is_last_call:
            visit.outcome = "closed"
            return
        self.at_counter += 1
        yield self.env.timeout(max(self.given.doors - self.env.now, 0))
        with self.counter.request() as turn:
            yield turn
            is_full = visit.number is None and self.numbers >= self.given.quota
            if not is_full:
                self._give_number(visit, at_counter=True)
                yield self.env.timeout(visit.visitor.registering)
        self.at_counter -= 1
        if is_full:
            visit.outcome = "full"
        else:
            self._check_in(visit)

    def _check_in(self, visit: Visit) -> None:
        """As clinic.queue_arrivals does: whose turn has passed waits behind the next few."""
        visit.was_late = any(each.priority is None and each.rank > visit.rank for each in self.order_called)
        if visit.was_late:
            waiting = [_in_line(each) for each in self._waiting()]
            visit.rank = rank_behind(waiting, _in_line(visit), rules=self.rules)
        visit.checked_in = self.env.now
        self.changed.succeed()
        self.changed = self.env.event()

    def _doctor(self, index: int, begins: float, *, break_at: float) -> Steps:
        """Serve until the session is over and nobody is left in the building."""
        yield self.env.timeout(begins)
        has_had_break, free_since = False, self.env.now
        while self.env.now < self.given.lights_out:
            if self.env.now >= break_at and not has_had_break:
                has_had_break, pause = True, self.given.break_length
                yield self.env.timeout(pause)
                free_since += pause
            visit = self._next()
            if visit is not None:
                self.idle += self.env.now - free_since
                yield from self._serve(visit, index)
                free_since = self.env.now
            elif self.env.now < self.given.session_ends:
                until = self.given.session_ends if has_had_break else min(break_at, self.given.session_ends)
                yield self.changed | self.env.timeout(until - self.env.now)
            elif self.at_counter:
                yield self.changed | self.env.timeout(1)
            else:
                return

    def _next(self) -> Visit | None:
        """Whom the published rule puts first; nobody while all who wait are still on their way."""
        waiting = self._waiting()
        if not any(each.is_present for each in waiting):
            return None
        line = [_in_line(each) for each in waiting]
        first = who_is_next(line, since_priority=self.since_priority, rules=self.rules)
        return next((each for each in waiting if first is not None and each.visitor.id == first.id), None)

    def _serve(self, visit: Visit, index: int) -> Steps:
        visit.room = self.facility.rooms[index].id
        visit.called, visit.outcome = self.env.now, "served"
        self.order_called.append(_in_line(visit))
        if visit.visitor.priority != AT_ONCE:
            self.since_priority = self.since_priority + 1 if visit.visitor.priority is None else 0
        yield self.env.timeout(visit.visitor.service)
        visit.done = self.env.now
        self.ended = max(self.ended, self.env.now)

    def _waiting(self) -> list[Visit]:
        """Every number that was not called yet, whether its holder is there, on the way or will never come."""
        return [each for each in self.visits if each.number is not None and each.outcome in ("expected", "no_show")]

    def _row(self, visit: Visit) -> Row:
        """The number as the database would hold it."""
        state = "waiting" if visit.called is None else "serving" if visit.done is None else "done"
        return Row(
            id=visit.visitor.id,
            number=visit.number or 0,
            rank=visit.rank,
            state=state,
            priority=visit.visitor.priority,
            room=visit.room,
            taken_at=self._at(EVENING - 60 if self._is_booked(visit) else visit.checked_in or self.env.now),
            arrived_at=None if visit.checked_in is None else self._at(visit.checked_in),
            called_at=None if visit.called is None else self._at(visit.called),
            done_at=None if visit.done is None else self._at(visit.done),
        )

    def _is_booked(self, visit: Visit) -> bool:
        return self.given.is_sapa_used and visit.visitor.would_book

    def _at(self, minutes: float) -> datetime:
        return moment(minutes, self.facility.zone)

    def _close_the_book(self) -> None:
        for visit in self.visits:
            if visit.outcome == "expected":
                visit.outcome = "sent_home" if visit.arrived is not None else "not_told"


def _in_line(visit: Visit) -> InLine:
    return InLine(
        id=visit.visitor.id,
        number=visit.number or 0,
        turn=0,
        rank=visit.rank,
        priority=visit.visitor.priority,
        is_present=visit.is_present,
    )
