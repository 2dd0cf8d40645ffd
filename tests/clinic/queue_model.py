"""A queue on paper, for comparing: who holds which number, which places are gone, whom the published rule calls."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from clinic.facility import Facility
from clinic.facility_queue import AT_ONCE

LIVE = ("waiting", "called", "serving")
IN_ROOM = ("called", "serving")


@dataclass(frozen=True)
class Slot:
    """A session of one poli on one day."""

    poli: str
    day: date
    session: str


@dataclass
class Paper:
    """One number on paper."""

    person: int
    slot: Slot
    number: int
    is_extra: bool
    """Let in although it was full."""
    state: str = "waiting"
    priority: str | None = None
    is_there: bool = False
    room: str | None = None
    has_place: bool = True
    """Its place counts as taken: until a cancelled number's time is over and somebody needs it."""
    kept_until: datetime | None = None


@dataclass
class Model:
    """All numbers, what was written down, and the calls of each poli and day."""

    facility: Facility
    numbers: dict[int, Paper] = field(default_factory=dict)
    log: list[tuple[int, str]] = field(default_factory=list)
    calls: dict[tuple[str, date], list[str | None]] = field(default_factory=dict)
    closed: set[Slot] = field(default_factory=set)

    def copy(self) -> Model:
        return Model(self.facility, deepcopy(self.numbers), list(self.log), deepcopy(self.calls), set(self.closed))

    def held(self, person: int, slot: Slot) -> int | None:
        """The id of the number that this person holds at that poli on that day."""
        same = (each for each, it in self.numbers.items() if it.person == person and it.state in LIVE)
        return next((each for each in same if _same_day(self.numbers[each].slot, slot)), None)

    def why_not(self, slot: Slot, now: datetime) -> str | None:
        """Why nobody can take a number there; being full is another matter."""
        today, clock = self.facility.today(now), now.astimezone(self.facility.zone).time()
        if slot.day < today:
            return "past"
        if slot in self.closed:
            return "closed"
        session = next(s for s in self.facility.sessions_on(slot.poli, slot.day) if s.name == slot.session)
        return "past" if slot.day == today and clock >= session.closes else None

    def taken(self, slot: Slot) -> list[Paper]:
        return [it for it in self.numbers.values() if it.slot == slot and it.has_place]

    def quota(self, slot: Slot) -> int:
        sessions = self.facility.sessions_on(slot.poli, slot.day)
        return next(session.quota for session in sessions if session.name == slot.session)

    def take_place(self, person: int, slot: Slot, now: datetime, *, is_extra: bool) -> Paper | None:
        """A new piece of paper with a place; None when there is none."""
        own = next((it for it in self.taken(slot) if it.person == person and it.state == "cancelled"), None)
        if own is not None:
            own.has_place, own.kept_until = False, None
            return Paper(person, slot, self._next_number(slot), is_extra or own.is_extra)
        if not is_extra and len(self.taken(slot)) >= self.quota(slot):
            self._let_go(slot, now)
            if len(self.taken(slot)) >= self.quota(slot):
                return None
        return Paper(person, slot, self._next_number(slot), is_extra)

    def cancel(self, entry: int, now: datetime, *, keep: bool) -> bool:
        it = self.numbers[entry]
        if it.state != "waiting":
            return False
        it.state, it.has_place = "cancelled", keep
        it.kept_until = now + timedelta(minutes=self.facility.queue.undo_minutes) if keep else None
        self.log.append((entry, "cancelled"))
        return True

    def restore(self, entry: int, now: datetime) -> bool:
        it = self.numbers[entry]
        if it.state != "cancelled" or self.held(it.person, it.slot) is not None or self.why_not(it.slot, now):
            return False
        if not it.has_place:
            if len(self.taken(it.slot)) >= self.quota(it.slot):
                self._let_go(it.slot, now)
            if len(self.taken(it.slot)) >= self.quota(it.slot):
                return False
            it.is_extra = False
        it.state, it.has_place, it.kept_until = "waiting", True, None
        self.log.append((entry, "restored"))
        return True

    def kept_for(self, person: int, slot: Slot, now: datetime) -> int | None:
        """The newest number that this person gave back there and that is still kept aside for them."""
        own = (
            each for each, it in self.numbers.items() if (it.person, it.slot, it.state) == (person, slot, "cancelled")
        )
        aside = ((each, self.numbers[each].kept_until) for each in own)
        return max((each for each, until in aside if until is not None and until > now), default=None)

    def waiting(self, poli: str, day: date) -> list[int]:
        return [e for e, it in self.numbers.items() if _of(it, poli, day) and it.state == "waiting"]

    def in_room(self, room: str) -> list[int]:
        return [each for each, it in self.numbers.items() if it.room == room and it.state in IN_ROOM]

    def since_priority(self, poli: str, day: date) -> int:
        """Regular numbers called since the last one with priority; emergencies are no turn of anybody's."""
        count = 0
        for priority in self.calls.get((poli, day), []):
            if priority != AT_ONCE:
                count = count + 1 if priority is None else 0
        return count

    def note_call(self, entry: int, room: str) -> None:
        it = self.numbers[entry]
        it.state, it.room = "called", room
        self.calls.setdefault((it.slot.poli, it.slot.day), []).append(it.priority)
        self.log.append((entry, "called"))

    def _next_number(self, slot: Slot) -> int:
        return 1 + max((it.number for it in self.numbers.values() if _same_day(it.slot, slot)), default=0)

    def _let_go(self, slot: Slot, now: datetime) -> None:
        longest = now + timedelta(minutes=self.facility.queue.undo_minutes)
        for it in self.taken(slot):
            if it.state == "cancelled" and it.kept_until is not None and not now < it.kept_until <= longest:
                it.has_place, it.kept_until = False, None


@dataclass(frozen=True)
class Standing:
    """Where a waiting number stands, as its row says."""

    entry: int
    place: tuple[int, int, int]
    priority: str | None
    is_there: bool


def first_of(line: Collection[Standing], *, since: int, every: int, check_in: bool) -> Standing | None:
    """Whom the rule calls now, said once more and differently from the product."""
    there = [each for each in line if each.is_there] if check_in else []
    could = sorted(there or line, key=lambda each: each.place)
    urgent = [each for each in could if each.priority == AT_ONCE]
    if urgent or not could:
        return urgent[0] if urgent else None
    now = [each for each in could if each.place[0] == could[0].place[0]]
    special = next((each for each in now if each.priority is not None), None)
    return special if special is not None and since >= every else now[0]


def order_of(line: Iterable[Standing], *, since: int, every: int) -> list[int]:
    """Everybody in the order in which the rule calls them if all of them come."""
    left, order = list(line), []
    while (first := first_of(left, since=since, every=every, check_in=False)) is not None:
        left.remove(first)
        order.append(first.entry)
        if first.priority != AT_ONCE:
            since = since + 1 if first.priority is None else 0
    return order


def _same_day(one: Slot, other: Slot) -> bool:
    return (one.poli, one.day) == (other.poli, other.day)


def _of(it: Paper, poli: str, day: date) -> bool:
    return (it.slot.poli, it.slot.day) == (poli, day)
