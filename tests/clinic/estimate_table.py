"""Prints how good the estimates are over many made-up days: `python -m tests.clinic.estimate_table [seeds]`."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from clinic.facility_file import load_facility
from clinic.queue_replay import guesses_on
from clinic.queue_scores import score_of, scores_of
from tests.clinic.simulated_days import Customs, centre_of, simulated_days
from tests.clinic.test_queue_backtest import DAYS, PLACES, UNTIL
from tests.guards.source_tree import ROOT

FIRST_DAY = "no day recorded yet"


def main(seeds: int) -> None:
    print("| poli | moment | estimates | inside | earlier | width | error |")
    print("|---|---|---|---|---|---|---|")
    for place, (customs, history) in _places().items():
        centre = centre_of(load_facility(ROOT / "puskesmas.yml"), customs)
        guesses = [
            guess
            for seed in range(100, 100 + seeds)
            for day in simulated_days(
                centre, poli="umum", until=UNTIL, days=DAYS, customs=customs, seed=seed, history=history
            )
            for guess in guesses_on(day, centre)
        ]
        scores = scores_of(guesses) if place == "a usual poli" else (score_of("umum", "all", guesses),)
        for each in scores:
            shares = f"{100 * each.inside:.0f} % | {100 * each.earlier:.0f} %"
            print(f"| {place} | {each.moment} | {each.count} | {shares} | {each.width:.0f} | {each.error:.0f} |")


def _places() -> Mapping[str, tuple[Customs, int]]:
    return {name: (customs, 28) for name, customs in PLACES.items()} | {FIRST_DAY: (Customs(), 0)}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
