"""Figures of all runs as Markdown tables: a row for each pipeline, mean and standard deviation over its seeds."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from tests.bench.pipelines.kinds import Pipeline

Row = dict[str, Any]
COSTS = {
    "read_ms": ("CPU-ms a message", 1),
    "ready_cpu_s": ("CPU-s until it reads", 1),
    "read_mb": ("MB reading", 0),
    "train_mb": ("MB training", 0),
    "train_cpu_s": ("CPU-s training", 0),
    "model_mb": ("MB model", 1),
}


def accuracy_table(pipelines: Sequence[Pipeline], rows: Sequence[Row]) -> str:
    """Accuracy in per cent on every set."""
    return _scores_table(pipelines, rows, "accuracy", digits=1, factor=100)


def calibration_table(pipelines: Sequence[Pipeline], rows: Sequence[Row]) -> str:
    """Expected calibration error in per cent on every set."""
    return _scores_table(pipelines, rows, "calibration_error", digits=1, factor=100)


def cost_table(pipelines: Sequence[Pipeline], rows: Sequence[Row]) -> str:
    """Means over the seeds."""
    lines = head(["pipeline", *(title for title, _ in COSTS.values())])
    for pipeline, found in by_pipeline(pipelines, rows):
        means = [f"{statistics.mean(row[name] for row in found):.{digits}f}" for name, (_, digits) in COSTS.items()]
        lines.append(line([pipeline, *means]))
    return "\n".join(lines)


def _scores_table(pipelines: Sequence[Pipeline], rows: Sequence[Row], what: str, *, digits: int, factor: int) -> str:
    sets = sets_of(rows)
    lines = head(["pipeline", "seeds", *sets])
    for pipeline, found in by_pipeline(pipelines, rows):
        cells = [_spread([row["scores"][name][what] * factor for row in found], digits) for name in sets]
        lines.append(line([pipeline, str(len(found)), *cells]))
    return "\n".join(lines)


def sets_of(rows: Sequence[Row]) -> list[str]:
    """The names of the sets, each beside its misspelt copy."""
    sets = list(rows[0]["scores"]) if rows else []
    plain = [name.partition(",")[0] for name in sets]
    return sorted(sets, key=lambda name: plain.index(name.partition(",")[0]))


def _spread(values: Sequence[float], digits: int) -> str:
    mean = f"{statistics.mean(values):.{digits}f}"
    return f"{mean} ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else mean


def by_pipeline(pipelines: Sequence[Pipeline], rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """The runs of each pipeline that has any."""
    grouped = [(each.name, [row for row in rows if row["pipeline"] == each.name]) for each in pipelines]
    return [(name, found) for name, found in grouped if found]


def head(cells: Sequence[str]) -> list[str]:
    """The first two lines of a table."""
    return [line(cells), "|---|" + "--:|" * (len(cells) - 1)]


def line(cells: Sequence[str]) -> str:
    """One line of a table."""
    return f"| {' | '.join(cells)} |"
