"""Evaluation pictures: draws figures.json of a folder as PNG files beside it; the only home of matplotlib.

It runs as a process of its own (`python -m nlu.evaluation_pictures FOLDER`), since drawing is a need of development
only and its library would cost every other command half a second and 40 MB.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nlu.evaluation_figures import (
    FIGURES_FILE,
    Bin,
    Figures,
    Matrix,
    NoiseLevel,
    Reliability,
    Thresholds,
    figures_from_json,
    pictures_of,
)

DPI = 110
WIDTH = 10.0
# Okabe and Ito's colours, which people with any kind of colour blindness tell apart.
BLUE, ORANGE, VERMILION, GREEN, SKY = "#0072B2", "#E69F00", "#D55E00", "#009E73", "#56B4E9"
INK, FAINT = "#222222", "#D9D9D9"
FEWEST_TO_TRUST = 10
"""Bins with fewer messages are drawn hollow: one message more or less moves them by a tenth."""


def main(folder: Path) -> None:
    """Write every picture that these figures have something for."""
    figures = figures_from_json((folder / FIGURES_FILE).read_text(encoding="utf-8"))
    # Not the settings of whoever draws: the same figures give the same picture.
    matplotlib.rcdefaults()
    matplotlib.rcParams.update({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False})
    drawings = {
        "confusion": lambda: draw_confusion(figures.matrix),
        "intents": lambda: draw_intents(figures),
        "reliability": lambda: draw_reliability(figures.reliability, figures.setting.thresholds),
        "robustness": lambda: draw_robustness(figures.robustness, has_intents=figures.report.total > 0),
    }
    for name in pictures_of(figures):
        save(drawings[name](), folder / f"{name}.png")


def save(figure: Figure, path: Path) -> None:
    """Write the picture without what changes from day to day or from version to version."""
    FigureCanvasAgg(figure).print_png(path, metadata={"Software": None})


def draw_confusion(matrix: Matrix) -> Figure:
    """Right readings in blue on the diagonal, mistakes in orange: the darker, the more."""
    size = max(4.0, 2.6 + 0.34 * len(matrix.intents))
    figure = Figure(figsize=(size + 0.6, size), dpi=DPI, layout="constrained")
    axes = figure.add_subplot()
    counts = np.array(matrix.counts)
    axes.imshow(_confusion_colours(counts))
    for row, column in zip(*np.nonzero(counts), strict=True):
        dark = row == column and counts[row, column] * 2 > counts[row].sum()
        axes.text(column, row, counts[row, column], ha="center", va="center", fontsize=8, color="w" if dark else INK)
    labels = [f"{intent} ({total})" for intent, total in zip(matrix.intents, counts.sum(axis=1), strict=True)]
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xticks(range(len(labels)), matrix.intents, rotation=90)
    axes.tick_params(length=0)
    axes.set_xticks(np.arange(len(labels)) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(labels)) - 0.5, minor=True)
    axes.grid(which="minor", color=FAINT, linewidth=0.5)
    axes.tick_params(which="minor", length=0)
    axes.set_xlabel("was read as")
    axes.set_ylabel("should be (messages)")
    axes.set_title("What was taken for what", loc="left", fontweight="bold")
    return figure


def _confusion_colours(counts: np.ndarray) -> np.ndarray:
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    right = np.eye(len(counts), dtype=bool)
    most_wrong = max(1, counts[~right].max(initial=0))
    colours = np.ones((*counts.shape, 4))
    colours[right] = matplotlib.colormaps["Blues"](0.85 * shares[right])
    is_wrong = ~right & (counts > 0)
    colours[is_wrong] = matplotlib.colormaps["Oranges"](0.15 + 0.5 * counts[is_wrong] / most_wrong)
    return colours


def draw_intents(figures: Figures) -> Figure:
    """Precision and recall of every intent, the best on top."""
    intents = sorted(figures.report.intents, key=lambda each: (each.f1, each.intent))
    figure = Figure(figsize=(WIDTH, 1.6 + 0.28 * len(intents)), dpi=DPI, layout="constrained")
    axes = figure.add_subplot()
    places = np.arange(len(intents))
    precision, recall = [each.precision for each in intents], [each.recall for each in intents]
    # One a little above the other, so that equal ones are both seen.
    upper, lower = places + 0.13, places - 0.13
    axes.scatter(precision, upper, s=58, marker="o", color=BLUE, label="precision: right among those read as this")
    axes.scatter(recall, lower, s=42, marker="D", color=ORANGE, label="recall: read as this among those that are")
    axes.set_yticks(places, [f"{each.intent} ({each.cases})" for each in intents])
    lowest = min(*precision, *recall, 0.9)
    axes.set_xlim(max(0.0, np.floor(lowest * 10) / 10) - 0.02, 1.02)
    axes.set_ylim(-0.7, len(intents) - 0.3)
    axes.grid(color=FAINT, linewidth=0.6)
    axes.tick_params(axis="y", length=0)
    axes.set_axisbelow(True)
    figure.suptitle("How well each intent is read (messages)", x=0.01, ha="left", fontweight="bold")
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure


def draw_reliability(found: Reliability, thresholds: Thresholds) -> Figure:
    """The share that is right against the confidence, over how many messages there are; what is done is shaded."""
    figure = Figure(figsize=(WIDTH, 7.2), dpi=DPI, layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    _shade_bands(upper, thresholds)
    upper.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle="--")
    upper.text(0.93, 0.85, "as sure as right", rotation=38, ha="center", va="center", fontsize=9, color=INK)
    _plot_bins(upper, [each for each in found.bins if each.messages])
    upper.set_ylabel("share that is right")
    upper.set_ylim(0, 1.2)
    upper.set_yticks(np.arange(0, 1.01, 0.2))
    title = f"Is the model right as often as it says? Expected calibration error {found.calibration_error:.3f}"
    upper.set_title(title, loc="left", fontweight="bold", pad=10)
    middles = [(each.low + each.high) / 2 for each in found.bins]
    lower.bar(middles, [each.messages for each in found.bins], width=0.09, color=SKY)
    for middle, each in zip(middles, found.bins, strict=True):
        lower.text(middle, each.messages, each.messages, ha="center", va="bottom", fontsize=9)
    lower.margins(y=0.2)
    lower.set_ylabel("messages")
    lower.set_xlabel("the model's confidence")
    lower.set_xlim(0, 1)
    lower.set_xticks(np.arange(0, 1.01, 0.1))
    return figure


def _shade_bands(axes: Axes, thresholds: Thresholds) -> None:
    edges = (0.0, thresholds.heard_from, thresholds.confirm_from, thresholds.act_from, 1.0)
    names = ("not heard", "offer", "confirm first", "act")
    colours = ("#EEEEEE", "#FBE3C4", "#FFF6DC", "#E3F1EA")
    for low, high, name, colour in zip(edges, edges[1:], names, colours, strict=False):
        axes.axvspan(low, high, color=colour, zorder=0)
        axes.axvline(low, color="w", linewidth=2, zorder=0)
        axes.text((low + high) / 2, 1.16, name, ha="center", va="center", fontsize=10, color=INK)


def _plot_bins(axes: Axes, bins: Sequence[Bin]) -> None:
    confidences, right = [each.confidence for each in bins], [each.right for each in bins]
    axes.plot(confidences, right, color=BLUE, linewidth=1.5)
    faces = [BLUE if each.messages >= FEWEST_TO_TRUST else "w" for each in bins]
    axes.scatter(confidences, right, s=60, color=faces, edgecolors=BLUE, linewidths=1.5, zorder=3)
    for each in bins:
        _write_beside(axes, (each.confidence, each.right), each.right, is_above=each.right > each.confidence)
    note = f"hollow: fewer than {FEWEST_TO_TRUST} messages"
    axes.text(0.99, 0.02, note, transform=axes.transAxes, ha="right", fontsize=9)


def draw_robustness(levels: Sequence[NoiseLevel], *, has_intents: bool) -> Figure:
    """What becomes of the readings as more words are misspelt."""
    figure = Figure(figsize=(WIDTH, 5.6), dpi=DPI, layout="constrained")
    axes = figure.add_subplot()
    shown = [each.misspelt for each in levels]
    if has_intents:
        axes.plot(shown, [each.macro_f1 for each in levels], color=INK, linewidth=1, linestyle=":", label="macro-F1")
        _line(axes, shown, [each.accuracy for each in levels], "read rightly", BLUE, "o")
        _line(axes, shown, [each.acted_wrongly for each in levels], "followed though wrong", VERMILION, "X")
    scored = [each.danger for each in levels if each.danger is not None]
    if scored:
        _line(axes, shown, [each.recall for each in scored], "danger signs noticed", GREEN, "^")
        _line(axes, shown, [each.false_alarm_share for each in scored], "look-alikes alarmed", ORANGE, "v")
    axes.set_ylim(0, 1.1)
    axes.set_yticks(np.arange(0, 1.01, 0.2))
    axes.set_xticks(shown, [f"{share:.0%}" for share in shown])
    axes.set_xlabel("share of the words that are misspelt")
    axes.set_ylabel("share of the messages")
    axes.grid(axis="y", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    figure.suptitle("What hasty spelling costs", x=0.01, ha="left", fontweight="bold")
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return figure


def _line(axes: Axes, shown: Sequence[float], shares: Sequence[float], name: str, colour: str, mark: str) -> None:
    axes.plot(shown, shares, color=colour, marker=mark, markersize=8, linewidth=2, label=name)
    for place, share in zip(shown, shares, strict=True):
        _write_beside(axes, (place, share), share, is_above=True)


def _write_beside(axes: Axes, point: tuple[float, float], share: float, *, is_above: bool) -> None:
    offset, side = (9, "bottom") if is_above else (-9, "top")
    axes.annotate(
        f"{share:.2f}", point, xytext=(0, offset), textcoords="offset points", ha="center", va=side, fontsize=9
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
