"""The rule of the budget: what is given up first, what last, and what never."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.budget import is_time_to_warn, may_send, stopped
from clinic.facility_delivery import Budget
from clinic.outbox import PRIORITIES

KINDS = tuple(PRIORITIES)
ORDER = st.lists(st.sampled_from(["reminder", "notice", "staff", "reply"]), unique=True).map(tuple)
MONEY = st.integers(0, 200_000_000)
REST = st.dictionaries(st.sampled_from(KINDS), st.integers(0, 50_000_000))
BUDGET = st.builds(Budget, monthly=st.integers(0, 1_000_000), sacrifice=ORDER, warn_percent=st.integers(1, 100))


def rest(**kinds: int) -> dict[str, int]:
    """What is still to come, in rupiah."""
    return {kind: rupiah * 100 for kind, rupiah in kinds.items()}


@pytest.mark.parametrize(
    ("spent", "given_up"),
    [
        pytest.param(0, [], id="nothing spent"),
        pytest.param(299_999, [], id="the rest of the month still fits"),
        pytest.param(300_000, ["reminder"], id="only replies, staff and notices still fit"),
        pytest.param(349_999, ["reminder"], id="notices still fit"),
        pytest.param(350_000, ["notice", "reminder"], id="only replies and staff still fit"),
        pytest.param(900_000, ["notice", "reminder"], id="far beyond"),
    ],
)
def test_kinds_are_given_up_one_after_the_other_so_that_the_replies_still_fit(spent: int, given_up: list[str]) -> None:
    budget = Budget(monthly=500_000, sacrifice=("reminder", "notice"))
    to_come = rest(danger=1_000, reply=99_000, staff=50_000, notice=50_000, reminder=400_000)
    assert given_up == sorted(stopped(budget, spent=spent * 100, rest_by_kind=to_come))


def test_reminders_come_back_when_less_is_still_to_come() -> None:
    budget = Budget(monthly=500_000)
    verdicts = [
        may_send(budget, "reminder", spent=400_000_00, rest_by_kind=rest(reply=reply)) for reply in (150_000, 50_000)
    ]
    assert [False, True] == verdicts


def test_a_budget_of_nothing_gives_up_the_whole_order() -> None:
    assert {"reminder", "notice"} == stopped(Budget(monthly=0), spent=0, rest_by_kind={})


@pytest.mark.parametrize(("spent", "warned"), [(399_999_99, False), (400_000_00, True), (500_000_00, True)])
def test_staff_are_warned_at_the_share_that_the_file_says(spent: int, warned: bool) -> None:
    assert warned == is_time_to_warn(Budget(monthly=500_000, warn_percent=80), spent=spent)


def test_without_a_budget_nobody_is_warned() -> None:
    assert not is_time_to_warn(Budget(), spent=10**12)


@given(budget=BUDGET, spent=MONEY, more=MONEY, to_come=REST)
def test_more_spent_never_allows_more(budget: Budget, spent: int, more: int, to_come: dict[str, int]) -> None:
    before = stopped(budget, spent=spent, rest_by_kind=to_come)
    assert before <= stopped(budget, spent=spent + more, rest_by_kind=to_come)


@given(budget=BUDGET, spent=MONEY, to_come=REST, kind=st.sampled_from(KINDS), more=MONEY)
def test_more_to_come_never_allows_more(
    budget: Budget, spent: int, to_come: dict[str, int], kind: str, more: int
) -> None:
    dearer = to_come | {kind: to_come.get(kind, 0) + more}
    assert stopped(budget, spent=spent, rest_by_kind=to_come) <= stopped(budget, spent=spent, rest_by_kind=dearer)


@given(budget=BUDGET, spent=MONEY, to_come=REST, more=st.integers(0, 1_000_000))
def test_a_larger_budget_never_gives_up_more(budget: Budget, spent: int, to_come: dict[str, int], more: int) -> None:
    assert budget.monthly is not None
    larger = budget.model_copy(update={"monthly": budget.monthly + more})
    assert stopped(larger, spent=spent, rest_by_kind=to_come) <= stopped(budget, spent=spent, rest_by_kind=to_come)


@given(budget=BUDGET, spent=MONEY, to_come=REST)
def test_danger_and_what_is_not_in_the_order_are_never_given_up(
    budget: Budget, spent: int, to_come: dict[str, int]
) -> None:
    given_up = stopped(budget, spent=spent, rest_by_kind=to_come)
    assert given_up <= set(budget.sacrifice)
    assert may_send(budget, "danger", spent=spent, rest_by_kind=to_come)
    assert may_send(budget, "alarm", spent=spent, rest_by_kind=to_come)


@given(budget=BUDGET, spent=MONEY, to_come=REST)
def test_what_stands_later_in_the_order_lasts_at_least_as_long(
    budget: Budget, spent: int, to_come: dict[str, int]
) -> None:
    given_up = stopped(budget, spent=spent, rest_by_kind=to_come)
    assert given_up == set(budget.sacrifice[: len(given_up)])


@given(budget=BUDGET, to_come=REST, past=st.integers(0, 10_000_000))
def test_when_all_is_spent_the_whole_order_is_given_up(budget: Budget, to_come: dict[str, int], past: int) -> None:
    assert budget.monthly is not None
    assert set(budget.sacrifice) == stopped(budget, spent=budget.monthly * 100 + past, rest_by_kind=to_come)


@given(order=ORDER, spent=MONEY, to_come=REST)
def test_without_a_budget_nothing_is_given_up(order: tuple[str, ...], spent: int, to_come: dict[str, int]) -> None:
    budget = Budget.model_validate({"sacrifice": order})
    assert frozenset() == stopped(budget, spent=spent, rest_by_kind=to_come)
