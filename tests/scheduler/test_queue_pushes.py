"""Which push is due for a number: decided from the estimate, what was told, the hour and how far they live."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from clinic.facility import Facility
from clinic.queue_estimate import Estimate
from clinic.queue_told import EVENING, LEAVE, MOVED, Holder, Told
from scheduler.queue_pushes import MOST_MOVED, Push, evening_push, leaves_at, push_of_the_day
from scheduler.quiet import sending_hours

DAY = date(2026, 11, 24)
NINE = datetime.fromisoformat("2026-11-24T09:00+08:00")
EVENING_BEFORE = datetime.fromisoformat("2026-11-23T17:00+08:00")
HOLDER = Holder(
    entry_id=5,
    code="B12",
    poli="gigi",
    day=DAY,
    session="pagi",
    state="waiting",
    person_id=1,
    person_name="Siti Contoh",
    birth_date=None,
    is_known=False,
    contact_id=1,
    travel_minutes=None,
    taken_at=NINE - timedelta(days=1),
    arrived_at=None,
)


def called_in(minutes: float, *, width: float = 30, now: datetime = NINE) -> Estimate:
    earliest = now + timedelta(minutes=minutes)
    return Estimate(4, earliest, earliest + timedelta(minutes=width), minutes_per_patient=8, measured=5)


def told(kind: str, minutes: float, *, ago: float = 60, occurrence: int = 0) -> Told:
    """Told some minutes ago that the range begins so many minutes from nine."""
    said = called_in(minutes)
    return Told(kind, occurrence, said.earliest, said.latest, NINE - timedelta(minutes=ago))


def decided(
    facility: Facility, estimate: Estimate | None, *before: Told, now: datetime = NINE, holder: Holder = HOLDER
) -> Push | None:
    return push_of_the_day(holder, estimate, before, now=now, rules=facility.queue, hours=sending_hours(facility))


def kind(push: Push | None) -> str | None:
    return push.kind if push is not None else None


@pytest.mark.parametrize(
    ("travel", "minutes", "wanted"),
    [
        pytest.param(None, 31, None, id="as far as most, a minute too early"),
        pytest.param(None, 30, LEAVE, id="as far as most, now"),
        pytest.param(60, 59, LEAVE, id="far away"),
        pytest.param(10, 30, None, id="near, not yet"),
        pytest.param(10, 10, LEAVE, id="near, now"),
        pytest.param(0, 1, None, id="next door"),
        pytest.param(None, 0, LEAVE, id="late, but not too late"),
    ],
)
def test_they_leave_when_the_way_takes_as_long_as_the_wait(
    facility: Facility, travel: int | None, minutes: float, wanted: str | None
) -> None:
    holder = replace(HOLDER, travel_minutes=travel)
    assert wanted == kind(decided(facility, called_in(minutes), holder=holder))
    assert leaves_at(holder, called_in(60), facility.queue) == NINE + timedelta(
        minutes=60 - (30 if travel is None else travel)
    )


@pytest.mark.parametrize(
    ("holder", "now"),
    [
        pytest.param(replace(HOLDER, arrived_at=NINE), NINE, id="is there already"),
        pytest.param(replace(HOLDER, state="called"), NINE, id="is called already"),
        pytest.param(replace(HOLDER, taken_at=NINE - timedelta(minutes=3)), NINE, id="has just read when to come"),
        pytest.param(replace(HOLDER, day=DAY + timedelta(days=1)), NINE, id="comes tomorrow"),
        pytest.param(HOLDER, NINE.replace(hour=7, minute=30), id="before eight"),
        pytest.param(HOLDER, NINE.replace(hour=19), id="after seven in the evening"),
    ],
)
def test_nobody_is_sent_off_who(facility: Facility, holder: Holder, now: datetime) -> None:
    assert decided(facility, called_in(5, now=now), holder=holder, now=now) is None
    assert decided(facility, None) is None


def test_a_turn_that_is_over_is_no_reason_to_leave(facility: Facility) -> None:
    assert decided(facility, called_in(-40, width=30)) is None


def test_the_push_is_useless_once_the_turn_is_over(facility: Facility) -> None:
    push = decided(facility, called_in(20, width=30))
    assert push is not None
    assert NINE + timedelta(minutes=50) == push.useless_after
    assert "queue:5:leave:0" == push.key


@pytest.mark.parametrize(
    ("minutes", "wanted", "is_later"),
    [
        pytest.param(35, None, None, id="fifteen minutes later are nothing"),
        pytest.param(36, MOVED, True, id="sixteen minutes later"),
        pytest.param(5, None, None, id="fifteen minutes earlier are nothing"),
        pytest.param(4, MOVED, False, id="sixteen minutes earlier"),
    ],
)
def test_they_are_told_again_when_the_time_moved_by_more_than_the_setting(
    facility: Facility, minutes: float, wanted: str | None, is_later: bool | None
) -> None:
    push = decided(facility, called_in(minutes), told(LEAVE, 20))
    assert wanted == kind(push)
    assert is_later == (push.is_later if push is not None else None)


def test_what_counts_is_what_was_told_last(facility: Facility) -> None:
    first, second = told(LEAVE, 20), told(MOVED, 60, ago=20)
    assert decided(facility, called_in(65), first, second) is None
    push = decided(facility, called_in(20), first, second)
    assert push is not None
    assert (MOVED, 1, False) == (push.kind, push.occurrence, push.is_later)


def test_a_range_that_only_became_narrower_is_no_news(facility: Facility) -> None:
    evening = Told(EVENING, 0, NINE, NINE + timedelta(minutes=120), NINE - timedelta(hours=15))
    assert decided(facility, called_in(45, width=30), evening) is None


def test_what_the_evening_said_can_move_before_it_is_time_to_leave(facility: Facility) -> None:
    push = decided(facility, called_in(90), told(EVENING, 50, ago=900))
    assert MOVED == kind(push)


def test_two_messages_about_a_number_lie_apart(facility: Facility) -> None:
    assert decided(facility, called_in(90), told(LEAVE, 20, ago=9)) is None
    assert MOVED == kind(decided(facility, called_in(90), told(LEAVE, 20, ago=10)))


def test_three_times_a_day_are_enough(facility: Facility) -> None:
    many = [told(MOVED, 20 + 40 * each, ago=90 - each, occurrence=each) for each in range(MOST_MOVED)]
    assert decided(facility, called_in(400), told(LEAVE, 0, ago=200), *many) is None
    assert decided(facility, called_in(400), told(LEAVE, 0, ago=200), *many[:-1]) is not None


# --- the evening before -------------------------------------------------------------------------------------------


def in_the_evening(
    facility: Facility, *before: Told, now: datetime = EVENING_BEFORE, holder: Holder = HOLDER
) -> Push | None:
    hours = sending_hours(facility)
    return evening_push(holder, called_in(30), before, now=now, rules=facility.queue, hours=hours)


def test_the_evening_before_everybody_is_reminded_once(facility: Facility) -> None:
    holder = replace(HOLDER, taken_at=EVENING_BEFORE - timedelta(hours=5))
    push = in_the_evening(facility, holder=holder)
    assert push is not None
    assert EVENING_BEFORE.replace(hour=19) == push.useless_after
    assert in_the_evening(facility, told(EVENING, 30), holder=holder) is None


@pytest.mark.parametrize(
    ("now", "taken"),
    [
        pytest.param(EVENING_BEFORE - timedelta(minutes=1), EVENING_BEFORE - timedelta(days=2), id="before five"),
        pytest.param(EVENING_BEFORE.replace(hour=19), EVENING_BEFORE - timedelta(days=2), id="in the night"),
        pytest.param(EVENING_BEFORE, EVENING_BEFORE - timedelta(minutes=59), id="who took it that evening"),
        pytest.param(EVENING_BEFORE - timedelta(days=1), EVENING_BEFORE - timedelta(days=2), id="two evenings before"),
    ],
)
def test_nobody_is_reminded(facility: Facility, now: datetime, taken: datetime) -> None:
    assert in_the_evening(facility, now=now, holder=replace(HOLDER, taken_at=taken)) is None
