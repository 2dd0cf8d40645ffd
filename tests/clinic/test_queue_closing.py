"""The night: a day that is over is closed, whatever was left open, and only once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.database import Database
from clinic.facility import Facility
from clinic.kept_visits import kept_visits
from clinic.queue import begin, call_next, cancel_number, check_in, day_list, finish, skip
from clinic.queue_closing import close_day, close_days
from clinic.queue_sessions import add_change
from clinic.queue_table import QueueEvent
from tests.clinic.counter import MONDAY, TUESDAY, Counter
from tests.clinic.hands import at_once

NIGHT = datetime.fromisoformat("2026-11-24T00:10+08:00")


def a_day_left_open(db: Session, facility: Facility, now: datetime) -> None:
    """B1 served, B2 skipped, B3 cancelled, B4 in the room, B5 and B6 waiting; A1 called."""
    counter = Counter(db, facility, now)
    tickets = [counter.take_new(day=MONDAY) for _ in range(6)]
    staff: dict[str, Any] = {"facility": facility, "now": now, "actor": "staff:1"}
    for end in (finish, skip):
        called = call_next(db, "gigi", MONDAY, **staff)
        assert called is not None and end(db, called.id, **staff)
    cancel_number(db, tickets[2].id, facility=facility, now=now)
    served = call_next(db, "gigi", MONDAY, **staff)
    assert served is not None and begin(db, served.id, **staff)
    counter.take_new(day=MONDAY, poli="umum")
    assert call_next(db, "umum", MONDAY, **staff) is not None


def states(db: Session, facility: Facility) -> dict[str, str]:
    return {row.code: row.state for row in day_list(db, MONDAY, facility=facility)}


def test_at_night_nobody_waits_any_more(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        a_day_left_open(db, facility, now)
        tomorrow = Counter(db, facility, now).take_new()
        before = states(db, facility)
        closed = close_days(db, facility, now=NIGHT)
        again = close_days(db, facility, now=NIGHT)
        ended = {"B4": "done", "B5": "skipped", "B6": "skipped", "A1": "skipped"}
        assert (4, 0, before | ended) == (closed, again, states(db, facility))
        assert ["waiting"] == [row.state for row in day_list(db, TUESDAY, facility=facility) if row.id == tomorrow.id]


def test_what_the_night_closes_is_written_down_as_done_by_the_clock(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        a_day_left_open(db, facility, now)
        close_days(db, facility, now=NIGHT)
        kinds = db.scalars(select(QueueEvent.kind).where(QueueEvent.actor == "clock").order_by(QueueEvent.id)).all()
    assert ["done", "skipped", "skipped", "skipped"] == list(kinds)


def test_who_was_in_the_room_at_the_end_was_served_at_a_time_that_nobody_said(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        a_day_left_open(db, facility, now)
        close_days(db, facility, now=NIGHT)
        row = next(row for row in day_list(db, MONDAY, facility=facility) if row.code == "B4")
        assert (None, 2) == (row.done_at, kept_visits(db, facility, MONDAY, MONDAY).by_queue)


def test_who_waited_for_a_closed_session_is_not_said_to_have_stayed_away(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        counter = Counter(db, facility, now)
        counter.take_new(day=MONDAY)
        counter.take_new(day=MONDAY, session="siang")
        add_change(
            db, poli="gigi", day=MONDAY, session="siang", kind="closed", reason="Dokter sakit", staff_id=None, now=now
        )
        close_days(db, facility, now=NIGHT)
        assert {"B1": "skipped", "B2": "cancelled"} == states(db, facility)


@pytest.mark.parametrize(
    "at",
    [
        pytest.param("2026-11-23T23:59+08:00", id="a minute too early"),
        pytest.param("2026-11-22T08:00+08:00", id="set back"),
    ],
)
def test_a_day_that_is_not_over_is_left_alone(database: Database, facility: Facility, now: datetime, at: str) -> None:
    with database.transaction() as db:
        Counter(db, facility, now).take_new(day=MONDAY)
        early = datetime.fromisoformat(at)
        assert (0, 0) == (close_day(db, facility, MONDAY, early), close_days(db, facility, now=early))
        assert {"B1": "waiting"} == states(db, facility)


def test_days_are_closed_after_the_computer_was_off_for_a_week(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        Counter(db, facility, now).take_new(day=MONDAY)
        Counter(db, facility, now).take_new(day=TUESDAY)
        assert 2 == close_days(db, facility, now=now + timedelta(days=7))


def test_two_workers_that_close_the_day_at_once_write_it_down_once(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        a_day_left_open(db, facility, now)
    closed = at_once(database, lambda db, _: close_days(db, facility, now=NIGHT), range(4), threads=4)
    with database.reading() as db:
        written = db.scalars(select(QueueEvent.id).where(QueueEvent.actor == "clock")).all()
    assert ([0, 0, 0, 4], 4) == (sorted(closed), len(written))


def test_who_was_closed_by_a_clock_that_ran_ahead_comes_back_in(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        ticket = Counter(db, facility, now).take_new(day=MONDAY)
        close_days(db, facility, now=NIGHT)
        back = check_in(db, ticket.id, facility=facility, now=now, actor="staff:1")
        assert back is not None
        assert ("B1", {"B1": "waiting"}) == (back.code, states(db, facility))
