"""Estimates from the rows: sessions, changes, rooms, breaks and arrivals are read as staff wrote them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from clinic.database import Database, Session, open_database
from clinic.facility import Facility
from clinic.facility_queue import Room
from clinic.facility_values import OpenHours
from clinic.queue import begin, call_next, check_in, finish, take_number
from clinic.queue_estimate import estimate_for, estimates_on
from clinic.queue_sessions import add_change, undo_change
from tests.clinic.hands import a_person
from tests.clinic.queue_days_written import write_days
from tests.clinic.simulated_days import Customs, simulated_stories
from tests.clinic.test_query_plans import scans, watched

DAY = date(2026, 11, 23)
SEVEN = datetime.fromisoformat("2026-11-23T07:00+08:00")
EIGHT = SEVEN + timedelta(hours=1)


def take(db: Session, facility: Facility, *, count: int, session: str = "pagi", day: date = DAY) -> list[int]:
    """So many numbers, taken the day before."""
    taken = SEVEN - timedelta(hours=14)
    return [
        take_number(
            db, facility=facility, poli="umum", day=day, session=session, person_id=a_person(db, taken),
            contact_id=None, via="counter", now=taken,
        ).id
        for _ in range(count)
    ]  # fmt: skip


def all_there(db: Session, facility: Facility, ids: list[int], *, now: datetime = SEVEN) -> None:
    for entry_id in ids:
        check_in(db, entry_id, facility=facility, now=now, actor="staff:1")


def middle(facility: Facility, db: Session, entry_id: int, now: datetime) -> datetime:
    estimate = estimate_for(db, facility, entry_id=entry_id, now=now)
    assert estimate is not None
    return estimate.earliest + (estimate.latest - estimate.earliest) / 2


def test_before_the_session_the_first_number_is_expected_soon_after_its_opening(
    database: Database, facility: Facility
) -> None:
    with database.transaction() as db:
        ids = take(db, facility, count=10)
        known = estimates_on(db, facility, poli="umum", day=DAY, now=SEVEN)
    first, last = known[ids[0]], known[ids[-1]]
    assert (0, 9) == (first.before, last.before)
    assert 0 == first.measured
    assert EIGHT - timedelta(minutes=10) <= first.earliest <= EIGHT + timedelta(minutes=10)
    assert last.earliest > first.earliest
    assert last.latest - last.earliest > first.latest - first.earliest


def test_one_and_all_are_told_the_same(database: Database, facility: Facility) -> None:
    with database.transaction() as db:
        ids = take(db, facility, count=6)
        known = estimates_on(db, facility, poli="umum", day=DAY, now=SEVEN)
        assert known == {each: estimate_for(db, facility, entry_id=each, now=SEVEN) for each in ids}


def test_a_slow_morning_moves_everybody_behind(database: Database, facility: Facility) -> None:
    def last_after(minutes: int) -> timedelta:
        with database.transaction() as db:
            ids = take(db, facility, count=20, day=DAY)
            all_there(db, facility, ids)
            now = EIGHT
            for _ in range(8):
                called = call_next(db, "umum", DAY, facility=facility, now=now)
                assert called is not None
                now += timedelta(minutes=minutes)
                finish(db, called.id, facility=facility, now=now)
            wait = middle(facility, db, ids[-1], now) - now
            db.rollback()
            return wait

    quick, slow = last_after(4), last_after(16)
    assert quick < timedelta(minutes=80) < timedelta(minutes=120) < slow


def test_what_was_measured_is_counted(database: Database, facility: Facility) -> None:
    with database.transaction() as db:
        ids = take(db, facility, count=5)
        all_there(db, facility, ids)
        for place in range(3):
            called = call_next(db, "umum", DAY, facility=facility, now=EIGHT + timedelta(minutes=10 * place))
            assert called is not None
            begin(db, called.id, facility=facility, now=EIGHT + timedelta(minutes=10 * place + 1), actor="staff:1")
            finish(db, called.id, facility=facility, now=EIGHT + timedelta(minutes=10 * place + 9))
        estimate = estimate_for(db, facility, entry_id=ids[4], now=EIGHT + timedelta(minutes=30))
    assert estimate is not None
    assert 3 == estimate.measured
    assert 8 < estimate.minutes_per_patient < 10
    assert 1 == estimate.before


def test_a_number_that_does_not_wait_has_no_estimate(database: Database, facility: Facility) -> None:
    with database.transaction() as db:
        ids = take(db, facility, count=2)
        call_next(db, "umum", DAY, facility=facility, now=EIGHT)
        assert estimate_for(db, facility, entry_id=ids[0], now=EIGHT) is None
        assert estimate_for(db, facility, entry_id=ids[1], now=EIGHT) is not None
        assert estimate_for(db, facility, entry_id=99_999, now=EIGHT) is None
        assert {} == estimates_on(db, facility, poli="umum", day=DAY, now=EIGHT + timedelta(days=1))


def test_a_late_doctor_moves_the_beginning_and_a_closed_session_has_none(
    database: Database, facility: Facility
) -> None:
    with database.transaction() as db:
        first = take(db, facility, count=1)[0]
        usual = middle(facility, db, first, SEVEN)
        change = add_change(
            db, poli="umum", day=DAY, session="pagi", kind="late", late_minutes=60, reason="-", staff_id=None, now=SEVEN
        )
        late = middle(facility, db, first, SEVEN)
        assert timedelta(minutes=45) < late - usual < timedelta(minutes=70)
        undo_change(db, change, now=SEVEN)
        assert usual == middle(facility, db, first, SEVEN)
        add_change(db, poli="umum", day=DAY, session=None, kind="closed", reason="-", staff_id=None, now=SEVEN)
        assert estimate_for(db, facility, entry_id=first, now=SEVEN) is None


def test_an_afternoon_number_waits_for_the_afternoon(database: Database, facility: Facility) -> None:
    with database.transaction() as db:
        take(db, facility, count=3)
        afternoon = take(db, facility, count=1, session="siang")[0]
        estimate = estimate_for(db, facility, entry_id=afternoon, now=EIGHT)
    assert estimate is not None
    assert EIGHT + timedelta(hours=4, minutes=15) < estimate.earliest
    assert 3 == estimate.before


def test_two_rooms_are_faster_than_one(database: Database, facility: Facility) -> None:
    rooms = tuple(Room(id=f"umum{each}", name=f"Ruang {each}", poli="umum") for each in (1, 2))
    two = facility.model_copy(update={"rooms": rooms})
    with database.transaction() as db:
        last = take(db, facility, count=21)[-1]
        wait = [middle(each, db, last, EIGHT) - EIGHT for each in (facility, two)]
    assert wait[0] > 1.6 * wait[1]


def test_who_sees_only_one_of_two_doctors_waits_for_that_one(database: Database, facility: Facility) -> None:
    """The sessions of two doctors at the same time are two lines."""
    poli = facility.polis[0]
    morning = poli.sessions[0]
    names = ("dr. Contoh Melati", "dr. Contoh Kenanga")
    sessions = tuple(
        morning.model_copy(update={"name": f"pagi_{each}", "doctor": name}) for each, name in enumerate(names)
    )
    rooms = tuple(Room(id=f"umum{each}", name=f"R {each}", poli="umum", doctor=name) for each, name in enumerate(names))
    both = facility.model_copy(
        update={"polis": (poli.model_copy(update={"sessions": sessions}), *facility.polis[1:]), "rooms": rooms}
    )
    with database.transaction() as db:
        many = take(db, both, count=10, session="pagi_0")
        few = take(db, both, count=2, session="pagi_1")
        known = estimates_on(db, both, poli="umum", day=DAY, now=EIGHT)
    assert (9, 1) == (known[many[-1]].before, known[few[-1]].before)
    assert known[few[-1]].latest < known[many[-1]].earliest


def test_nobody_is_called_in_the_friday_break(database: Database, facility: Facility) -> None:
    friday = date(2026, 11, 27)
    rules = facility.queue.model_copy(update={"friday_break": OpenHours(time(9), time(10))})
    resting = facility.model_copy(update={"queue": rules})
    with database.transaction() as db:
        ids = take(db, resting, count=12, day=friday)
        now = EIGHT + timedelta(days=4)
        known = estimates_on(db, resting, poli="umum", day=friday, now=now)
    begins, ends = now + timedelta(hours=1), now + timedelta(hours=2)
    for each in ids:
        for edge in (known[each].earliest, known[each].latest):
            assert not begins + timedelta(minutes=5) < edge < ends
    assert known[ids[11]].earliest >= ends


def test_who_missed_their_turn_is_not_counted_among_those_before(database: Database, facility: Facility) -> None:
    """With check-in, the absent first ones stay in the line, but nobody waits for them."""
    with database.transaction() as db:
        ids = take(db, facility, count=8)
        all_there(db, facility, ids[4:])
        called = call_next(db, "umum", DAY, facility=facility, now=EIGHT)
        assert called is not None and called.id == ids[4]
        soon = estimate_for(db, facility, entry_id=ids[5], now=EIGHT + timedelta(minutes=90))
    assert soon is not None
    assert 0 == soon.before


@pytest.mark.parametrize("place", [0, 7])
def test_the_last_weeks_speak_for_a_day_that_has_not_begun(database: Database, facility: Facility, place: int) -> None:
    days = [DAY - timedelta(days=back) for back in range(28, 0, -1)]
    customs = Customs(minutes=14, booked=8, walk_ins=6, late_begin=25, late_begin_spread=3)
    with database.transaction() as db:
        before = take(db, facility, count=8)
        unknown = middle(facility, db, before[place], SEVEN)
        assert 100 < write_days(db, "umum", simulated_stories(facility, days, poli="umum", customs=customs, seed=3))
        known = middle(facility, db, before[place], SEVEN)
    assert known - unknown > timedelta(minutes=8 + 2 * place)


def test_an_estimate_reads_no_table_through(migrated_file: Path, facility: Facility) -> None:
    database = open_database(f"sqlite:///{migrated_file}")
    with database.sessions() as db, watched(database) as plans:
        first = take(db, facility, count=1)[0]
        plans.clear()
        estimate_for(db, facility, entry_id=first, now=EIGHT)
        db.rollback()
    database.close()
    assert [plan for plan in plans if plan.startswith("SEARCH queue_entry USING INDEX ix_queue_entry_day_poli_state")]
    assert [] == scans(plans)
