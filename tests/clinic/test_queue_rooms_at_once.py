"""The day's queue when several people at the counter press their keys at the same moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.database import Database
from clinic.facility import Facility
from clinic.facility_queue import QueueRules, Room
from clinic.queue import (
    QueueEntry,
    RoomBusy,
    call_next,
    call_number,
    cancel_number,
    check_in,
    finish,
    restore_number,
    set_priority,
    skip,
)
from clinic.queue_table import QueueEvent
from tests.clinic.counter import TUESDAY, Counter, with_quota
from tests.clinic.hands import at_once

ROUNDS = 8
"""So often is each race run: one that is lost once in a while is lost all the same."""


def with_rooms(facility: Facility, rooms: int) -> Facility:
    """So many rooms of the dentist."""
    doors = tuple(Room(id=f"gigi_{number}", name=f"Gigi {number}", poli="gigi") for number in range(rooms))
    wide = with_quota(facility, 999)
    return wide.model_copy(update={"rooms": doors, "queue": QueueRules(check_in=False)})


def numbers(database: Database, facility: Facility, now: datetime, count: int) -> list[int]:
    with database.transaction() as db:
        return [Counter(db, facility, now).take_new().id for _ in range(count)]


def kinds_of(database: Database, entry_id: int) -> list[str]:
    """What is written down of a number, in the order in which it happened."""
    with database.reading() as db:
        written = select(QueueEvent.kind).where(QueueEvent.entry_id == entry_id).order_by(QueueEvent.id)
        return list(db.scalars(written))


def state_of(database: Database, entry_id: int) -> str | None:
    with database.reading() as db:
        return db.scalar(select(QueueEntry.state).where(QueueEntry.id == entry_id))


def staff(facility: Facility, now: datetime) -> dict[str, Any]:
    return {"facility": facility, "now": now, "actor": "staff:1"}


def test_rooms_that_call_at_once_call_different_numbers(database: Database, facility: Facility, now: datetime) -> None:
    centre = with_rooms(facility, 8)
    numbers(database, centre, now, 10)

    def call(db: Session, room: int) -> int | None:
        called = call_next(db, f"gigi_{room}", TUESDAY, **staff(centre, now))
        return called.number if called is not None else None

    assert list(range(1, 9)) == sorted(number or 0 for number in at_once(database, call, range(8)))


def test_one_number_asked_for_by_two_rooms_goes_into_one(database: Database, facility: Facility, now: datetime) -> None:
    centre = with_rooms(facility, 2)
    for entry_id in numbers(database, centre, now, ROUNDS):

        def call(db: Session, room: int, entry_id: int = entry_id) -> bool:
            return call_number(db, entry_id, f"gigi_{room}", reason="dokter", **staff(centre, now)) is not None

        assert [False, True] == sorted(at_once(database, call, range(2), threads=2))
        with database.transaction() as db:
            assert finish(db, entry_id, **staff(centre, now))


def test_a_number_cancelled_while_it_is_called_is_one_or_the_other(
    database: Database, facility: Facility, now: datetime
) -> None:
    centre = with_rooms(facility, 1)
    for _ in range(ROUNDS):
        (entry_id,) = numbers(database, centre, now, 1)

        def race(db: Session, turn: int, entry_id: int = entry_id) -> bool:
            if turn:
                return cancel_number(db, entry_id, facility=centre, now=now) is not None
            called = call_next(db, "gigi_0", TUESDAY, **staff(centre, now))
            return called is not None and called.id == entry_id

        was_called, was_cancelled = at_once(database, race, range(2), threads=2)
        assert was_called != was_cancelled
        assert ["taken", "called" if was_called else "cancelled"] == kinds_of(database, entry_id)
        _empty(database, centre, now)


def test_served_and_absent_at_once_is_one_of_them(database: Database, facility: Facility, now: datetime) -> None:
    centre = with_rooms(facility, 1)
    for entry_id in numbers(database, centre, now, ROUNDS):
        with database.transaction() as db:
            assert call_next(db, "gigi_0", TUESDAY, **staff(centre, now)) is not None

        def end(db: Session, turn: int, entry_id: int = entry_id) -> bool:
            return (finish if turn else skip)(db, entry_id, **staff(centre, now))

        was_absent, was_served = at_once(database, end, range(2), threads=2)
        assert was_absent != was_served
        assert ("done" if was_served else "skipped") == state_of(database, entry_id)
        assert 3 == len(kinds_of(database, entry_id))


def test_priority_given_while_somebody_is_called_comes_before_or_too_late(
    database: Database, facility: Facility, now: datetime
) -> None:
    centre = with_rooms(facility, 1)
    for _ in range(ROUNDS):
        first, second = numbers(database, centre, now, 2)

        def race(db: Session, turn: int, second: int = second) -> int | bool | None:
            if turn:
                return set_priority(db, second, "gawat", **staff(centre, now))
            called = call_next(db, "gigi_0", TUESDAY, **staff(centre, now))
            return called.id if called is not None else None

        called, _ = at_once(database, race, range(2), threads=2)
        with database.reading() as db:
            order = select(QueueEvent.kind).where(QueueEvent.kind.in_(("priority", "called")))
            last_two = db.scalars(order.order_by(QueueEvent.id.desc()).limit(2)).all()
        assert (second if ["called", "priority"] == last_two else first) == called
        _empty(database, centre, now)


def test_a_check_in_while_the_number_is_skipped_loses_nobody(
    database: Database, facility: Facility, now: datetime
) -> None:
    centre = with_rooms(facility, 1)
    for entry_id in numbers(database, centre, now, ROUNDS):
        with database.transaction() as db:
            assert call_next(db, "gigi_0", TUESDAY, **staff(centre, now)) is not None

        def race(db: Session, turn: int, entry_id: int = entry_id) -> bool:
            if turn:
                return skip(db, entry_id, **staff(centre, now))
            return check_in(db, entry_id, **staff(centre, now)) is not None

        is_back, was_skipped = at_once(database, race, range(2), threads=2)
        assert was_skipped
        assert ("waiting" if is_back else "skipped") == state_of(database, entry_id)
        if is_back:
            with database.transaction() as db:
                assert cancel_number(db, entry_id, facility=centre, now=now) is not None


def test_a_room_pressed_twice_calls_once(database: Database, facility: Facility, now: datetime) -> None:
    centre = with_rooms(facility, 1)
    numbers(database, centre, now, 4)

    def call(db: Session, _turn: int) -> str:
        try:
            called = call_next(db, "gigi_0", TUESDAY, **staff(centre, now))
        except RoomBusy as busy:
            return f"busy with {busy.code}"
        return called.code if called is not None else "nobody"

    assert ["B1", "busy with B1", "busy with B1"] == sorted(at_once(database, call, range(3), threads=3))


@pytest.mark.parametrize("keep", [pytest.param(True, id="kept aside"), pytest.param(False, id="free at once")])
def test_cancelling_undoing_and_booking_at_once_keeps_the_person_at_one_number(
    database: Database, facility: Facility, now: datetime, keep: bool
) -> None:
    for _ in range(ROUNDS // 2):
        with database.transaction() as db:
            ticket = Counter(db, facility, now).take_new()
            assert cancel_number(db, ticket.id, facility=facility, now=now, keep=keep) is not None

        def race(db: Session, turn: int, ticket: Any = ticket) -> bool:
            if turn % 2:
                return Counter(db, facility, now).take(ticket.person_id).is_new
            return restore_number(db, ticket.id, facility=facility, now=now) is not None

        assert 1 == at_once(database, race, range(6), threads=6).count(True)


def _empty(database: Database, facility: Facility, now: datetime) -> None:
    """Nobody waits and nobody is in the room."""
    with database.transaction() as db:
        for row in db.scalars(select(QueueEntry).where(QueueEntry.state.in_(("waiting", "called")))).all():
            if row.state == "waiting":
                cancel_number(db, row.id, facility=facility, now=now, keep=False)
            else:
                finish(db, row.id, facility=facility, now=now)
