"""What holds for every child, every history and every moment."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.reminding import Done
from scheduler.planning import Enrolled, PlannedReminder, due
from scheduler.quiet import sending_hours
from tests.scheduler.wonorejo import INFANTS, WITA, WONOREJO, make_facility, with_immunisation_on

RULES = {rule.code: rule for rule in INFANTS.rules}
FACILITIES = (WONOREJO, with_immunisation_on("selasa"), make_facility(limits={"quiet_from": "11:45"}))
BIRTHS = st.dates(date(2023, 11, 1), date(2026, 11, 30))
MOMENTS = st.datetimes(datetime(2026, 6, 1), datetime(2027, 6, 30)).map(lambda moment: moment.replace(tzinfo=WITA))


@st.composite
def histories(draw: st.DrawFn) -> tuple[Enrolled, tuple[Done, ...]]:
    """A child with some doses, each after its birth and after the dose before."""
    birth = draw(BIRTHS)
    given_on: dict[str, date] = {}
    for rule in INFANTS.rules:
        if (rule.prev is None or rule.prev in given_on) and draw(st.booleans()):
            start = given_on.get(rule.prev or "", rule.min_age.passed_on(birth))
            given_on[rule.code] = start + timedelta(days=draw(st.integers(0, 200)))
    enrolled_on = birth + timedelta(days=draw(st.integers(0, 600)))
    doses = tuple(Done(1, INFANTS.name, item, day) for item, day in given_on.items())
    return Enrolled(1, INFANTS.name, birth, enrolled_on), doses


def _month(
    history: tuple[Enrolled, tuple[Done, ...]], now: datetime, place: int, days: int = 30
) -> tuple[PlannedReminder, ...]:
    return due([history[0]], INFANTS, doses=history[1], now=now, facility=FACILITIES[place], days=days)


@settings(max_examples=150, deadline=None)
@given(histories(), MOMENTS, st.integers(0, 2))
def test_no_two_reminders_have_one_key_or_share_a_day(
    history: tuple[Enrolled, tuple[Done, ...]], now: datetime, place: int
) -> None:
    planned = _month(history, now, place)
    assert len({reminder.key for reminder in planned}) == len(planned)
    assert len({reminder.send_at.date() for reminder in planned}) == len(planned)


@settings(max_examples=150, deadline=None)
@given(histories(), MOMENTS, st.integers(0, 2))
def test_every_reminder_is_sent_in_waking_hours_and_before_it_is_useless(
    history: tuple[Enrolled, tuple[Done, ...]], now: datetime, place: int
) -> None:
    hours = sending_hours(FACILITIES[place])
    for reminder in _month(history, now, place):
        assert now <= reminder.send_at < reminder.useless_after <= hours.end_of(reminder.send_at.date())
        assert hours.allow(reminder.send_at)


@settings(max_examples=150, deadline=None)
@given(histories(), MOMENTS, st.integers(0, 2))
def test_nobody_is_invited_too_young_too_old_too_soon_after_a_dose_or_to_a_closed_door(
    history: tuple[Enrolled, tuple[Done, ...]], now: datetime, place: int
) -> None:
    birth, given_on = history[0].anchor, {dose.item: dose.given_on for dose in history[1]}
    for reminder in _month(history, now, place):
        assert FACILITIES[place].is_open_on(reminder.visit_on)
        for code in reminder.codes:
            rule = RULES[code]
            assert rule.min_age.passed_on(birth) <= reminder.visit_on
            assert rule.max_age is None or reminder.visit_on < rule.max_age.limit_on(birth)
            assert code not in given_on
            if rule.prev is not None and rule.min_interval is not None:
                assert rule.min_interval.passed_on(given_on[rule.prev]) <= reminder.visit_on


@settings(max_examples=60, deadline=None)
@given(histories(), MOMENTS)
def test_what_is_planned_ahead_for_a_day_is_planned_on_that_day(
    history: tuple[Enrolled, tuple[Done, ...]], now: datetime
) -> None:
    for ahead in _month(history, now, 0)[:1]:
        on_the_day = _month(history, ahead.send_at, 0, days=1)
        assert ahead.key in {reminder.key for reminder in on_the_day}
