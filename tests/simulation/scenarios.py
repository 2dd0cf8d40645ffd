"""The mornings that are compared, and running all of them for many seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from tests.simulation.assumptions import NUMBERS_ONLY, PAPER, PUSHES, Assumptions
from tests.simulation.day import Morning
from tests.simulation.measures import Result, result_of

SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


@dataclass(frozen=True)
class Change:
    """One assumption changed; both mornings of the pair get it, the one on paper and the one with Sapa."""

    name: str
    values: Mapping[str, float | bool]

    def on(self, given: Assumptions) -> Assumptions:
        return replace(given, **self.values)  # type: ignore[arg-type]  # the names are those of Assumptions


NOTHING = Change("as assumed", {})
CHANGES = (
    NOTHING,
    Change("nobody fails to come", {"no_show": 0.0}),
    Change("20 % fail to come", {"no_show": 0.20}),
    Change("30 % fail to come", {"no_show": 0.30}),
    Change("all consultations nearly alike", {"service_spread": 0.2}),
    Change("consultations very unlike", {"service_spread": 1.0}),
    Change("6 min each, puskesmas.yml says 8", {"service": 6}),
    Change("10 min each, puskesmas.yml says 8", {"service": 10}),
    Change("8 min each, puskesmas.yml says 16", {"believed_service": 16}),
    Change("8 min each, puskesmas.yml says 4", {"believed_service": 4}),
    Change("doctors 45 min late, Sapa not told", {"late_today": 45}),
    Change("doctors 45 min late, Sapa told", {"late_today": 45, "is_lateness_told": True}),
    Change("few want to come: 25 people", {"people": 25}),
    Change("as many as fit: 50 people", {"people": 50}),
    Change("more than fit: 70 people", {"people": 70}),
    Change("30 % book by phone", {"books": 0.30}),
    Change("90 % book by phone", {"books": 0.90}),
    Change("nobody comes before the doors open", {"before_doors": 0.0}),
    Change("three in four come before the doors open", {"before_doors": 0.75}),
    Change("people live far away: 45 min", {"travel": 45}),
    Change("they take 20 min to leave the house", {"reaction": 20}),
    Change("what if: leave by the middle of the range", {"leaves_by_middle": True}),
    Change("what if: every 3rd number kept for the counter", {"kept_for_counter": 3}),
    Change("what if: both of these", {"leaves_by_middle": True, "kept_for_counter": 3}),
)


@dataclass(frozen=True)
class Comparison:
    """One change under paper, numbers only and pushes, seed by seed."""

    change: Change
    paper: tuple[Result, ...]
    numbers: tuple[Result, ...]
    pushes: tuple[Result, ...]


@dataclass(frozen=True)
class Findings:
    """Everything that table and picture are made of."""

    seeds: int
    shares: Mapping[float, tuple[Result, ...]]
    """Share of the bookers who follow the pushes -> the mornings."""
    comparisons: tuple[Comparison, ...]


def run_day(seed: int, *, given: Assumptions) -> Result:
    return result_of(Morning(given=given, seed=seed).run())


def find(seeds: int, *, processes: int, changes: Sequence[Change] = CHANGES) -> Findings:
    """Run every scenario for the seeds 1 to `seeds`: the same people meet each of them."""
    wanted = {given for change in changes for given in _trio(change)}
    wanted |= {replace(PUSHES, follows=share) for share in SHARES}
    done: dict[Assumptions, tuple[Result, ...]] = {}
    with ProcessPoolExecutor(processes) as pool:
        for given in sorted(wanted, key=repr):
            day = partial(run_day, given=given)
            done[given] = tuple(pool.map(day, range(1, seeds + 1), chunksize=25))
    comparisons = (Comparison(change, *(done[given] for given in _trio(change))) for change in changes)
    by_share = {share: done[replace(PUSHES, follows=share)] for share in SHARES}
    return Findings(seeds=seeds, shares=by_share, comparisons=tuple(comparisons))


def _trio(change: Change) -> tuple[Assumptions, Assumptions, Assumptions]:
    return change.on(PAPER), change.on(NUMBERS_ONLY), change.on(PUSHES)
