"""The queue's places after a cancel: kept aside for a while, taken back, or given to the next one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from clinic.database import Database
from clinic.facility import Facility
from clinic.queue import QueueRefused, SessionCounter, cancel_number, restore_number
from tests.clinic.counter import Counter, with_quota
from tests.clinic.hands import a_person


def test_a_cancelled_number_gives_its_place_back_but_not_its_number(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        counter = Counter(db, with_quota(facility, 2), now)
        ticket = counter.take_new()
        full = (counter.left(), counter.take_new() and counter.left())
        cancelled = cancel_number(db, ticket.id, facility=facility, now=now, keep=False)
        twice = cancel_number(db, ticket.id, facility=facility, now=now, keep=False)
        free = counter.left()
        assert cancelled is not None
        assert ((1, 0), "cancelled", None, 1, "B3") == (full, cancelled.state, twice, free, counter.take_new().code)


def test_a_cancelled_numbers_place_is_kept_aside_for_ten_minutes(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        small = with_quota(facility, 1)
        cancel_number(db, Counter(db, small, now).take_new().id, facility=small, now=now)
        aside, later = (Counter(db, small, now + timedelta(minutes=minutes)) for minutes in (9, 10))
        with pytest.raises(QueueRefused, match="full"):
            aside.take_new()
        assert (0, 1, "B2") == (aside.left(), later.left(), later.take_new().code)


def test_who_cancels_the_last_place_and_changes_their_mind_takes_it_again(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        counter = Counter(db, with_quota(facility, 1), now)
        person_id = a_person(db, now)
        cancel_number(db, counter.take(person_id).id, facility=facility, now=now)
        again = counter.take(person_id)
        assert (True, "B2", 1) == (again.is_new, again.code, db.scalar(select(SessionCounter.taken)))


@pytest.mark.parametrize(
    "minutes", [pytest.param(-61, id="an hour and more"), pytest.param(-1, id="a minute, just after the cancel")]
)
def test_a_clock_that_is_set_back_keeps_no_place_aside_for_longer(
    database: Database, facility: Facility, now: datetime, minutes: int
) -> None:
    noon = now + timedelta(hours=4)
    with database.transaction() as db:
        small = with_quota(facility, 1)
        cancel_number(db, Counter(db, small, noon).take_new().id, facility=small, now=noon)
        back = Counter(db, small, noon + timedelta(minutes=minutes))
        assert (1, "B2") == (back.left(), back.take_new().code)


def test_a_cancel_undone_after_the_ten_minutes_takes_no_second_place(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        ticket = Counter(db, facility, now).take_new()
        cancel_number(db, ticket.id, facility=facility, now=now)
        back = restore_number(db, ticket.id, facility=facility, now=now + timedelta(minutes=30))
        assert back is not None
        assert ("B1", 1) == (back.code, db.scalar(select(SessionCounter.taken)))


def test_a_restored_number_takes_a_place_anew_when_its_own_was_given_away(
    database: Database, facility: Facility, now: datetime
) -> None:
    later = now + timedelta(minutes=30)
    with database.transaction() as db:
        two = with_quota(facility, 2)
        ticket = Counter(db, two, now).take_new()
        cancel_number(db, ticket.id, facility=two, now=now)
        Counter(db, two, later).take_new()
        Counter(db, two, later).take_new()
        assert restore_number(db, ticket.id, facility=two, now=later) is None
        assert 2 == db.scalar(select(SessionCounter.taken))


def test_a_cancel_is_undone_with_the_same_number(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        counter = Counter(db, facility, now)
        ticket = counter.take_new()
        before = counter.left()
        cancel_number(db, ticket.id, facility=facility, now=now)
        back = restore_number(db, ticket.id, facility=facility, now=now)
        assert back is not None
        assert (ticket.code, "waiting", before) == (back.code, back.state, counter.left())


def test_a_cancel_cannot_be_undone_when_the_place_is_gone(
    database: Database, facility: Facility, now: datetime
) -> None:
    small = with_quota(facility, 1)
    with database.transaction() as db:
        counter = Counter(db, small, now)
        ticket = counter.take_new()
        cancel_number(db, ticket.id, facility=small, now=now, keep=False)
        counter.take_new()
        assert restore_number(db, ticket.id, facility=small, now=now) is None


def test_a_cancel_cannot_be_undone_when_the_person_holds_another_number(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        counter = Counter(db, facility, now)
        person_id = a_person(db, now)
        first = counter.take(person_id)
        cancel_number(db, first.id, facility=facility, now=now)
        second = counter.take(person_id)
        assert (True, None) == (second.is_new, restore_number(db, first.id, facility=facility, now=now))
