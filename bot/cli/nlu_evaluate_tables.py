"""The tables that `sapa nlu evaluate` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from bot.cli.opening import print_rows
from nlu.evaluate import Answer
from nlu.evaluation_danger import DangerReading, DangerScore
from nlu.evaluation_figures import Band, Figures, Reader

MOST_CONFUSIONS = 15


def show(figures: Figures, wrong: Sequence[Answer], wrong_danger: Sequence[DangerReading]) -> None:
    """Everything that was counted, and the messages that were read wrongly."""
    if figures.report.total:
        _show_intents(figures)
        _show_bands(figures)
        _show_reliability(figures)
    if len(figures.robustness) > 1:
        _show_robustness(figures)
    if figures.danger is not None:
        _show_danger(figures.danger, wrong_danger)
    if wrong:
        click.echo("\nread wrongly with the highest confidence:")
        _rows([_wrong(answer) for answer in wrong])


def _show_intents(figures: Figures) -> None:
    report = figures.report
    click.echo(f"{report.total} messages, right {report.accuracy:.3f}, macro-F1 {report.macro_f1:.3f}\n")
    _rows([asdict(each) for each in report.intents])
    click.echo("\nmost often taken for something else:")
    _rows([asdict(each) for each in report.confusions[:MOST_CONFUSIONS]])


def _show_bands(figures: Figures) -> None:
    click.echo("\nwhat is done with a reading (flows/doubt.py), and by whom it was read:")
    _rows([{"done": each.done, "messages": each.messages, "right": _right(each), **each.by} for each in figures.bands])
    click.echo()
    _rows([{"by": each.by, "messages": each.messages, "right": _right(each)} for each in figures.readers])
    found = figures.out_of_scope
    if found is not None:
        read, alone = f"{found.read_as_such:.3f} read as that", f"{found.left_alone:.3f} left alone (no action started)"
        click.echo(f"\nout_of_scope: {found.messages} messages, {read}, {alone}")


def _right(each: Band | Reader) -> float | None:
    return each.right if each.messages else None


def _show_reliability(figures: Figures) -> None:
    found = figures.reliability
    click.echo(
        f"\nthe model's own confidence, {found.messages} readings, "
        f"expected calibration error {found.calibration_error:.3f}:"
    )
    _rows([asdict(each) for each in found.bins if each.messages])


def _show_robustness(figures: Figures) -> None:
    click.echo("\nwith a share of the words misspelt:")
    rows = []
    for each in figures.robustness:
        row: dict[str, Any] = {"misspelt": each.misspelt}
        if figures.report.total:
            row |= {"right": each.accuracy, "macro_f1": each.macro_f1, "followed_though_wrong": each.acted_wrongly}
        if each.danger is not None:
            row |= {"danger_noticed": each.danger.recall, "false_alarms": each.danger.false_alarm_share}
        rows.append(row)
    _rows(rows)


def _show_danger(score: DangerScore, wrong: Sequence[DangerReading]) -> None:
    click.echo(
        f"\ndanger: {score.noticed} of {score.signs} signs noticed ({score.recall:.3f}), "
        f"{score.noticed_by_list} of them by the word list; "
        f"{score.false_alarms} of {score.look_alikes} look-alikes alarmed ({score.false_alarm_share:.3f}); "
        f"{score.arguable_alarms} of {score.arguable} arguable ones"
    )
    if wrong:
        _rows(
            [
                {
                    "wrong": "false alarm" if each.alarmed else "missed",
                    "by": each.by,
                    "read_as": each.read_as,
                    "confidence": each.confidence,
                    "message": each.text,
                }
                for each in wrong
            ]
        )


def _wrong(answer: Answer) -> dict[str, Any]:
    return {
        "confidence": answer.confidence,
        "by": answer.by,
        "done": answer.done,
        "should_be": answer.case.intent,
        "read_as": answer.predicted,
        "message": answer.text,
    }


def _rows(rows: list[dict[str, Any]]) -> None:
    print_rows(rows, as_json=False)
