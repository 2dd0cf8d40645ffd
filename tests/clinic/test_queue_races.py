"""The queue when the same thing is asked twice at the same moment, or too late."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from clinic.database import Database
from clinic.facility import Facility
from clinic.queue import (
    HOLDS_A_NUMBER,
    QueueEntry,
    QueueRefused,
    SessionCounter,
    Ticket,
    cancel_number,
    restore_number,
)
from tests.clinic.counter import MONDAY, TUESDAY, Counter, with_quota
from tests.clinic.hands import a_person, at_once


def places_taken(database: Database) -> int:
    with database.reading() as db:
        return db.scalar(select(func.sum(SessionCounter.taken))) or 0


def places_accounted_for(database: Database) -> int:
    """One for every live number, and one for every cancelled one whose place is kept aside."""
    counts = or_(QueueEntry.state.in_(HOLDS_A_NUMBER), QueueEntry.held_until.is_not(None))
    with database.reading() as db:
        return db.scalar(select(func.count(QueueEntry.id)).where(counts)) or 0


def a_cancelled_number(database: Database, facility: Facility, now: datetime) -> int:
    with database.transaction() as db:
        ticket = Counter(db, facility, now).take_new()
        cancel_number(db, ticket.id, facility=facility, now=now)
    return ticket.id


def test_one_person_who_asks_many_times_for_the_last_place_gets_it(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        person_id = a_person(db, now)

    def take(db: Session, _number: int) -> Ticket:
        return Counter(db, with_quota(facility, 1), now).take(person_id)

    tickets = at_once(database, take, range(20), threads=10)
    news = [ticket.is_new for ticket in tickets]
    assert (1, 1, 1) == (len({ticket.id for ticket in tickets}), news.count(True), places_taken(database))


def test_a_number_cancelled_many_times_at_once_gives_one_place_back(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        counter = Counter(db, facility, now)
        ticket, _ = counter.take_new(), counter.take_new()

    def cancel(db: Session, _number: int) -> bool:
        return cancel_number(db, ticket.id, facility=facility, now=now, keep=False) is not None

    assert (1, 1) == (at_once(database, cancel, range(10), threads=10).count(True), places_taken(database))


def test_a_cancel_taken_back_many_times_at_once_takes_one_place(
    database: Database, facility: Facility, now: datetime
) -> None:
    ticket_id = a_cancelled_number(database, facility, now)

    def restore(db: Session, _number: int) -> str | None:
        restored = restore_number(db, ticket_id, facility=facility, now=now)
        return restored.code if restored is not None else None

    codes = at_once(database, restore, range(10), threads=10)
    assert (["B1"], 1) == ([code for code in codes if code is not None], places_taken(database))


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(timedelta(days=2), id="the day after"),
        pytest.param(timedelta(days=1, hours=3), id="when the session has closed"),
    ],
)
def test_a_cancel_cannot_be_taken_back_too_late(
    database: Database, facility: Facility, now: datetime, later: timedelta
) -> None:
    ticket_id = a_cancelled_number(database, facility, now)
    with database.transaction() as db:
        assert restore_number(db, ticket_id, facility=facility, now=now + later) is None
    assert 1 == places_taken(database) == places_accounted_for(database)


def test_a_refusal_uses_up_neither_place_nor_number(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        counter = Counter(db, with_quota(facility, 1), now)
        counter.take_new(day=MONDAY)
        with pytest.raises(QueueRefused, match="full"):
            counter.take_new(day=MONDAY)
        assert 2 == counter.take_new(day=MONDAY, session="siang").number


def test_people_who_change_their_day_in_both_directions_at_once_all_succeed(
    database: Database, facility: Facility, now: datetime
) -> None:
    wide = with_quota(facility, 20)
    with database.transaction() as db:
        counter = Counter(db, wide, now)
        held = [counter.take_new(day=MONDAY if number % 2 else TUESDAY) for number in range(20)]

    def move(db: Session, number: int) -> bool:
        new = Counter(db, wide, now).take(held[number].person_id, day=TUESDAY if number % 2 else MONDAY)
        return new.is_new and cancel_number(db, held[number].id, facility=wide, now=now) is not None

    assert [True] * 20 == at_once(database, move, range(20), threads=10)
    assert 40 == places_taken(database) == places_accounted_for(database)
