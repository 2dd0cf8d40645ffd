"""The rule of turns, for any line that can be: nobody starves, priority comes in time, and late ones wait a little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.facility_queue import AT_ONCE, PRIORITIES, QueueRules
from clinic.queue_line import InLine, in_order, passed_over, rank_behind, who_is_next
from clinic.queue_table import RANK_STEP

RULES = st.builds(
    QueueRules, check_in=st.booleans(), regular_per_priority=st.integers(1, 5), late_back_after=st.integers(0, 6)
)
PRIORITY = st.one_of(st.none(), st.none(), st.sampled_from(PRIORITIES))
SINCE = st.integers(0, 8)


@st.composite
def lines(
    draw: st.DrawFn, *, turns: int = 2, least: int = 0, priority: st.SearchStrategy[str | None] = PRIORITY
) -> list[InLine]:
    """Some who wait, in no order; a few of them came late and stand behind others."""
    numbers = draw(st.lists(st.integers(1, 60), unique=True, min_size=least, max_size=25))
    return [
        InLine(
            id=number + 100,
            number=number,
            turn=draw(st.integers(0, turns - 1)),
            rank=number * RANK_STEP + draw(st.sampled_from([0, 0, 0, 3 * RANK_STEP + 1])),
            priority=draw(priority),
            is_present=draw(st.booleans()),
        )
        for number in numbers
    ]


def called_one_by_one(line: Sequence[InLine], since: int, rules: QueueRules) -> list[InLine]:
    """The line as it is called when everybody stays: the count goes on from call to call."""
    left, order = list(line), []
    while (first := who_is_next(left, since_priority=since, rules=rules)) is not None:
        left.remove(first)
        order.append(first)
        since = counted(since, first)
    return order


def counted(since: int, called: InLine) -> int:
    if called.priority == AT_ONCE:
        return since
    return since + 1 if called.priority is None else 0


@given(line=lines(), since=SINCE, rules=RULES)
def test_the_order_has_everybody_once(line: list[InLine], since: int, rules: QueueRules) -> None:
    order = in_order(line, since_priority=since, rules=rules)
    assert sorted(each.id for each in line) == sorted(each.id for each in order)


@given(line=lines(), since=SINCE, rules=RULES, data=st.data())
def test_the_order_does_not_depend_on_how_the_rows_were_read(
    line: list[InLine], since: int, rules: QueueRules, data: st.DataObject
) -> None:
    other = data.draw(st.permutations(line))
    assert in_order(line, since_priority=since, rules=rules) == in_order(other, since_priority=since, rules=rules)


@given(line=lines(), since=SINCE, rules=RULES)
def test_an_emergency_stands_before_everybody_else(line: list[InLine], since: int, rules: QueueRules) -> None:
    urgent = [each.priority == AT_ONCE for each in in_order(line, since_priority=since, rules=rules)]
    assert sorted(urgent, reverse=True) == urgent


@given(line=lines(), since=SINCE, rules=RULES)
def test_an_afternoon_begins_when_the_morning_is_done(line: list[InLine], since: int, rules: QueueRules) -> None:
    turns = [each.turn for each in in_order(line, since_priority=since, rules=rules) if each.priority != AT_ONCE]
    assert sorted(turns) == turns


@given(line=lines(), since=SINCE, rules=RULES)
def test_within_their_kind_and_session_people_keep_their_places(
    line: list[InLine], since: int, rules: QueueRules
) -> None:
    order = in_order(line, since_priority=since, rules=rules)
    for is_regular in (True, False):
        same = [each.place for each in order if each.priority != AT_ONCE and (each.priority is None) == is_regular]
        assert sorted(same) == same


@given(line=lines(turns=1), since=SINCE, rules=RULES)
def test_no_more_regular_ones_than_the_rule_says_go_before_priority_that_waits(
    line: list[InLine], since: int, rules: QueueRules
) -> None:
    order = in_order(line, since_priority=since, rules=rules)
    for place, each in enumerate(order):
        if each.priority is None and any(later.priority is not None for later in order[place:]):
            assert since < rules.regular_per_priority
        since = counted(since, each)


@given(line=lines(turns=1), since=SINCE, rules=RULES)
def test_priority_goes_before_a_regular_one_who_came_earlier_only_when_it_is_due(
    line: list[InLine], since: int, rules: QueueRules
) -> None:
    order = in_order(line, since_priority=since, rules=rules)
    for place, each in enumerate(order):
        jumps = each.priority not in (None, AT_ONCE)
        if jumps and any(later.priority is None and later.place < each.place for later in order[place:]):
            assert since >= rules.regular_per_priority
        since = counted(since, each)


@given(line=lines(least=1), since=SINCE, rules=RULES)
def test_the_order_told_is_the_order_called_if_everybody_is_there(
    line: list[InLine], since: int, rules: QueueRules
) -> None:
    there = [replace(each, is_present=True) for each in line]
    assert called_one_by_one(there, since, rules) == list(in_order(there, since_priority=since, rules=rules))


@given(line=lines(), since=SINCE, rules=RULES)
def test_everybody_is_called_once_in_the_end(line: list[InLine], since: int, rules: QueueRules) -> None:
    assert sorted(each.id for each in line) == sorted(each.id for each in called_one_by_one(line, since, rules))


@given(rules=RULES, calls=st.integers(1, 40))
def test_a_regular_number_is_called_in_time_however_many_with_priority_keep_coming(
    rules: QueueRules, calls: int
) -> None:
    """One with priority arrives before every call; the regular one with `ahead` regular ones before it still moves."""
    ahead, since, number = calls % 7, 0, 100
    line = [InLine(id=n, number=n, turn=0, rank=n * RANK_STEP, is_present=True) for n in range(1, ahead + 2)]
    for _ in range(2 * (ahead + 1)):
        number += 1
        line.append(InLine(number, number, 0, number * RANK_STEP, priority="lansia", is_present=True))
        called = who_is_next(line, since_priority=since, rules=rules)
        assert called is not None
        line.remove(called)
        since = counted(since, called)
    assert [] == [each for each in line if each.priority is None]


@given(line=lines(), since=SINCE, rules=RULES)
def test_who_is_not_there_is_not_called_while_somebody_is(line: list[InLine], since: int, rules: QueueRules) -> None:
    called = who_is_next(line, since_priority=since, rules=rules)
    assert (called is None) == (not line)
    if called is not None and rules.check_in and any(each.is_present for each in line):
        assert called.is_present


@given(line=lines(), since=SINCE, rules=RULES)
def test_only_priority_jumps_over_others_without_anybodys_hand(
    line: list[InLine], since: int, rules: QueueRules
) -> None:
    called = who_is_next(line, since_priority=since, rules=rules)
    if called is not None and called.priority is None:
        assert 0 == passed_over(called, line, rules=rules)


@given(line=lines(turns=1, least=1, priority=st.none()), rules=RULES, data=st.data())
def test_who_comes_late_stands_behind_the_next_few_and_before_the_rest(
    line: list[InLine], rules: QueueRules, data: st.DataObject
) -> None:
    late = data.draw(st.sampled_from(line))
    others = [each for each in line if each != late]
    there = [each for each in others if each.is_present] if rules.check_in else others
    there = sorted(there or others, key=lambda each: each.place)
    back = replace(late, rank=rank_behind(line, late, rules=rules))
    before = [each for each in there if each.place < back.place]
    was_before = sum(each.place < late.place for each in there)
    came_late = sum(each.rank % RANK_STEP > 0 for each in there)
    least = min(rules.late_back_after, len(there))
    assert back.rank >= late.rank
    assert least <= len(before) <= max(rules.late_back_after, was_before) + came_late


def test_two_who_come_late_stand_behind_the_same_few_in_the_order_in_which_they_came() -> None:
    rules = QueueRules(late_back_after=2)
    line = [InLine(n, n, 0, n * RANK_STEP, is_present=True) for n in (5, 6, 7, 8)]
    first = InLine(3, 3, 0, 3 * RANK_STEP, is_present=True)
    first = replace(first, rank=rank_behind(line, first, rules=rules))
    second = InLine(1, 1, 0, RANK_STEP, is_present=True)
    second = replace(second, rank=rank_behind([*line, first], second, rules=rules))
    order = in_order([*line, first, second], since_priority=0, rules=rules)
    assert [5, 6, 3, 1, 7, 8] == [each.number for each in order]


@pytest.mark.parametrize(
    ("since", "order"),
    [
        pytest.param(0, ["1", "2", "L8", "3", "4", "L9", "5"], id="after a priority number"),
        pytest.param(1, ["1", "L8", "2", "3", "L9", "4", "5"], id="after one regular number"),
        pytest.param(9, ["L8", "1", "2", "L9", "3", "4", "5"], id="after many"),
    ],
)
def test_one_with_priority_goes_after_every_two_regular_ones(since: int, order: list[str]) -> None:
    regular = [InLine(n, n, 0, n * RANK_STEP) for n in range(1, 6)]
    old = [InLine(n, n, 0, n * RANK_STEP, priority="lansia") for n in (8, 9)]
    found = in_order([*old, *regular], since_priority=since, rules=QueueRules(regular_per_priority=2))
    assert order == [f"{'L' if each.priority else ''}{each.number}" for each in found]
