"""The day itself: who is called next and by which room, who was served, who did not come."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic.database import rows_changed, wait_for_turn
from clinic.facility import Facility
from clinic.facility_queue import Room
from clinic.queue_events import note_event
from clinic.queue_line import InLine, passed_over, who_is_next
from clinic.queue_table import BEING_SERVED, QUEUE_LOCK, QueueEntry
from clinic.queue_turns import code_of, entry_by_id, in_line_of, known_entry, line_order, since_priority, waiting_of


class RoomBusy(Exception):
    """The room called a number that is neither served nor skipped; `code` names it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Position:
    """Where a number stands: the one called last, and how many are called before it."""

    serving_code: str | None
    before: int


@dataclass(frozen=True)
class Called:
    """The number that was called; `passed` counts those who stood before it."""

    id: int
    number: int
    code: str
    room: str
    passed: int = 0
    priority: str | None = None


def call_next(
    db: Session, room: Room | str, day: date, *, facility: Facility, now: datetime, actor: str = "cli"
) -> Called | None:
    """Call whoever the published rule puts first into this room; None when nobody waits.

    Raises RoomBusy while the room's last number is neither served nor skipped, LookupError for an unknown room.
    """
    place = _room(facility, room)
    wait_for_turn(db, QUEUE_LOCK)
    busy = _in_room(db, place, day)
    if busy is not None:
        raise RoomBusy(code_of(facility, busy.poli, busy.number))
    waiting = waiting_for_room(db, facility, place, day)
    since = since_priority(db, place.poli, day)
    first = who_is_next(waiting, since_priority=since, rules=facility.queue)
    if first is None:
        return None
    passed = passed_over(first, waiting, rules=facility.queue)
    return _call(db, first.id, place, facility=facility, now=now, actor=actor, passed=passed, reason=first.priority)


def call_number(
    db: Session, entry_id: int, room: Room | str, *, facility: Facility, now: datetime, actor: str, reason: str
) -> Called | None:
    """Call this very number, whoever stands before it, for a reason that is kept; None when it does not wait."""
    place = _room(facility, room)
    wait_for_turn(db, QUEUE_LOCK)
    entry = entry_by_id(db, entry_id)
    if entry is None or entry.state != "waiting" or entry.poli != place.poli:
        return None
    busy = _in_room(db, place, entry.day)
    if busy is not None:
        raise RoomBusy(code_of(facility, busy.poli, busy.number))
    waiting = waiting_of(db, facility, entry.poli, entry.day)
    mine = in_line_of(entry, facility)
    passed = passed_over(mine, [each for each in waiting if each.id != entry_id], rules=facility.queue)
    return _call(db, entry_id, place, facility=facility, now=now, actor=actor, passed=passed, reason=reason)


def call_again(db: Session, entry_id: int, *, facility: Facility, now: datetime, actor: str) -> bool:
    """The called number once more, on the board and by voice; False when it is not called or already served."""
    wait_for_turn(db, QUEUE_LOCK)
    called = (QueueEntry.id == entry_id, QueueEntry.state == "called")
    if not rows_changed(db, update(QueueEntry).where(*called).values(calls=QueueEntry.calls + 1)):
        return False
    note_event(db, known_entry(db, entry_id), "recalled", facility=facility, actor=actor, now=now)
    return True


def begin(db: Session, entry_id: int, *, facility: Facility, now: datetime, actor: str) -> bool:
    """The called person is in the room: their service begins."""
    wait_for_turn(db, QUEUE_LOCK)
    called = (QueueEntry.id == entry_id, QueueEntry.state == "called")
    if not rows_changed(db, update(QueueEntry).where(*called).values(state="serving", served_at=now)):
        return False
    note_event(db, known_entry(db, entry_id), "served", facility=facility, actor=actor, now=now)
    return True


def finish(db: Session, entry_id: int, *, facility: Facility, now: datetime, actor: str = "cli") -> bool:
    """The called number was served; False when it was not called."""
    return _close(db, entry_id, from_=BEING_SERVED, state="done", facility=facility, now=now, actor=actor)


def skip(db: Session, entry_id: int, *, facility: Facility, now: datetime, actor: str = "cli") -> bool:
    """The called number did not come; False when it was not called, or is being served."""
    return _close(db, entry_id, from_=("called",), state="skipped", facility=facility, now=now, actor=actor)


def position_of(db: Session, facility: Facility, *, poli: str, day: date, entry_id: int) -> Position:
    """The number called last, and how many are called before this one if all come; 0 where it waits no more."""
    order = line_order(db, facility, poli, day)
    before = order.index(entry_id) if entry_id in order else 0
    serving = db.scalar(
        select(QueueEntry.number)
        .where(QueueEntry.poli == poli, QueueEntry.day == day, QueueEntry.state.in_(BEING_SERVED))
        .order_by(QueueEntry.called_order.desc().nulls_last())
        .limit(1)
    )
    return Position(serving_code=code_of(facility, poli, serving) if serving is not None else None, before=before)


def _call(
    db: Session,
    entry_id: int,
    room: Room,
    *,
    facility: Facility,
    now: datetime,
    actor: str,
    passed: int,
    reason: str | None,
) -> Called | None:
    waits = (QueueEntry.id == entry_id, QueueEntry.state == "waiting")
    called = {"state": "called", "called_at": now, "room": room.id, "calls": QueueEntry.calls + 1}
    if not rows_changed(db, update(QueueEntry).where(*waits).values(called)):
        return None
    entry = known_entry(db, entry_id)
    priority = entry.priority
    entry.called_order = note_event(db, entry, "called", facility=facility, actor=actor, now=now, reason=priority)
    db.flush()
    if passed and reason is not None:
        note_event(db, entry, "jumped", facility=facility, actor=actor, now=now, reason=reason, passed=passed)
    code = code_of(facility, entry.poli, entry.number)
    return Called(entry.id, entry.number, code, room.id, passed=passed, priority=priority)


def _close(
    db: Session,
    entry_id: int,
    *,
    from_: Collection[str],
    state: str,
    facility: Facility,
    now: datetime,
    actor: str,
) -> bool:
    wait_for_turn(db, QUEUE_LOCK)
    called = (QueueEntry.id == entry_id, QueueEntry.state.in_(from_))
    if not rows_changed(db, update(QueueEntry).where(*called).values(state=state, done_at=now)):
        return False
    note_event(db, known_entry(db, entry_id), state, facility=facility, actor=actor, now=now)
    return True


def waiting_for_room(db: Session, facility: Facility, room: Room, day: date) -> tuple[InLine, ...]:
    """Who may be called into this room: not those who chose the doctor of another room."""
    waiting = waiting_of(db, facility, room.poli, day)
    elsewhere = {each.doctor for each in facility.rooms_of(room.poli) if room.doctor} - {None, room.doctor}
    others = {each.name for each in facility.sessions_on(room.poli, day) if each.doctor in elsewhere}
    if not others:
        return waiting
    there = (QueueEntry.poli == room.poli, QueueEntry.day == day, QueueEntry.session.in_(others))
    theirs = set(db.scalars(select(QueueEntry.id).where(*there, QueueEntry.state == "waiting")))
    return tuple(each for each in waiting if each.id not in theirs)


def _in_room(db: Session, room: Room, day: date) -> QueueEntry | None:
    there = (QueueEntry.poli == room.poli, QueueEntry.day == day, QueueEntry.room == room.id)
    return db.scalar(select(QueueEntry).where(*there, QueueEntry.state.in_(BEING_SERVED)).limit(1))


def _room(facility: Facility, room: Room | str) -> Room:
    """The room itself, by its id, or the first one of a poli."""
    if isinstance(room, Room):
        return room
    found = facility.room(room) or next(iter(facility.rooms_of(room)), None)
    if found is None:
        raise LookupError(room)
    return found
