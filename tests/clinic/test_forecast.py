"""The forecast for the rest of a month, and how far it may be trusted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.forecast import DayCost, forecast_rest

TODAY = date(2026, 11, 23)
LAST = date(2026, 11, 30)
"""Seven days to come, one of them a Sunday."""


def opens(day: date) -> bool:
    return day.weekday() != 6


def history(days: int, cost: Callable[[date], int]) -> list[DayCost]:
    """So many days before today."""
    past = [TODAY - timedelta(days=back) for back in range(days, 0, -1)]
    return [DayCost(day, cost(day)) for day in past]


def test_open_days_to_come_cost_the_average_of_open_days_and_closed_ones_that_of_closed_ones() -> None:
    past = history(28, lambda day: 1000 if opens(day) else 100)
    rest = forecast_rest(past, today=DayCost(TODAY, 1000), last=LAST, is_open=opens)
    assert (6 * 1000 + 100, 28, False) == (rest.expected, rest.days, rest.is_uncertain)


@pytest.mark.parametrize(("spent_today", "expected"), [(0, 8000), (400, 7600), (1000, 7000), (5000, 7000)])
def test_today_comes_to_a_usual_day_unless_it_has_cost_more(spent_today: int, expected: int) -> None:
    past = history(28, lambda _: 1000)
    rest = forecast_rest(past, today=DayCost(TODAY, spent_today), last=LAST, is_open=opens)
    assert expected == rest.expected


def test_the_range_is_that_of_the_cheapest_and_the_dearest_week() -> None:
    past = history(28, lambda day: 1000 * (1 + ((TODAY - day).days - 1) // 7))
    rest = forecast_rest(past, today=DayCost(TODAY, 10**6), last=TODAY + timedelta(days=1), is_open=opens)
    assert (1000, 2500, 4000) == (rest.low, rest.expected, rest.high)


def test_with_few_days_the_range_is_that_of_single_days_and_it_says_that_it_is_uncertain() -> None:
    past = history(3, lambda day: 500 * day.day if opens(day) else 0)
    rest = forecast_rest(past, today=DayCost(TODAY, 10**6), last=TODAY + timedelta(days=1), is_open=opens)
    assert (500 * 20, 500 * 21, True) == (rest.low, rest.high, rest.is_uncertain)


def test_without_any_day_nothing_is_foreseen() -> None:
    rest = forecast_rest([], today=DayCost(TODAY, 300), last=LAST, is_open=opens)
    assert (0, 0, 0, True) == (rest.expected, rest.low, rest.high, rest.is_uncertain)


def test_on_the_last_day_only_the_rest_of_it_is_to_come() -> None:
    past = history(28, lambda _: 1000)
    rest = forecast_rest(past, today=DayCost(TODAY, 900), last=TODAY, is_open=opens)
    assert (100, 100, 100) == (rest.low, rest.expected, rest.high)


@given(costs=st.lists(st.integers(0, 10**8), max_size=28), today=st.integers(0, 10**8), ahead=st.integers(0, 30))
def test_the_expected_sum_lies_in_its_range(costs: list[int], today: int, ahead: int) -> None:
    past = [DayCost(TODAY - timedelta(days=back), cost) for back, cost in enumerate(costs, 1)]
    last = TODAY + timedelta(days=ahead)
    rest = forecast_rest(past, today=DayCost(TODAY, today), last=last, is_open=opens)
    assert 0 <= rest.low <= rest.expected <= rest.high
