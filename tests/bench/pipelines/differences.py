"""How far each pipeline is from the one beside it on the same messages, and what chance would do: paired."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.bench.pipelines.inputs import Inputs, read_inputs
from tests.bench.pipelines.kinds import Pipeline, named
from tests.bench.pipelines.runs import Place
from tests.bench.pipelines.scores import right_in_run
from tests.bench.pipelines.table import Row, by_pipeline, head, line, sets_of


def differences_table(place: Place, pipelines: Sequence[Pipeline], rows: Sequence[Row]) -> str:
    """Points of accuracy more than the pipeline beside it, ± one standard error over the messages."""
    inputs, sets = read_inputs(place.inputs), sets_of(rows)
    lines = head(["pipeline", "beside", *sets])
    for name, _ in by_pipeline(pipelines, rows):
        reference = named(name).beside
        seeds = _seeds(rows, name) & _seeds(rows, reference)
        if name == reference or not seeds:
            continue
        cells = [_difference(place, inputs, (name, reference), each, seeds) for each in sets]
        lines.append(line([name, reference, *cells]))
    return "\n".join(lines)


def _seeds(rows: Sequence[Row], name: str) -> set[int]:
    return {row["seed"] for row in rows if row["pipeline"] == name}


def _difference(place: Place, inputs: Inputs, names: tuple[str, str], cases: str, seeds: set[int]) -> str:
    right = [
        np.mean([right_in_run(place.runs(named(name), seed), cases, inputs.sets[cases]) for seed in seeds], axis=0)
        for name in names
    ]
    gained = (right[0] - right[1]) * 100
    return f"{gained.mean():+.1f} ± {gained.std(ddof=1) / len(gained) ** 0.5:.1f}"
