"""The day at the queue: who is called, in which order, and what the board and the waiting see of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from clinic.database import Database
from clinic.facility import Facility
from clinic.queue import call_next, day_list, finish, now_serving, position, skip
from tests.clinic.counter import TUESDAY, WEDNESDAY, Counter
from tests.clinic.hands import at_once


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

    def call(db: Session, _turn: int) -> int | None:
        called = call_next(db, "gigi", TUESDAY, facility=facility, now=now)
        return called.number if called is not None else None

    called = [number for number in at_once(database, call, range(6), threads=6) if number is not None]
    assert len(called) == len(set(called))


@pytest.mark.parametrize(
    ("end", "state"), [pytest.param(finish, "done", id="served"), pytest.param(skip, "skipped", id="absent")]
)
def test_a_called_number_ends_once(database: Database, facility: Facility, now: datetime, end: Any, state: str) -> None:
    with database.transaction() as db:
        ticket = Counter(db, facility, now).take_new()
        too_early = end(db, ticket.id, now=now)
        call_next(db, "gigi", TUESDAY, facility=facility, now=now)
        ended = end(db, ticket.id, now=now), end(db, ticket.id, now=now)
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
        calls = [call_next(db, "gigi", WEDNESDAY, facility=facility, now=now) for _ in range(3)]
    assert [0, 1, 2] == before
    assert ("B2", "B3", "B1") == row.next_codes
    assert [2, 3, 1] == [called.number for called in calls if called is not None]
