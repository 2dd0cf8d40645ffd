"""The picture of the simulation: who waits how long, by which share, at which hour, under which assumptions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tests.simulation.measures import TIMES, Band, Result, band, difference
from tests.simulation.scenarios import NOTHING, Comparison, Findings

# Okabe and Ito's colours, told apart by the colour-blind too; each also has its own marker and line.
BLACK, BLUE, ORANGE, GREEN = "#000000", "#0072B2", "#D55E00", "#009E73"
Styles = tuple[str, str, str]
GROUPS: tuple[tuple[str, str, Styles], ...] = (
    ("everybody", "mean", (BLACK, "o", "-")),
    ("those who book by phone", "would_book", (BLUE, "s", "--")),
    ("those who just come", "without_phone", (ORANGE, "^", "-.")),
)
SIZE, DOTS_PER_INCH = (13.0, 12.4), 110


def draw(findings: Findings, path: Path) -> None:
    """Write the picture as PNG, byte for byte the same for the same findings."""
    matplotlib.rcdefaults()
    matplotlib.rcParams.update({"font.size": 10.5, "axes.spines.top": False, "axes.spines.right": False})
    figure = Figure(figsize=SIZE, layout="constrained")
    FigureCanvasAgg(figure)
    as_assumed = next(each for each in findings.comparisons if each.change == NOTHING)
    upper, lower = figure.subfigures(2, 1, height_ratios=(1, 1.35))
    left, right = upper.subplots(1, 2)
    _groups(left, findings, as_assumed)
    _shares(right, findings, as_assumed)
    left, right = lower.subplots(1, 2, width_ratios=(1, 1.1))
    _hours(left, findings, as_assumed)
    _changes(right, findings.comparisons)
    figure.suptitle(
        f"Waiting at a simulated health centre: {findings.seeds} mornings, the same people in every scenario.\n"
        "Bands and bars around the means are 95 % confidence bands of the mean over these mornings, "
        "not the spread of single patients.",
        fontsize=11.5,
    )
    figure.savefig(path, dpi=DOTS_PER_INCH, metadata={"Software": None})


def _of(results: Sequence[Result], measure: str) -> Band:
    return band([getattr(each, measure) for each in results])


def _groups(axes: Axes, findings: Findings, seen: Comparison) -> None:
    scenarios = (
        ("paper", seen.paper),
        ("numbers by\nphone, no pushes", seen.numbers),
        ("pushes, half\nfollow them", seen.pushes),
        ("pushes, all\nfollow them", findings.shares[1.0]),
    )
    for shift, (name, measure, (colour, marker, _)) in zip((-0.18, 0.0, 0.18), GROUPS, strict=True):
        bands = [_of(results, measure) for _, results in scenarios]
        places = [index + shift for index in range(len(scenarios))]
        axes.errorbar(
            places, [each.mean for each in bands], yerr=[each.half for each in bands],
            fmt=marker, color=colour, markersize=7, capsize=4, linewidth=1.8, label=name,
        )  # fmt: skip
        for place, each in zip(places, bands, strict=True):
            axes.annotate(
                f"{each.mean:.0f}", (place, each.high), xytext=(0, 4), textcoords="offset points",
                ha="center", color=colour, fontsize=9,
            )  # fmt: skip
    axes.set_xticks(range(len(scenarios)), [name for name, _ in scenarios])
    axes.set_ylabel("mean wait, minutes")
    axes.set_ylim(0, None)
    axes.set_title("A  Who waits how long, from arriving to the doctor's door", loc="left", fontsize=11)
    axes.legend(frameon=False, loc="lower left")


def _shares(axes: Axes, findings: Findings, seen: Comparison) -> None:
    shares = sorted(findings.shares)
    for name, measure, style in GROUPS:
        _line(
            axes, [100 * each for each in shares], [_of(findings.shares[each], measure) for each in shares], name, style
        )
    paper = _of(seen.paper, "mean")
    axes.axhspan(paper.low, paper.high, color="#999999", alpha=0.35, linewidth=0)
    axes.annotate(
        "paper, everybody", (100, paper.high), xytext=(0, 3), textcoords="offset points", ha="right", fontsize=9
    )
    axes.set_xlabel('share of those who book that follows "berangkat sekarang", %')
    axes.set_ylabel("mean wait, minutes")
    axes.set_ylim(0, None)
    axes.set_title("B  How much depends on people following the pushes", loc="left", fontsize=11)
    axes.legend(frameon=False, loc="lower left")


def _hours(axes: Axes, findings: Findings, seen: Comparison) -> None:
    lines: tuple[tuple[str, Sequence[Result], Styles], ...] = (
        ("paper", seen.paper, (BLACK, "", "-")),
        ("numbers, no pushes", seen.numbers, (ORANGE, "", ":")),
        ("pushes, half follow", seen.pushes, (BLUE, "", "--")),
        ("pushes, all follow", findings.shares[1.0], (GREEN, "", "-.")),
    )
    for name, results, style in lines:
        bands = [band([each.waiting[index] for each in results]) for index in range(len(TIMES))]
        _line(axes, [time / 60 for time in TIMES], bands, name, style)
    for hour, what in ((7.5, "doors"), (8.0, "doctors due"), (11.0, "counter closes")):
        axes.axvline(hour, color="#999999", linewidth=0.8, linestyle=(0, (2, 3)))
        axes.annotate(
            what, (hour, 0.99), xycoords=("data", "axes fraction"), rotation=90, va="top", ha="right",
            fontsize=8.5, color="#555555",
        )  # fmt: skip
    axes.set_xticks(range(7, 14), [f"{hour}.00" for hour in range(7, 14)])
    axes.set_xlabel("time of day")
    axes.set_ylabel("people waiting, in front of the doors included")
    axes.set_ylim(0, axes.get_ylim()[1] * 1.12)
    axes.set_title("C  How full it is", loc="left", fontsize=11)
    axes.legend(frameon=False, loc="center right", bbox_to_anchor=(1.02, 0.5))


def _changes(axes: Axes, comparisons: Sequence[Comparison]) -> None:
    names = [each.change.name for each in comparisons]
    for shift, (name, measure, (colour, marker, _)) in zip((-0.24, 0.0, 0.24), GROUPS, strict=True):
        values: Callable[[Sequence[Result]], list[float]] = lambda results, m=measure: [getattr(r, m) for r in results]  # type: ignore[misc]  # noqa: E731
        bands = [difference(values(each.pushes), values(each.paper)) for each in comparisons]
        axes.errorbar(
            [each.mean for each in bands], [index + shift for index in range(len(names))],
            xerr=[each.half for each in bands], fmt=marker, color=colour, markersize=4.5, capsize=2.5, linewidth=1.3,
            label=name,
        )  # fmt: skip
    axes.axvline(0, color="#555555", linewidth=1)
    axes.set_yticks(range(len(names)), names, fontsize=9)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    axes.set_xlabel("mean wait against paper, minutes (left of 0: shorter)")
    axes.set_title("D  Half follow: one assumption changed (marks as in A)", loc="left", fontsize=11)


def _line(axes: Axes, places: Sequence[float], bands: Sequence[Band], name: str, style: Styles) -> None:
    colour, marker, line = style
    means = [each.mean for each in bands]
    axes.plot(places, means, color=colour, marker=marker or None, linestyle=line, linewidth=2, label=name)
    axes.fill_between(
        places, [each.low for each in bands], [each.high for each in bands], color=colour, alpha=0.18, linewidth=0
    )
