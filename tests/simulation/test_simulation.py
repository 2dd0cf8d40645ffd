"""The simulated morning loses nobody, follows the published rule, and says the same twice."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from clinic.facility_queue import QueueRules
from tests.simulation.assumptions import NUMBERS_ONLY, PAPER, PUSHES, Assumptions, clock
from tests.simulation.day import Morning, Visit
from tests.simulation.measures import band, difference, result_of
from tests.simulation.people import people_of
from tests.simulation.picture import draw
from tests.simulation.scenarios import NOTHING, Change, find
from tests.simulation.table import BEGIN, END, put_into, tables_of

SEEDS = range(1, 6)
SCENARIOS = [
    pytest.param(PAPER, id="paper"),
    pytest.param(NUMBERS_ONLY, id="numbers"),
    pytest.param(PUSHES, id="half follow"),
    pytest.param(replace(PUSHES, follows=1.0), id="all follow"),
    pytest.param(replace(PUSHES, people=75, no_show=0.3), id="more than fit"),
    pytest.param(replace(PUSHES, late_today=45, is_lateness_told=True), id="doctors late"),
    pytest.param(replace(PUSHES, service=14), id="slow doctors"),
]


def morning(given: Assumptions, seed: int = 1, rules: QueueRules | None = None) -> Morning:
    return Morning(given=given, seed=seed, rules=rules).run()


def served(seen: Morning) -> list[Visit]:
    return [each for each in seen.visits if each.outcome == "served"]


@pytest.mark.parametrize("given", SCENARIOS)
def test_everybody_has_one_outcome_and_nobody_is_lost(given: Assumptions) -> None:
    for seed in SEEDS:
        seen = morning(given, seed)

        outcomes = Counter(each.outcome for each in seen.visits)
        known = {"served", "no_show", "other_day", "full", "closed", "sent_home", "not_told"}
        assert set(outcomes) <= known
        assert [each.id for each in people_of(seed, given)] == [each.visitor.id for each in seen.visits]
        assert len(seen.order_called) == outcomes["served"]


@pytest.mark.parametrize("given", SCENARIOS)
def test_times_run_forward_and_no_wait_is_negative(given: Assumptions) -> None:
    for each in served(morning(given)):
        assert each.arrived is not None and each.checked_in is not None
        assert each.called is not None and each.done is not None
        assert each.arrived <= each.checked_in <= each.called < each.done
        assert each.checked_in >= given.doors


@pytest.mark.parametrize("given", SCENARIOS)
def test_numbers_are_given_once_and_never_beyond_the_quota(given: Assumptions) -> None:
    for seed in SEEDS:
        numbers = [each.number for each in morning(given, seed).visits if each.number is not None]
        assert len(numbers) == len(set(numbers)) <= given.quota


@pytest.mark.parametrize("given", SCENARIOS)
def test_no_doctor_has_two_patients_at_once(given: Assumptions) -> None:
    seen = morning(given)
    for room in {each.room for each in served(seen)}:
        here = sorted((each.called or 0, each.done or 0) for each in served(seen) if each.room == room)
        assert all(done <= called for (_, done), (called, _) in zip(here, here[1:], strict=False))


def test_the_same_seed_says_the_same_and_another_one_does_not() -> None:
    one, again, other = (result_of(morning(PUSHES, seed)) for seed in (1, 1, 2))

    assert one == again
    assert one.mean != other.mean


def test_the_same_people_meet_every_scenario() -> None:
    assert people_of(1, PAPER) == people_of(1, PUSHES)
    wider = people_of(1, replace(PAPER, service_spread=1.0))
    assert [each.usual_arrival for each in people_of(1, PAPER)] == [each.usual_arrival for each in wider]


def test_without_people_nothing_happens() -> None:
    seen = morning(replace(PUSHES, people=0))

    result = result_of(seen)
    assert ([], 0, 0, 0) == (seen.visits, result.served, result.idle, result.turned_away)
    assert math.isnan(result.mean)


def test_an_idle_centre_serves_at_once_and_a_flooded_one_late() -> None:
    calm = replace(PAPER, people=6, before_doors=0, usual_lateness=0, service_spread=0.1)
    flooded = replace(PAPER, people=90, quota=90, service=14)

    seen = [result_of(morning(calm, seed)) for seed in SEEDS]
    assert band([each.after_eight for each in seen]).mean < 2 * calm.registering + calm.service
    flood = [result_of(morning(flooded, seed)) for seed in SEEDS]
    assert band([each.mean for each in flood]).mean > 120
    assert all(each.turned_away > 0 for each in flood), "lights go out before everybody was served"
    assert all(each.idle < 5 for each in flood)


def test_an_emergency_is_called_before_everybody_who_waits() -> None:
    emergencies = 0
    for seed in range(1, 12):
        seen = morning(replace(PAPER, is_urgent=0.05), seed)
        for each in served(seen):
            if each.visitor.priority == "gawat":
                emergencies += 1
                between = [
                    other
                    for other in served(seen)
                    if (each.checked_in or 0) < (other.called or 0) < (each.called or 0)
                    and other.visitor.priority != "gawat"
                ]
                assert between == []
    assert emergencies > 5


@pytest.mark.parametrize("after", [1, 4])
def test_the_published_mixing_rule_is_the_one_that_is_simulated(after: int) -> None:
    """Where all are there from the beginning, one with priority follows on so many regular ones."""
    everybody = replace(PAPER, before_doors=1.0, early_at=clock(5), early_spread=0, is_urgent=0, has_priority=0.5)
    late = replace(everybody, late_today=180, usual_lateness=0)
    seen = morning(late, 3, QueueRules(regular_per_priority=after))

    first = [each.rank for each in seen.order_called if each.priority is not None]
    regular = [each.rank for each in seen.order_called if each.priority is None]
    assert (sorted(first), sorted(regular)) == (first, regular), "each kind in the order of its numbers"
    runs = "".join("r" if each.priority is None else "P" for each in seen.order_called)
    while "P" in runs and "r" in runs:
        head, _, runs = runs.partition("P")
        assert len(head) <= after


def test_nobody_absent_is_called_and_who_comes_late_waits_behind_the_next_few() -> None:
    seen = morning(NUMBERS_ONLY)

    late = [each for each in served(seen) if each.was_late]
    assert late, "some come after their number was passed"
    assert all(each.rank > (each.number or 0) * 1000 for each in late)
    assert all(each.outcome != "served" for each in seen.visits if not each.visitor.comes)


def test_who_follows_the_pushes_leaves_when_told_and_not_before() -> None:
    seen = morning(replace(PUSHES, follows=1.0))

    told = [each for each in seen.visits if each.is_told_to_leave and each.arrived is not None]
    assert told
    assert all((each.arrived or 0) >= PUSHES.pushes_from + each.visitor.travel for each in told)


def test_kept_numbers_go_to_those_who_just_come() -> None:
    seen = morning(replace(PUSHES, kept_for_counter=3))

    booked = {each.number for each in seen.visits if each.visitor.would_book}
    came = {each.number for each in seen.visits if not each.visitor.would_book}
    assert not any(number and number % 3 == 0 and number < max(filter(None, booked)) for number in booked)
    assert 3 in came


def test_bands_narrow_with_seeds_and_hold_the_mean() -> None:
    few, many = band([1.0, 3.0]), band([1.0, 3.0] * 50)

    assert few.low < 2.0 < few.high
    assert many.half < few.half
    assert (0.0, 0.0) == (difference([5.0, 7.0], [4.0, 6.0]).half, difference([5.0], [5.0]).mean)
    assert 1.0 == band([1.0, math.nan]).mean


def test_table_and_picture_are_made_of_the_same_findings(tmp_path: Path) -> None:
    findings = find(2, processes=1, changes=(NOTHING, Change("few", {"people": 10})))

    page = put_into(f"# x\n{BEGIN}\nstale\n{END}\nrest\n", tables_of(findings))
    draw(findings, tmp_path / "a.png")
    draw(findings, tmp_path / "b.png")

    assert "stale" not in page
    assert "| few |" in page
    assert page.endswith("rest\n")
    assert page == put_into(page, tables_of(findings))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with pytest.raises(ValueError, match="no <!--"):
        put_into("# x\n", "")
