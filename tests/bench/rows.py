"""Figures and how they are shown: a table per measurement, each row as a ratio of the first."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of a table; the first of a table is its baseline."""

    what: str
    p50_ms: float
    p95_ms: float
    per_second: float
    note: str = ""


def from_times(what: str, seconds: Sequence[float], *, wall: float, note: str = "") -> Row:
    """A row from single durations and the time that all of them took together."""
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return Row(what, statistics.median(ordered) * 1000, p95 * 1000, len(ordered) / wall, note)


def show(title: str, rows: Sequence[Row]) -> str:
    """A plain table; the ratio is p50 against the first row's."""
    base = rows[0].p50_ms
    lines = [f"\n{title}", f"  {'':42} {'p50 ms':>9} {'p95 ms':>9} {'per s':>9} {'ratio':>7}"]
    for row in rows:
        ratio = row.p50_ms / base if base else 0
        lines.append(
            f"  {row.what:42} {row.p50_ms:9.1f} {row.p95_ms:9.1f} {row.per_second:9.1f} {ratio:7.2f}  {row.note}"
        )
    return "\n".join(lines)
