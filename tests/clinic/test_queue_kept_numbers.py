"""Numbers kept for people at the counter, who have no phone to book with."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from clinic.database import Database
from clinic.facility import Facility
from clinic.paper_blocks import set_aside
from clinic.queue import call_next, finish, take_number
from tests.clinic.counter import TUESDAY, with_quota
from tests.clinic.hands import a_person, at_once


def keeping(facility: Facility, every: int, **rules: object) -> Facility:
    """The same centre, which keeps every so many numbers for the counter."""
    queue = facility.queue.model_copy(update={"counter_every": every, **rules})
    return with_quota(facility, 300).model_copy(update={"queue": queue})


def take(db: Session, facility: Facility, via: str, now: datetime, *, session: str = "pagi") -> int:
    return take_number(
        db,
        facility=facility,
        poli="umum",
        day=TUESDAY,
        session=session,
        person_id=a_person(db, now),
        contact_id=None,
        via=via,
        has_arrived=via == "counter",
        now=now,
    ).number


def call_and_finish(db: Session, facility: Facility, now: datetime) -> int:
    called = call_next(db, "umum", TUESDAY, facility=facility, now=now, actor="staff:1")
    assert called is not None
    assert finish(db, called.id, facility=facility, now=now, actor="staff:1")
    return called.number


def test_who_books_leaves_every_third_number_to_the_counter(
    database: Database, facility: Facility, now: datetime
) -> None:
    centre = keeping(facility, 3)
    with database.transaction() as db:
        by_phone = [take(db, centre, via, now) for via in ("whatsapp", "sms", "jkn", "whatsapp", "sms")]
        at_counter = [take(db, centre, "counter", now) for _ in range(4)]
    assert ([1, 2, 4, 5, 7], [3, 6, 8, 9]) == (by_phone, at_counter)


def test_without_the_setting_nothing_is_kept(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        numbers = [take(db, keeping(facility, 0), via, now) for via in ("sms", "sms", "sms", "counter")]
    assert [1, 2, 3, 4] == numbers


def test_who_comes_without_a_phone_is_called_between_those_who_booked(
    database: Database, facility: Facility, now: datetime
) -> None:
    centre = keeping(facility, 3, check_in=False)
    with database.transaction() as db:
        for _ in range(5):
            take(db, centre, "sms", now)
        walk_in = take(db, centre, "counter", now)
        assert [1, 2, walk_in, 4] == [call_and_finish(db, centre, now) for _ in range(4)]


def test_a_kept_number_whose_turn_has_passed_is_given_to_nobody(
    database: Database, facility: Facility, now: datetime
) -> None:
    centre = keeping(facility, 3, check_in=False)
    with database.transaction() as db:
        for _ in range(8):
            take(db, centre, "sms", now)
        assert [1, 2, 4] == [call_and_finish(db, centre, now) for _ in range(3)]
        assert [6, 9] == [take(db, centre, "counter", now) for _ in range(2)]


def test_numbers_on_paper_are_never_given_at_the_counter(database: Database, facility: Facility, now: datetime) -> None:
    centre = keeping(facility, 3, paper_numbers=10)
    with database.transaction() as db:
        take(db, centre, "sms", now)
        block = set_aside(db, centre, "umum", TUESDAY, now=now, actor="staff:1")
        assert block is not None
        given = [take(db, centre, "counter", now) for _ in range(3)]
    assert set() == set(block.numbers) & set(given)


@pytest.mark.parametrize("every", [2, 3, 5])
def test_many_at_once_never_share_a_number(database: Database, facility: Facility, now: datetime, every: int) -> None:
    centre = keeping(facility, every)

    def one(db: Session, number: int) -> tuple[str, int]:
        via = "counter" if number % 4 == 0 else "whatsapp"
        return via, take(db, centre, via, now)

    given = at_once(database, one, range(40))
    numbers = [number for _, number in given]
    assert len(numbers) == len(set(numbers))
    assert all(number % every for via, number in given if via == "whatsapp")
