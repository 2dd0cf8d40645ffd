"""Service times: what is measured of one patient, and how today, the last weeks and the assumption are weighed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from clinic.service_times import LONGEST, Served, durations, pace_of, robust

DAY = date(2026, 11, 23)
EIGHT = datetime.fromisoformat("2026-11-23T08:00+08:00")


def served(
    number: int, *, called: float | None, done: float | None, there: float = -30, skipped: bool = False, room: str = "a"
) -> Served:
    """A number, with minutes after eight."""

    def at(minutes: float | None) -> datetime | None:
        return None if minutes is None else EIGHT + timedelta(minutes=minutes)

    taken = EIGHT - timedelta(hours=15)
    return Served(
        day=DAY,
        session="pagi",
        number=number,
        room=room,
        taken_at=taken,
        arrived_at=EIGHT + timedelta(minutes=there),
        called_at=at(called),
        done_at=at(done),
        is_done=not skipped and done is not None,
        is_skipped=skipped,
    )


def test_a_patient_takes_from_call_to_call_while_others_wait() -> None:
    day = [served(1, called=0, done=6), served(2, called=8, done=15), served(3, called=17, done=20)]
    assert [8, 9, 3] == durations(day, skips_count=False)


def test_a_room_that_waited_for_patients_was_not_slow() -> None:
    day = [served(1, called=0, done=6), served(2, called=40, done=45, there=39)]
    assert [6, 5] == durations(day, skips_count=False)


def test_two_rooms_are_measured_each_for_itself() -> None:
    day = [
        served(1, called=0, done=None, room="a"),
        served(2, called=1, done=None, room="b"),
        served(3, called=10, done=16, room="a"),
        served(4, called=13, done=18, room="b"),
    ]
    assert [10, 6, 12, 5] == durations(day, skips_count=False)


def test_who_did_not_come_counts_only_where_everybody_is_called() -> None:
    day = [served(1, called=0, done=2, skipped=True), served(2, called=2, done=10)]
    assert [8] == durations(day, skips_count=False)
    assert [2, 8] == durations(day, skips_count=True)


def test_a_button_pressed_twice_or_forgotten_measures_nothing_absurd() -> None:
    day = [served(1, called=0, done=0.05), served(2, called=0.05, done=None), served(3, called=400, done=405)]
    assert [LONGEST, 5] == durations(day, skips_count=False)


def test_nothing_measured_is_the_assumption_and_says_so() -> None:
    pace = pace_of([], [], assumed=8)
    assert 8 == pace.minutes
    assert 0 == pace.measured
    assert pace.doubt > 0.15


def test_the_last_weeks_outweigh_the_assumption() -> None:
    pace = pace_of([], [[5.0, 5.5, 4.5] * 8 for _ in range(20)], assumed=12)
    assert 5 == pytest.approx(pace.minutes, abs=0.3)


def test_today_is_believed_little_at_first_and_wholly_after_many() -> None:
    past = [[8.0, 6.0, 10.0] * 8 for _ in range(20)]
    paces = [pace_of([14.0] * count, past, assumed=8) for count in (0, 2, 10, 60)]
    minutes = [pace.minutes for pace in paces]
    assert minutes == sorted(minutes)
    assert minutes[1] < 11
    assert minutes[3] > 12.5
    assert [pace.doubt for pace in paces] == sorted((pace.doubt for pace in paces), reverse=True)


def test_one_patient_of_an_hour_does_not_make_a_slow_doctor() -> None:
    assert [6.0, 7.0, 8.0, 24.5] == robust([6.0, 7.0, 8.0, 60.0])[:3] + [3.5 * 7]
    usual = [[7.0, 8.0, 6.0] * 5 for _ in range(10)]
    slow = pace_of([7.0] * 11 + [60.0], usual, assumed=8)
    assert slow.minutes < 9


def test_the_measured_weeks_say_how_much_days_differ() -> None:
    even = pace_of([], [[8.0, 6.0, 10.0] * 8 for _ in range(24)], assumed=8)
    uneven = pace_of([], [[8.0 * k, 6.0 * k, 10.0 * k] * 8 for k in (0.6, 0.8, 1.0, 1.2, 1.4) * 5], assumed=8)
    assert uneven.doubt > 2 * even.doubt
