"""The tables of docs/simulation.md, written between their marks."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tests.simulation.measures import Band, Result, band, difference
from tests.simulation.scenarios import NOTHING, Findings

BEGIN, END = "<!-- made by make simulate: begin -->", "<!-- made by make simulate: end -->"
MINUTES = (
    ("everybody, mean", "mean"),
    ("everybody, median", "median"),
    ("everybody, longest tenth (p90)", "p90"),
    ("everybody, counted from 8.00 only", "after_eight"),
    ("who books by phone, mean", "would_book"),
    ("of these, who follows pushes, mean", "would_follow"),
    ("who just comes, mean", "without_phone"),
    ("who just comes, p90", "without_phone_p90"),
)
COUNTS = (
    ("most people waiting at once", "crowd"),
    ("doctors idle before their last patient, min (both)", "idle"),
    ("people served", "served"),
    ("turned away or come for nothing", "turned_away"),
    ('told "full" when booking', "other_day"),
    ("came after their turn had passed", "late"),
)


def tables_of(findings: Findings) -> str:
    """Both tables as Markdown."""
    return "\n".join((*_main_table(findings), "", *_changes_table(findings)))


def put_into(page: str, tables: str) -> str:
    """The page with these tables between its marks; raises ValueError without marks."""
    before, middle, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not middle or not end:
        raise ValueError(f"the page has no {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


def _main_table(findings: Findings) -> list[str]:
    seen = next(each for each in findings.comparisons if each.change == NOTHING)
    columns = (seen.paper, seen.numbers, seen.pushes, findings.shares[1.0])
    rows = [
        f"Means over {findings.seeds} mornings; in brackets the difference to paper, plus or minus its 95 % band.",
        "",
        "| | paper | numbers by phone, no pushes | pushes, half follow | pushes, all follow |",
        "|---|---:|---:|---:|---:|",
    ]
    for title, measures in (("**waiting, minutes**", MINUTES), ("**the centre**", COUNTS)):
        rows.append(f"| {title} | | | | |")
        rows += [_row(name, measure, columns) for name, measure in measures]
    ends = [band(_values(results, "ended")).mean for results in columns]
    rows.append("| last patient leaves the doctor at | " + " | ".join(_time(each) for each in ends) + " |")
    return rows


def _row(name: str, measure: str, columns: Sequence[Sequence[Result]]) -> str:
    paper = _values(columns[0], measure)
    cells = [_number(band(paper).mean)]
    for results in columns[1:]:
        values = _values(results, measure)
        cells.append(f"{_number(band(values).mean)} {_signed(difference(values, paper))}")
    return f"| {name} | " + " | ".join(cells) + " |"


def _changes_table(findings: Findings) -> list[str]:
    rows = [
        "One assumption changed at a time; pushes that half of the bookers follow against paper on the same mornings: "
        "difference with the half width of its 95 % band (minus: less with Sapa).",
        "",
        "| changed | paper: mean wait | everybody | who books | who just comes | doctors idle, min | turned away |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for each in findings.comparisons:
        cells = [
            _bare(difference(_values(each.pushes, measure), _values(each.paper, measure)))
            for measure in ("mean", "would_book", "without_phone", "idle", "turned_away")
        ]
        rows.append(f"| {each.change.name} | {_number(band(_values(each.paper, 'mean')).mean)} | {' | '.join(cells)} |")
    return rows


def _values(results: Sequence[Result], measure: str) -> list[float]:
    return [getattr(each, measure) for each in results]


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.1f}"


def _bare(seen: Band) -> str:
    return "" if math.isnan(seen.mean) else f"{seen.mean:+.1f} ± {seen.half:.1f}"


def _signed(seen: Band) -> str:
    return "" if math.isnan(seen.mean) else f"({_bare(seen)})"


def _time(minutes: float) -> str:
    return f"{int(minutes) // 60}.{int(minutes) % 60:02d}"
