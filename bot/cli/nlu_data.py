"""`sapa nlu data`: what the training text is made of, what in it is nearly the same, and what it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from bot.cli.opening import json_option, print_json, print_rows
from nlu.data_report import WANTED_HELD_OUT, DataReport, Group, NearPair, read_groups, report_on
from nlu.evaluation_cases import Case, UnreadableCases, read_cases
from nlu.server import ROOT

TRAINING = ROOT / "nlu" / "data"
HELD_OUT = ROOT / "tests" / "nlu"
WORST = 20
MOST_FORMS = 6


@click.command()
@click.option("--worst", default=WORST, show_default=True, type=click.IntRange(0), help="Show so many pairs of a kind.")
@click.option("--groups", "with_groups", is_flag=True, help="List the groups (the comments of the files) as well.")
@json_option
def data(worst: int, with_groups: bool, as_json: bool) -> None:
    """Report on the training text: counts, near-duplicates, gaps, and what the held-out sentences share with it."""
    try:
        held_out = read_cases(HELD_OUT) if HELD_OUT.is_dir() else []
        report = report_on(read_groups(TRAINING), held_out)
    except UnreadableCases as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        print_json(_as_json(report, worst))
        return
    click.echo(f"{report.sentences} sentences, {len(report.intents)} intents, {len(report.groups)} groups\n")
    _rows([asdict(each) for each in report.intents])
    _show_regional(report)
    if with_groups:
        click.echo("\ngroups:")
        _rows([_group(group) for group in report.groups])
    _show_pairs("near-duplicates inside an intent", report.inside, worst)
    _show_pairs("near-duplicates across intents", report.across, worst)
    _show_gaps(report, held_out)
    _show_pairs("held-out sentences with a near-duplicate in the training text", report.held_out, worst)


def _show_regional(report: DataReport) -> None:
    listed = ", ".join(f"{language} {count}" for language, count in report.regional.items())
    click.echo(f"\nsentences with regional words: {listed}")


def _show_pairs(name: str, pairs: Sequence[NearPair], most: int) -> None:
    click.echo(f"\n{name}: {len(pairs)} pairs")
    if pairs[:most]:
        _rows([asdict(pair) for pair in pairs[:most]])


def _show_gaps(report: DataReport, held_out: Sequence[Case]) -> None:
    click.echo("\ngaps: intents with fewer sentences than wanted")
    _rows([{"intent": each.intent, "sentences": each.sentences, "wanted": each.wanted} for each in report.too_few])
    if held_out:
        click.echo(f"\ngaps: intents with fewer than {WANTED_HELD_OUT} held-out sentences")
        _rows([{"intent": each.intent, "held_out": each.held_out} for each in report.too_few_held_out])
    click.echo("\ngaps: values of the lexicon that never occur, by any of their forms")
    _rows([{"entity": gap.entity, "value": gap.value} for gap in report.values if gap.is_unknown])
    click.echo("\ngaps: further forms that never occur")
    _rows(
        [
            {"entity": gap.entity, "value": gap.value, "forms": _some(gap.missing)}
            for gap in report.values
            if not gap.is_unknown
        ]
    )


def _some(forms: Sequence[str]) -> str:
    more = f" and {len(forms) - MOST_FORMS} more" if len(forms) > MOST_FORMS else ""
    return ", ".join(forms[:MOST_FORMS]) + more


def _group(group: Group) -> dict[str, Any]:
    return {"intent": group.intent, "comment": group.comment, "sentences": len(group.sentences)}


def _as_json(report: DataReport, worst: int) -> dict[str, Any]:
    """The whole report, pairs up to `worst` of a kind, groups by their number of sentences."""
    told = asdict(report) | {"groups": [_group(group) for group in report.groups]}
    kinds = ("inside", "across", "held_out")
    told |= {f"{kind}_pairs": len(told[kind]) for kind in kinds} | {kind: told[kind][:worst] for kind in kinds}
    return told


def _rows(rows: list[dict[str, Any]]) -> None:
    print_rows(rows, as_json=False)
