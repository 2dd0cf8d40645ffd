"""`sapa train`, `sapa nlu models`, `sapa nlu use`: which models are kept, which one serves, and how to change that."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from bot.cli.opening import json_option, print_json, print_rows, read_settings
from bot.cli.reading import now_in_utc, tell
from bot.nlu import NoParser, workshop
from bot.serving import serve_now
from bot.settings import Settings
from nlu.model_choice import MARGIN, Choice, Workshop, train_and_choose, unpin
from nlu.model_loading import NotLoaded
from nlu.model_shelf import ModelCard, ModelShelf, Pointer, UnknownModel, is_whole
from nlu.server import ROOT
from nlu.train import TrainingFailed, data_hash

POINT = 0.01


@click.command()
@click.option(
    "--held-out",
    type=click.Path(exists=True, path_type=Path),
    help="Score on this file or folder of sentences instead of SAPA_HELD_OUT.",
)
@click.option(
    "--margin",
    type=click.FloatRange(0, 100),
    default=MARGIN / POINT,
    show_default=True,
    help="Keep the old model when the new one is worse by more percentage points than this.",
)
def train(held_out: Path | None, margin: float) -> None:
    """Train the model when its data changed, and let it serve unless it reads the held-out sentences worse."""
    settings = read_settings(needs_secret=False)
    try:
        shop = _shop(settings, held_out=held_out, margin=margin * POINT)
        choice = train_and_choose(shop)
    except (NoParser, TrainingFailed) as error:
        raise click.ClickException(str(error)) from error
    _tell_choice(settings, choice)
    click.echo(f"model: {choice.model}")


@click.command()
@json_option
def models(as_json: bool) -> None:
    """Show the models that are kept, the newest first, and why those that do not serve do not."""
    shelf, present = ModelShelf(read_settings(needs_secret=False).models_folder), data_hash(ROOT)
    cards = sorted((shelf.card(name) for name in shelf.hashes()), key=_age, reverse=True)
    pointer, current = shelf.pointer(), shelf.current()
    if as_json:
        rows = [_as_json(card, current=current, pointer=pointer, present=present) for card in cards]
        print_json(rows)
        return
    print_rows([_as_row(card, current=current, pointer=pointer, present=present) for card in cards], as_json=False)


@click.command()
@click.argument("model", metavar="HASH|previous|latest")
def use(model: str) -> None:
    """Let another model serve, at once where a parser runs, and pin it: training does not replace a pinned one.

    HASH is a model of `sapa nlu models` (its first letters will do), "previous" the one that served before;
    "latest" takes the pin away and lets training choose again.
    """
    settings = read_settings(needs_secret=False)
    if model == "latest":
        _use_latest(settings)
        return
    shelf = ModelShelf(settings.models_folder)
    try:
        name = shelf.find(model)
    except UnknownModel as error:
        raise click.ClickException(str(error)) from error
    before = shelf.current()
    serves = f"model {before} goes on serving"
    if not is_whole(shelf.path(name)):
        raise click.ClickException(f"the file of model {name} is broken; {serves}")
    try:
        came_of_it = serve_now(settings, shelf.path(name))
    except NotLoaded as error:
        raise click.ClickException(f"{error}; {serves}") from error
    if before is not None and shelf.pointer() is None:
        shelf.point_at(before, is_pinned=False)
    shelf.point_at(name, is_pinned=True)
    click.echo(f"Model {name} is the current one{_in_words(shelf.card(name))}. {came_of_it}")
    click.echo("It is pinned: training does not replace it until `sapa nlu use latest`.")


def _use_latest(settings: Settings) -> None:
    try:
        choice = unpin(_shop(settings))
    except (NoParser, TrainingFailed) as error:
        raise click.ClickException(str(error)) from error
    click.echo("No model is pinned any more.")
    _tell_choice(settings, choice)


def _tell_choice(settings: Settings, choice: Choice) -> None:
    """What was chosen and why, and what the running parser makes of it."""
    click.echo(choice.said)
    try:
        click.echo(serve_now(settings, choice.model))
    except NotLoaded as error:
        raise click.ClickException(f"{error}; it serves what it served before, restart Sapa (sapa run)") from error


def _shop(settings: Settings, *, held_out: Path | None = None, margin: float = MARGIN) -> Workshop:
    shop = workshop(settings, tell, clock=now_in_utc)
    return replace(shop, held_out=held_out or shop.held_out, margin=margin)


def _why_not(card: ModelCard, *, current: str | None, present: str) -> str:
    """In words, why this model does not serve; nothing for the one that does."""
    if card.hash == current:
        return ""
    if card.verdict is not None:
        return f"worse: {card.verdict.in_words()}"
    return "not compared yet" if card.hash == present else "other data"


def _as_row(card: ModelCard, *, current: str | None, pointer: Pointer | None, present: str) -> dict[str, Any]:
    is_pinned = pointer is not None and pointer.is_pinned
    scores = card.scores
    return {
        "hash": card.hash,
        "current": ("pinned" if is_pinned else "yes") if card.hash == current else "",
        "trained_at": f"{card.trained_at:%Y-%m-%d %H:%M}" if card.trained_at else None,
        "sentences": card.sentences or None,
        "accuracy": scores.accuracy if scores else None,
        "macro_f1": scores.macro_f1 if scores else None,
        "misspelt": scores.accuracy_misspelt if scores else None,
        "danger": scores.danger_noticed if scores else None,
        "of": scores.sentences if scores else None,
        "held_out": scores.held_out if scores else None,
        "present_data": "yes" if card.hash == present else "",
        "why_not": _why_not(card, current=current, present=present),
    }


def _as_json(card: ModelCard, *, current: str | None, pointer: Pointer | None, present: str) -> dict[str, Any]:
    return asdict(card) | {
        "is_current": card.hash == current,
        "is_pinned": pointer is not None and pointer.is_pinned and card.hash == pointer.hash,
        "is_previous": pointer is not None and card.hash == pointer.previous,
        "is_for_present_data": card.hash == present,
        "why_not_current": _why_not(card, current=current, present=present) or None,
    }


def _in_words(card: ModelCard) -> str:
    return f" ({card.scores.accuracy:.3f} of the held-out sentences right)" if card.scores else ""


def _age(card: ModelCard) -> float:
    return card.trained_at.timestamp() if card.trained_at else 0.0
