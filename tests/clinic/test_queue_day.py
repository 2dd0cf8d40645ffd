"""The day at the queue: who is called, in which order, and what the board and the waiting see of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from clinic.database import Database
from clinic.facility import Facility
from clinic.queue import RoomBusy, call_next, day_list, finish, now_serving, position, skip
from tests.clinic.counter import TUESDAY, WEDNESDAY, Counter
from tests.clinic.hands import at_once


def call_and_serve(db: Session, facility: Facility, day: date, now: datetime, *, poli: str = "gigi") -> str | None:
    """Who was called, and is done already."""
    called = call_next(db, poli, day, facility=facility, now=now)
    if called is None:
        return None
    assert finish(db, called.id, facility=facility, now=now)
    return called.code


def test_the_board_shows_who_is_served_and_who_is_next(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        counter = Counter(db, facility, now)
        tickets = [counter.take_new() for _ in range(6)]
        first = call_next(db, "gigi", TUESDAY, facility=facility, now=now)
        row = next(row for row in now_serving(db, facility, TUESDAY) if row.poli == "gigi")
        place = position(db, tickets[3], facility=facility)
    assert first is not None
    assert (1, "B1", ("B2", "B3", "B4"), 5, "B1", 2) == (
        first.number,
        row.serving_code,
        row.next_codes,
        row.waiting,
        place.serving_code,
        place.before,
    )


def test_calls_at_once_call_nobody_twice(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        for _ in range(10):
            Counter(db, facility, now).take_new()

    def call(db: Session, _turn: int) -> int | str | None:
        try:
            called = call_next(db, "gigi", TUESDAY, facility=facility, now=now)
        except RoomBusy as busy:
            return busy.code
        return called.number if called is not None else None

    assert [1, *["B1"] * 5] == sorted(at_once(database, call, range(6), threads=6), key=str)


@pytest.mark.parametrize(
    ("end", "state"), [pytest.param(finish, "done", id="served"), pytest.param(skip, "skipped", id="absent")]
)
def test_a_called_number_ends_once(database: Database, facility: Facility, now: datetime, end: Any, state: str) -> None:
    with database.transaction() as db:
        ticket = Counter(db, facility, now).take_new()
        too_early = end(db, ticket.id, facility=facility, now=now)
        call_next(db, "gigi", TUESDAY, facility=facility, now=now)
        ended = end(db, ticket.id, facility=facility, now=now), end(db, ticket.id, facility=facility, now=now)
        assert (False, (True, False), [state]) == (
            too_early,
            ended,
            [row.state for row in day_list(db, TUESDAY, facility=facility, poli="gigi")],
        )


def test_nobody_is_called_when_nobody_waits(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        assert call_next(db, "gigi", TUESDAY, facility=facility, now=now) is None


def test_an_afternoons_number_waits_for_the_afternoon(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        counter = Counter(db, facility, now)
        afternoon = counter.take_new(day=WEDNESDAY, session="siang")
        first, second = (counter.take_new(day=WEDNESDAY) for _ in range(2))
        before = [position(db, ticket, facility=facility).before for ticket in (first, second, afternoon)]
        row = next(row for row in now_serving(db, facility, WEDNESDAY) if row.poli == "gigi")
        calls = [call_and_serve(db, facility, WEDNESDAY, now) for _ in range(3)]
    assert [0, 1, 2] == before
    assert ("B2", "B3", "B1") == row.next_codes
    assert ["B2", "B3", "B1"] == calls
