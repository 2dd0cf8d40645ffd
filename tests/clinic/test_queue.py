"""The queue: every number once, never more than the quota, one per person, and places given back."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.contacts import link_person
from clinic.database import Database
from clinic.facility import Closure, Facility
from clinic.queue import (
    QueueRefused,
    SessionCounter,
    Ticket,
    call_next,
    cancel_number,
    day_list,
    rooms_with_space,
    tickets_of,
)
from clinic.queue_sessions import add_change, undo_change
from tests.clinic.counter import MONDAY, TUESDAY, Counter, with_quota
from tests.clinic.hands import a_contact, a_person, at_once


def test_two_hundred_people_at_once_get_the_last_fifty_places_with_fifty_different_numbers(
    database: Database, facility: Facility, now: datetime
) -> None:
    small = with_quota(facility, 50)
    with database.transaction() as db:
        people = [a_person(db, now, name=f"Contoh {number}") for number in range(200)]

    def take(db: Session, person_id: int) -> int | str:
        try:
            return Counter(db, small, now).take(person_id).number
        except QueueRefused as refused:
            return refused.reason

    got = at_once(database, take, people, threads=20)
    numbers = sorted(number for number in got if isinstance(number, int))
    assert list(range(1, 51)) == numbers
    assert ["full"] * 150 == [reason for reason in got if isinstance(reason, str)]


def test_one_person_who_asks_many_times_at_once_holds_one_number(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        person_id = a_person(db, now)

    def take(db: Session, _turn: int) -> Ticket:
        return Counter(db, facility, now).take(person_id)

    tickets = at_once(database, take, range(20), threads=10)
    with database.reading() as db:
        taken = db.scalar(select(SessionCounter.taken))
    assert (1, 1, 1) == (len({ticket.id for ticket in tickets}), sum(ticket.is_new for ticket in tickets), taken)


def test_cancelling_and_taking_at_once_never_loses_or_makes_a_place(
    database: Database, facility: Facility, now: datetime
) -> None:
    small = with_quota(facility, 10)
    with database.transaction() as db:
        held = [Counter(db, small, now).take_new().id for _ in range(10)]
        people = [a_person(db, now, name=f"Contoh {number}") for number in range(20)]

    def cancel_or_take(db: Session, number: int) -> None:
        if number % 2:
            cancel_number(db, held[number // 4], facility=small, now=now, keep=False)
            return
        try:
            Counter(db, small, now).take(people[number // 2])
        except QueueRefused as refused:
            assert "full" == refused.reason

    at_once(database, cancel_or_take, range(40))
    with database.reading() as db:
        waiting = [row for row in day_list(db, TUESDAY, facility=small) if row.state == "waiting"]
        assert len(waiting) == db.scalar(select(SessionCounter.taken))
        assert len(waiting) <= 10


def test_numbers_count_from_one_per_poli_and_day(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        counter = Counter(db, facility, now)
        person_id = a_person(db, now)
        codes = [
            counter.take(person_id).code,
            counter.take_new().code,
            counter.take(person_id, poli="umum").code,
            counter.take(person_id, day=MONDAY, session="siang").code,
        ]
    assert ["B1", "B2", "A1", "B1"] == codes


def test_a_ticket_says_all_that_its_holder_wants_to_know(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        ticket = Counter(db, facility, now).take_new()
    assert ("B1", "Gigi", TUESDAY, "pagi", time(8), time(11), "Siti Contoh", "waiting", True) == (
        ticket.code,
        ticket.poli_name,
        ticket.day,
        ticket.session,
        ticket.opens,
        ticket.closes,
        ticket.person_name,
        ticket.state,
        ticket.is_new,
    )


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        pytest.param({"day": date(2026, 11, 22)}, "past", id="yesterday"),
        pytest.param({"day": date(2026, 12, 1)}, "too_far", id="eight days ahead"),
        pytest.param({"day": date(2026, 11, 29)}, "closed", id="a Sunday"),
        pytest.param({"session": "malam"}, "no_session", id="a session that nobody has"),
        pytest.param({"session": "siang"}, "no_session", id="a session of another weekday"),
        pytest.param({"poli": "jantung"}, "no_session", id="a poli that nobody has"),
    ],
)
def test_no_number_is_given_where_nobody_is_served(
    database: Database, facility: Facility, now: datetime, asked: dict[str, Any], reason: str
) -> None:
    with database.transaction() as db, pytest.raises(QueueRefused) as refused:
        Counter(db, facility, now).take_new(**asked)
    assert reason == refused.value.reason


def test_a_holiday_is_closed(database: Database, facility: Facility) -> None:
    eve = datetime.fromisoformat("2026-12-24T08:00+08:00")
    with database.transaction() as db, pytest.raises(QueueRefused, match="closed"):
        Counter(db, facility, eve).take_new(day=date(2026, 12, 25))


@pytest.mark.parametrize(
    ("clock", "is_given"),
    [pytest.param("10:59", True, id="a minute before it ends"), pytest.param("11:00", False, id="when it ends")],
)
def test_todays_session_can_be_booked_until_it_ends(
    database: Database, facility: Facility, clock: str, is_given: bool
) -> None:
    at = datetime.fromisoformat(f"2026-11-23T{clock}+08:00")
    with database.transaction() as db:
        counter = Counter(db, facility, at)
        if is_given:
            assert counter.take_new(day=MONDAY).is_new
        else:
            with pytest.raises(QueueRefused, match="past"):
                counter.take_new(day=MONDAY)


def test_a_number_that_was_called_cannot_be_cancelled(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        ticket = Counter(db, facility, now).take_new()
        call_next(db, "gigi", TUESDAY, facility=facility, now=now)
        assert cancel_number(db, ticket.id, facility=facility, now=now) is None


def test_a_contact_sees_the_live_numbers_of_its_family(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        counter = Counter(db, facility, now)
        contact_id, _ = a_contact(db, now)
        mine, gone, stranger = (a_person(db, now, name=name) for name in ("Siti Contoh", "Budi Contoh", "Orang Lain"))
        for person_id in (mine, gone):
            link_person(db, contact_id=contact_id, person_id=person_id, role="child", proof="claimed", now=now)
        later, sooner = counter.take(mine, day=TUESDAY + timedelta(days=1)), counter.take(mine)
        cancel_number(db, counter.take(gone).id, facility=facility, now=now)
        counter.take(stranger)
        found = tickets_of(db, contact_id, facility=facility, from_day=MONDAY)
    assert [sooner.id, later.id] == [ticket.id for ticket in found]


def test_whoever_stands_at_the_counter_is_let_in_although_it_is_full(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        counter = Counter(db, with_quota(facility, 1), now)
        counter.take_new()
        extra = counter.take_new(beyond_quota=True)
        with pytest.raises(QueueRefused, match="full"):
            counter.take_new()
        assert ("B2", 2, 0) == (extra.code, db.scalar(select(SessionCounter.taken)), counter.left())


def test_a_session_that_staff_closed_gives_no_numbers_until_that_is_undone(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        counter = Counter(db, facility, now)
        closed: dict[str, Any] = {"poli": "gigi", "day": TUESDAY, "session": None, "staff_id": None, "now": now}
        change_id = add_change(db, kind="closed", reason="Dokter sakit", **closed)
        with pytest.raises(QueueRefused, match="closed"):
            counter.take_new()
        left = counter.left()
        undo_change(db, change_id, now=now)
        assert (0, "B1") == (left, counter.take_new().code)


def test_a_poli_that_its_file_closes_is_closed_and_the_others_are_open(
    database: Database, facility: Facility, now: datetime
) -> None:
    closure = Closure(day=TUESDAY, reason="Pelatihan", poli="gigi")
    with database.transaction() as db:
        counter = Counter(db, facility.model_copy(update={"closures": (closure,)}), now)
        with pytest.raises(QueueRefused, match="closed"):
            counter.take_new()
        assert "A1" == counter.take_new(poli="umum").code


def test_rooms_leave_out_full_and_past_sessions_and_closed_days(database: Database, facility: Facility) -> None:
    at = datetime.fromisoformat("2026-11-28T11:30+08:00")
    with database.transaction() as db:
        counter = Counter(db, with_quota(facility, 1), at)
        counter.take_new(day=date(2026, 11, 30))
        rooms = rooms_with_space(db, counter.facility, "gigi", from_day=date(2026, 11, 1), limit=2, now=at)
    assert [(date(2026, 11, 30), "siang", 1), (date(2026, 12, 1), "pagi", 1)] == [
        (room.day, room.session, room.left) for room in rooms
    ]
