"""Waiting times: the model of a line, by cases whose answer is known."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import sqrt

import pytest

from clinic.service_times import Pace
from clinic.waiting_times import Ahead, Coming, Forecast, Line, Moment, Pause, RoomState, forecasts, later_of, within

EVEN = Pace(minutes=10, spread=0.001, doubt=0.0, measured=30)
USUAL = Pace(minutes=10, spread=6, doubt=0.05, measured=30)
JUST_CALLED = RoomState(since_call=0, is_busy=True)
NOW = datetime.fromisoformat("2026-11-23T09:02+08:00")


def a_line(waiting: int, *, pace: Pace = EVEN, rooms: tuple[RoomState, ...] = (JUST_CALLED,), **more: object) -> Line:
    ahead = more.pop("ahead", None) or [Ahead(each, turn=0) for each in range(waiting)]
    given = {"usual_rooms": max(1, len(rooms)), "openings": {}, **more}
    return Line(waiting=ahead, pace=pace, rooms=rooms, **given)  # type: ignore[arg-type]


def test_with_one_room_everybody_waits_for_all_before_them() -> None:
    assert [10, 20, 30] == [round(each.middle) for each in forecasts(a_line(3))]
    assert [0, 1, 2] == [each.before for each in forecasts(a_line(3))]


def test_two_rooms_halve_the_wait() -> None:
    one, two = (
        list(forecasts(a_line(20, rooms=rooms)))[-1].middle for rooms in ((JUST_CALLED,), (JUST_CALLED, JUST_CALLED))
    )
    assert one / two == pytest.approx(2, abs=0.1)


def test_who_is_served_long_already_still_takes_a_while() -> None:
    nearly, long_since = (
        next(iter(forecasts(a_line(1, rooms=(RoomState(since, is_busy=True),))))).middle for since in (9.0, 60.0)
    )
    assert nearly == long_since > 3


def test_the_range_grows_with_the_root_of_those_before() -> None:
    pace = Pace(minutes=10, spread=6, doubt=0.0, measured=30)
    widths = [each.latest - each.earliest for each in forecasts(a_line(37, pace=pace))]
    assert widths[36] / widths[8] == pytest.approx(sqrt(37 / 9), rel=0.05)


def test_a_doubt_about_the_pace_grows_with_those_before() -> None:
    pace = Pace(minutes=10, spread=0.001, doubt=0.2, measured=0)
    widths = [each.latest - each.earliest for each in forecasts(a_line(37, pace=pace))]
    assert widths[36] / widths[8] == pytest.approx(37 / 9, rel=0.05)


def test_eight_of_ten_sums_lie_in_the_range() -> None:
    last = list(forecasts(a_line(9, pace=Pace(minutes=10, spread=6, doubt=0.0, measured=30))))[-1]
    mean, spread = 90, sqrt(9) * 6
    assert mean - 1.35 * spread < last.earliest < mean - 1.1 * spread
    assert mean + 1.2 * spread < last.latest < mean + 1.5 * spread


def test_before_the_session_begins_its_beginning_counts() -> None:
    line = a_line(2, rooms=(), openings={0: Moment(60, 25)})
    assert [60, 70] == [round(each.middle) for each in forecasts(line)]
    first = next(iter(forecasts(line)))
    assert 11 < first.latest - first.earliest < 15


def test_the_afternoon_begins_when_it_opens_or_when_the_morning_is_through() -> None:
    def first_of_the_afternoon(mornings: int) -> float:
        ahead = [Ahead(each, turn=0) for each in range(mornings)] + [Ahead(99, turn=1)]
        return list(forecasts(a_line(0, ahead=ahead, openings={1: Moment(120, 1)})))[-1].middle

    assert first_of_the_afternoon(2) == pytest.approx(120, abs=1)
    assert first_of_the_afternoon(30) == pytest.approx(310, abs=1)


def test_nobody_is_called_in_the_break() -> None:
    pause = Pause(begins=25, ends=115)
    assert [10, 20, 120, 130] == [round(each.middle) for each in forecasts(a_line(4), pause=pause)]
    inside = Pause(begins=-5, ends=85)
    assert [95, 105] == [round(each.middle) for each in forecasts(a_line(2), pause=inside)]
    assert [10, 20] == [round(each.middle) for each in forecasts(a_line(2), pause=Pause(begins=-90, ends=-1))]


def test_a_break_that_is_still_to_come_is_no_work() -> None:
    pause = Pause(begins=25, ends=115)
    assert [10, 25, 25, 40] == [pause.worked(minutes) for minutes in (10, 25, 100, 130)]
    assert [10, 115, 130] == [pause.clock(minutes) for minutes in (10, 25, 40)]


def test_who_is_not_there_goes_first_only_if_they_come_in_time() -> None:
    def wait(coming: Coming, *, planned: float) -> Forecast:
        ahead = [Ahead(each, turn=0, is_there=False, planned=planned) for each in range(5)] + [Ahead(9, turn=0)]
        return list(forecasts(a_line(0, pace=USUAL, ahead=ahead, coming=coming)))[-1]

    soon, late, never = (
        wait(Coming(share=0.9, after=-20, spread=10), planned=30),
        wait(Coming(share=0.9, after=-20, spread=10), planned=300),
        wait(Coming(share=0.01), planned=30),
    )
    assert soon.middle > 40
    assert late.middle < 14
    assert never.middle < 14
    assert 5 == soon.before


def test_whoever_should_have_come_long_ago_is_hardly_expected() -> None:
    coming = Coming(share=0.85, after=-15, spread=20)
    chances = [coming.chance(planned, until=60) for planned in (45, 0, -60, -120)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.7
    assert chances[3] < 0.05


def test_numbers_with_priority_that_come_in_between_make_it_longer() -> None:
    plain, joined = (list(forecasts(a_line(11, joins=joins)))[-1].middle for joins in (0.0, 0.2))
    assert joined - plain == pytest.approx(20, abs=1)


@pytest.mark.parametrize(
    ("one", "other", "minutes"),
    [
        pytest.param(Moment(10, 1), Moment(100, 1), 100, id="far apart"),
        pytest.param(Moment(10, 0), Moment(10, 0), 10, id="both sure"),
        pytest.param(Moment(0, 1), Moment(0, 1), 0.564, id="two standard normals"),
    ],
)
def test_the_later_of_two_moments(one: Moment, other: Moment, minutes: float) -> None:
    assert later_of(one, other).minutes == pytest.approx(minutes, abs=0.001)
    assert later_of(one, other) == later_of(other, one)


def test_the_range_on_the_clock_goes_outwards_and_never_into_the_past() -> None:
    early, late = within(NOW, Forecast(1, before=0, earliest=1, middle=5, latest=9))
    assert (NOW, NOW + timedelta(minutes=13)) == (early, late)
    early, late = within(NOW, Forecast(1, before=3, earliest=26, middle=30, latest=33))
    assert ("09:25", "09:35") == (f"{early:%H:%M}", f"{late:%H:%M}")
