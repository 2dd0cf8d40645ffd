"""Any day that can be: numbers taken, moved, cancelled, called and skipped in any order, beside a queue on paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from clinic.database import Database
from clinic.facility import Facility
from clinic.facility_queue import PRIORITIES, QueueRules, Room
from clinic.queue import (
    QueueRefused,
    RoomBusy,
    Ticket,
    begin,
    call_again,
    call_next,
    call_number,
    cancel_number,
    check_in,
    finish,
    line_order,
    restore_number,
    set_priority,
    skip,
    take_number,
)
from clinic.queue_closing import close_days
from clinic.queue_moving import move_number
from clinic.queue_sessions import add_change, undo_change
from clinic.queue_table import QueueCounter, QueueEntry, QueueEvent, SessionChange, SessionCounter
from clinic.queue_turns import turns_of
from tests.clinic.counter import MONDAY, TUESDAY, with_quota
from tests.clinic.hands import a_contact, a_person
from tests.clinic.queue_model import IN_ROOM, LIVE, Model, Paper, Slot, Standing, first_of, order_of

OPENS = datetime.fromisoformat("2026-11-23T08:00+08:00")
SLOTS = (
    Slot("gigi", MONDAY, "pagi"),
    Slot("gigi", MONDAY, "siang"),
    Slot("gigi", TUESDAY, "pagi"),
)
ROOMS = {"gigi_satu": "gigi", "gigi_dua": "gigi"}
PEOPLE = 6
STAFF = "staff:1"
Got = TypeVar("Got")


def small_centre(facility: Facility) -> Facility:
    """Two dentists' rooms, three places in every session."""
    rooms = tuple(Room(id=room, name=room, poli=poli) for room, poli in ROOMS.items() if room != poli)
    rules = QueueRules(regular_per_priority=2, late_back_after=2)
    return with_quota(facility, 3).model_copy(update={"rooms": rooms, "queue": rules})


class QueueMachine(RuleBasedStateMachine):
    """Does each thing to the product and on paper, and compares."""

    numbers = Bundle("numbers")

    def __init__(self, database: Database, facility: Facility) -> None:
        super().__init__()
        self.database, self.facility = database, facility
        self.now = OPENS
        self.model = Model(facility)
        self.changes: dict[Slot, int] = {}
        with database.transaction() as db:
            for table in (QueueEvent, QueueEntry, QueueCounter, SessionCounter, SessionChange):
                db.execute(delete(table))
            self.people = [a_person(db, OPENS, name=f"Contoh {number}") for number in range(PEOPLE)]
            self.contact, _ = a_contact(db, OPENS)

    def do(self, work: Callable[[Session], Got]) -> Got:
        with self.database.transaction() as db:
            return work(db)

    @initialize(target=numbers)
    def morning(self) -> Any:
        """Some hold a number before the doors open, one of them beyond the quota."""
        return multiple(*(self._book(person, SLOTS[0], extra=person == PEOPLE - 3) for person in range(PEOPLE - 2)))

    # what patients do

    @rule(target=numbers, person=st.integers(0, PEOPLE - 1), slot=st.sampled_from(SLOTS), extra=st.booleans())
    def book(self, person: int, slot: Slot, extra: bool) -> Any:
        return self._book(person, slot, extra=extra)

    @rule(target=numbers, entry=numbers)
    def book_again(self, entry: int) -> Any:
        """The same person for the same session: held still, or given back a moment ago."""
        it = self.model.numbers[entry]
        return self._book(it.person, it.slot, extra=False)

    @rule(entry=numbers, keep=st.booleans())
    def cancel(self, entry: int, keep: bool) -> None:
        cancelled = self.do(lambda db: cancel_number(db, entry, facility=self.facility, now=self.now, keep=keep))
        assert self.model.cancel(entry, self.now, keep=keep) == (cancelled is not None)

    @rule(target=numbers, entry=numbers, then=st.sampled_from(("book", "undo")), minutes=st.sampled_from((0, 9, 11)))
    def change_mind(self, entry: int, then: str, minutes: int) -> Any:
        """Given back, and wanted again at once, just in time, or just too late."""
        self.cancel(entry, keep=True)
        self.now += timedelta(minutes=minutes)
        if then == "book":
            return self.book_again(entry)
        self.undo(entry)
        return multiple()

    @rule(entry=numbers)
    def undo(self, entry: int) -> None:
        restored = self.do(lambda db: restore_number(db, entry, facility=self.facility, now=self.now))
        assert self.model.restore(entry, self.now) == (restored is not None)

    @rule(target=numbers, entry=numbers, slot=st.sampled_from(SLOTS))
    def reschedule(self, entry: int, slot: Slot) -> Any:
        """Onto another day or session of the same poli; when that does not work, nothing has happened.

        Who moves to where they were a moment ago has the very number again that is kept aside for them.
        """
        before = self.model.numbers[entry]
        slot = Slot(before.slot.poli, slot.day, slot.session)
        if slot not in SLOTS:
            return multiple()
        given: dict[str, Any] = {"day": slot.day, "session": slot.session, "contact_id": self.contact, "via": "sms"}
        moved = self.do(
            lambda db: _or_refusal(lambda: move_number(db, entry, facility=self.facility, now=self.now, **given))
        )
        after = self.model.copy()
        if not after.cancel(entry, self.now, keep=True):
            assert moved is None
            return multiple()
        assert moved is not None
        kept = after.kept_for(before.person, slot, self.now)
        if kept is not None and after.restore(kept, self.now):
            assert isinstance(moved, Ticket) and (kept, True) == (moved.id, moved.is_new)
            self.model = after
            return multiple()
        new = self._compare_taken(after, before.person, slot, moved, extra=False)
        if isinstance(moved, Ticket) and moved.is_new:
            self.model = after
        return new

    # what the counter and the rooms do

    @rule(entry=numbers)
    def arrive(self, entry: int) -> None:
        it = self.model.numbers[entry]
        before = self._standings(it.slot.poli, it.slot.day)
        arrived = self.do(lambda db: check_in(db, entry, facility=self.facility, now=self.now, actor=STAFF))
        can = it.state in ("waiting", "skipped") and self.model.held(it.person, it.slot) in (None, entry)
        assert can == (arrived is not None)
        if arrived is None or (it.state == "waiting" and it.is_there):
            return
        self.model.log.append((entry, "back" if it.state == "skipped" else "arrived"))
        assert arrived.is_late or it.state == "waiting", "who was skipped is late"
        it.state, it.is_there, it.room = "waiting", True, None
        if arrived.is_late:
            self._check_late(entry, before)

    @rule(room=st.sampled_from(tuple(ROOMS)), day=st.sampled_from((MONDAY, MONDAY, TUESDAY)))
    def call(self, room: str, day: date) -> None:
        poli = ROOMS[room]
        expected = first_of(
            self._standings(poli, day), since=self.model.since_priority(poli, day), every=2, check_in=True
        )
        busy = self._busy(room, day)
        try:
            called = self.do(lambda db: call_next(db, room, day, facility=self.facility, now=self.now, actor=STAFF))
        except RoomBusy:
            assert busy
            return
        assert not busy
        assert (expected.entry if expected else None) == (called.id if called else None)
        if called is not None:
            self._note_call(called.id, room, passed=called.passed)

    @rule(entry=numbers, room=st.sampled_from(tuple(ROOMS)))
    def call_by_hand(self, entry: int, room: str) -> None:
        it = self.model.numbers[entry]
        can = it.state == "waiting" and it.slot.poli == ROOMS[room]
        busy = can and self._busy(room, it.slot.day)
        given: dict[str, Any] = {"facility": self.facility, "now": self.now, "actor": STAFF, "reason": "dokter"}
        try:
            called = self.do(lambda db: call_number(db, entry, room, **given))
        except RoomBusy:
            assert busy
            return
        assert (can and not busy) == (called is not None)
        if called is not None:
            self._note_call(entry, room, passed=called.passed)

    @rule(entry=numbers)
    def call_once_more(self, entry: int) -> None:
        self._staff_does(entry, call_again, from_=("called",), kind="recalled")

    @rule(entry=numbers)
    def let_in(self, entry: int) -> None:
        self._staff_does(entry, begin, from_=("called",), kind="served", state="serving")

    @rule(entry=numbers)
    def end(self, entry: int) -> None:
        self._staff_does(entry, finish, from_=IN_ROOM, kind="done", state="done")

    @rule(entry=numbers)
    def did_not_come(self, entry: int) -> None:
        self._staff_does(entry, skip, from_=("called",), kind="skipped", state="skipped")

    @rule(entry=numbers, priority=st.one_of(st.none(), st.sampled_from(PRIORITIES)))
    def give_priority(self, entry: int, priority: str | None) -> None:
        it = self.model.numbers[entry]
        given: dict[str, Any] = {"facility": self.facility, "now": self.now, "actor": STAFF}
        done = self.do(lambda db: set_priority(db, entry, priority, **given))
        assert done == (it.state == "waiting")
        if done and it.priority != priority:
            it.priority = priority
            self.model.log.append((entry, "priority"))

    @rule(slot=st.sampled_from(SLOTS))
    def close_or_open_session(self, slot: Slot) -> None:
        if slot in self.changes:
            change = self.changes.pop(slot)
            self.model.closed.remove(slot)
            assert self.do(lambda db: undo_change(db, change, now=self.now))
            return
        given: dict[str, Any] = {"poli": slot.poli, "day": slot.day, "session": slot.session, "now": self.now}
        given |= {"kind": "closed", "reason": "Dokter sakit", "staff_id": None}
        self.changes[slot] = self.do(lambda db: add_change(db, **given))
        self.model.closed.add(slot)

    # what the clock does

    @rule(minutes=st.sampled_from((1, 5, 11, 60)))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(minutes=st.sampled_from((1, 7, 60)))
    def clock_is_set_back(self, minutes: int) -> None:
        self.now -= timedelta(minutes=minutes)

    @precondition(lambda self: self.now.date() == MONDAY and len(self.model.numbers) > 7)
    @rule()
    def night_comes(self) -> None:
        self.now = OPENS + timedelta(days=1)
        self.do(lambda db: close_days(db, self.facility, now=self.now))
        today = self.facility.today(self.now)
        for entry, it in self.model.numbers.items():
            if it.slot.day < today and it.state in LIVE:
                is_off = it.state == "waiting" and it.slot in self.model.closed
                it.state = "done" if it.state == "serving" else "cancelled" if is_off else "skipped"
                self.model.log.append((entry, it.state))

    # what holds after each of these

    @invariant()
    def rows_are_as_on_paper(self) -> None:
        with self.database.reading() as db:
            rows = db.execute(
                select(QueueEntry.id, QueueEntry.number, QueueEntry.state, QueueEntry.priority, QueueEntry.session)
            ).all()
        found = {row.id: (row.number, row.state, row.priority, row.session) for row in rows}
        paper = self.model.numbers.items()
        assert {entry: (it.number, it.state, it.priority, it.slot.session) for entry, it in paper} == found

    @invariant()
    def no_number_is_given_twice_and_nobody_holds_two(self) -> None:
        every = self.model.numbers.values()
        numbers = [(it.slot.poli, it.slot.day, it.number) for it in every]
        people = [(it.slot.poli, it.slot.day, it.person) for it in every if it.state in LIVE]
        assert len(numbers) == len(set(numbers))
        assert len(people) == len(set(people))

    @invariant()
    def places_taken_are_those_of_people_and_those_kept_aside(self) -> None:
        with self.database.reading() as db:
            counters = db.execute(
                select(SessionCounter.poli, SessionCounter.day, SessionCounter.session, SessionCounter.taken)
            ).all()
        taken = {Slot(row.poli, row.day, row.session): row.taken for row in counters}
        for slot in SLOTS:
            places = self.model.taken(slot)
            extra = sum(it.is_extra for it in places)
            assert taken.get(slot, 0) == len(places) <= self.model.quota(slot) + extra

    @invariant()
    def every_change_is_written_down_once(self) -> None:
        with self.database.reading() as db:
            events = db.execute(select(QueueEvent.entry_id, QueueEvent.kind).order_by(QueueEvent.id)).all()
        assert self.model.log == [tuple(event) for event in events]

    @invariant()
    def each_room_has_one_number_at_most(self) -> None:
        for room in ROOMS:
            for day in (MONDAY, TUESDAY):
                there = [e for e in self.model.in_room(room) if self.model.numbers[e].slot.day == day]
                assert len(there) <= 1

    @invariant()
    def the_line_obeys_the_published_rule_and_loses_nobody(self) -> None:
        for poli, day in {(slot.poli, slot.day) for slot in SLOTS}:
            with self.database.reading() as db:
                told = list(line_order(db, self.facility, poli, day))
            since = self.model.since_priority(poli, day)
            assert told == order_of(self._standings(poli, day), since=since, every=2)
            assert sorted(told) == sorted(self.model.waiting(poli, day))

    def teardown(self) -> None:
        """Whoever still waits is called in the end."""
        for room, poli in ROOMS.items():
            for day in (MONDAY, TUESDAY):
                self._call_everybody(room, poli, day)

    def _call_everybody(self, room: str, poli: str, day: date) -> None:
        given: dict[str, Any] = {"facility": self.facility, "now": self.now, "actor": STAFF}
        for entry in self.model.in_room(room):
            self.do(lambda db, entry=entry: finish(db, entry, **given))  # type: ignore[misc]
        left, called = set(self.model.waiting(poli, day)), set[int]()
        while (next_ := self.do(lambda db: call_next(db, room, day, **given))) is not None:
            called.add(next_.id)
            self.do(lambda db, entry=next_.id: finish(db, entry, **given))  # type: ignore[misc]
        assert called == left
        for entry in called:
            self.model.numbers[entry].state = "done"

    def _book(self, person: int, slot: Slot, *, extra: bool) -> Any:
        given: dict[str, Any] = {"poli": slot.poli, "day": slot.day, "session": slot.session, "now": self.now}
        given |= {"person_id": self.people[person], "contact_id": self.contact, "via": "sms", "beyond_quota": extra}
        ticket = self.do(lambda db: _or_refusal(lambda: take_number(db, facility=self.facility, **given)))
        return self._compare_taken(self.model, person, slot, ticket, extra=extra)

    def _compare_taken(
        self, model: Model, person: int, slot: Slot, got: Ticket | QueueRefused | None, *, extra: bool
    ) -> Any:
        """What the paper says of somebody who wants a number there; the new number's id goes into the bundle."""
        held = model.held(person, slot)
        if held is not None:
            assert isinstance(got, Ticket) and (held, False) == (got.id, got.is_new)
            return multiple()
        refusal = model.why_not(slot, self.now)
        new: Paper | None = None
        if refusal is None:
            new = model.take_place(person, slot, self.now, is_extra=extra)
        if new is None:
            assert isinstance(got, QueueRefused) and (refusal or "full") == got.reason
            return multiple()
        assert isinstance(got, Ticket) and (new.number, True) == (got.number, got.is_new)
        model.numbers[got.id] = new
        model.log.append((got.id, "taken"))
        return got.id

    def _staff_does(
        self, entry: int, act: Callable[..., bool], *, from_: tuple[str, ...], kind: str, state: str | None = None
    ) -> None:
        it = self.model.numbers[entry]
        done = self.do(lambda db: act(db, entry, facility=self.facility, now=self.now, actor=STAFF))
        assert done == (it.state in from_)
        if done:
            it.state = state or it.state
            self.model.log.append((entry, kind))

    def _note_call(self, entry: int, room: str, *, passed: int) -> None:
        self.model.note_call(entry, room)
        if passed:
            self.model.log.append((entry, "jumped"))

    def _busy(self, room: str, day: date) -> bool:
        return any(self.model.numbers[entry].slot.day == day for entry in self.model.in_room(room))

    def _standings(self, poli: str, day: date) -> list[Standing]:
        turns = turns_of(self.facility, poli, day)
        with self.database.reading() as db:
            rows = db.scalars(
                select(QueueEntry).where(QueueEntry.poli == poli, QueueEntry.day == day, QueueEntry.state == "waiting")
            ).all()
        return [
            Standing(row.id, (turns[row.session], row.rank, row.number), row.priority, row.arrived_at is not None)
            for row in rows
        ]

    def _check_late(self, entry: int, before: list[Standing]) -> None:
        """Behind two who are there already, or behind all of them; nobody else has moved."""
        slot = self.model.numbers[entry].slot
        after = {each.entry: each for each in self._standings(slot.poli, slot.day)}
        mine = after.pop(entry)
        assert after == {each.entry: each for each in before if each.entry != entry}
        others = [each for each in after.values() if each.place[0] == mine.place[0]]
        there = [each for each in others if each.is_there] or others
        ahead = [each for each in there if each.place < mine.place]
        assert len(ahead) >= min(2, len(there))


def _or_refusal(work: Callable[[], Got]) -> Got | QueueRefused:
    """A refusal as a value: the rest of the transaction is kept, as in a turn that answers it."""
    try:
        return work()
    except QueueRefused as refused:
        return refused


def _run(database: Database, facility: Facility, *, examples: int, steps: int) -> None:
    run_state_machine_as_test(
        lambda: QueueMachine(database, small_centre(facility)),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_any_day_agrees_with_the_queue_on_paper(database: Database, facility: Facility) -> None:
    is_sqlite = database.engine.dialect.name == "sqlite"
    _run(database, facility, examples=60 if is_sqlite else 15, steps=40 if is_sqlite else 30)
