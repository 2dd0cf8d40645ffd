"""`sapa nlu evaluate`: how well the whole pipeline reads a file of messages, in tables, pictures and a page."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from bot.cli.nlu_evaluate_tables import show
from bot.cli.opening import now_option, print_json, read_settings
from bot.cli.reading import open_reader, tell, today_for
from bot.nlu import TimedParser
from flows.catalogue import FLOWS
from flows.dialog import Heard, Turn
from flows.doubt import ACT_FROM, OFFER_BELOW, doubted, is_unsure
from nlu.client import MODEL_THRESHOLD, prepare
from nlu.evaluate import Answer, answers_for
from nlu.evaluation_cases import CaseFile, UnreadableCases, read_case_file
from nlu.evaluation_danger import DangerReading, danger_readings, worst_of_danger
from nlu.evaluation_figures import (
    FIGURES_FILE,
    NOISE_LEVELS,
    Figures,
    Setting,
    Thresholds,
    figures_for,
    figures_to_json,
    noise_level,
    worst,
)
from nlu.evaluation_page import page
from nlu.understand import Parser, Reading, Understander
from nlu.understanding import Understanding

WORST_ON_A_PAGE = 50
THRESHOLDS = Thresholds(heard_from=MODEL_THRESHOLD, confirm_from=OFFER_BELOW, act_from=ACT_FROM)


@click.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For programs: JSON instead of tables.")
@click.option("--keywords-only", is_flag=True, help="Read without the model.")
@click.option(
    "--misspelt", type=click.FloatRange(0, 1), default=0.0, help="Misspell this share of the words first (0 to 1)."
)
@click.option(
    "--draw",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Read at five noise levels too, and write pictures, figures.json and index.html into FOLDER.",
)
@click.option(
    "--worst",
    "most",
    type=click.IntRange(0),
    help=f"Show so many of the messages read wrongly, the surest first (0; with --draw {WORST_ON_A_PAGE}).",
)
@click.option("--without-messages", is_flag=True, help="Leave every text out: figures only.")
@now_option
def evaluate(
    file: Path,
    as_json: bool,
    keywords_only: bool,
    misspelt: float,
    draw: Path | None,
    most: int | None,
    without_messages: bool,
    now: datetime | None,
) -> None:
    """Score the whole pipeline on FILE: JSONL with text and intent, Rasa YAML, or a folder of such files.

    Rows with is_emergency (true, false or null) in place of an intent are scored for danger: signs that were noticed
    and look-alikes that raised an alarm.
    """
    cases = _read(file)
    most = 0 if without_messages else WORST_ON_A_PAGE if most is None and draw is not None else most or 0
    if cases.has_sources and most:
        raise click.ClickException(f"the rows of {file} name a source, so they are others' words: --without-messages")
    if draw is not None and find_spec("matplotlib") is None:
        raise click.ClickException("pictures need matplotlib: .venv/bin/pip install -r requirements/dev.txt")
    levels = NOISE_LEVELS if draw is not None else ()
    found = _evaluate(file, cases, misspelt=misspelt, levels=levels, keywords_only=keywords_only, today=today_for(now))
    if draw is not None:
        _draw(found, draw, most)
    if as_json:
        print_json({**asdict(found.figures.report), **_beyond_report(found.figures)})
        return
    show(found.figures, worst(found.answers, most), worst_of_danger(found.danger, most))


def done_with(reading: Understanding) -> str:
    """What the dialog does with a message that is read like this while nothing is open (flows/engine.py)."""
    if reading.intent == "emergency":
        return "act"
    flow = FLOWS.by_intent.get(reading.intent)
    if flow is None or reading.by == "none" or flow.name == "out_of_scope":
        return "nothing"
    if doubted(FLOWS, _first_turn(reading), flow) is None:
        return "act"
    return "offer" if is_unsure(reading) else "confirm"


def _first_turn(reading: Understanding) -> Turn:
    """The reading as doubt looks at it: without a desk or a centre, which it does not ask."""
    nothing: Any = None
    heard = Heard(reading, today=date.min)
    return Turn(heard, slots={}, desk=nothing, facility=nothing, now=datetime.min.replace(tzinfo=UTC), channel="")


@dataclass(frozen=True)
class _Evaluation:
    figures: Figures
    answers: Sequence[Answer]
    danger: Sequence[DangerReading]


@dataclass
class _Watched:
    """A parser that counts the texts it gave no reading for: such texts were read by keywords."""

    parser: Parser
    silent: int = 0

    def parse(self, text: str) -> Reading | None:
        reading = self.parser.parse(text)
        if reading is None and prepare(text) is not None:
            self.silent += 1
        return reading


def _read(file: Path) -> CaseFile:
    try:
        cases = read_case_file(file)
    except UnreadableCases as error:
        raise click.ClickException(str(error)) from error
    if not cases.cases and not cases.danger:
        raise click.ClickException(f"{file} has no messages to read")
    return cases


def _evaluate(
    file: Path, cases: CaseFile, *, misspelt: float, levels: Sequence[float], keywords_only: bool, today: date
) -> _Evaluation:
    readings: dict[float, tuple[list[Answer], list[DangerReading]]] = {}
    with ExitStack() as stack:
        understander = open_reader(read_settings(needs_secret=False), stack, keywords_only=keywords_only)
        model = _model_name(understander)
        watched = _Watched(understander.parser) if understander.parser is not None else None
        understand = _understand(replace(understander, parser=watched), today)
        for share in sorted({misspelt, *levels}):
            if levels:
                tell(f"Reading {len(cases.cases) + len(cases.danger)} messages, {share:.0%} of the words misspelt ...")
            answers = answers_for(cases.cases, understand, misspelt=share, done_with=done_with)
            readings[share] = answers, danger_readings(cases.danger, understand, misspelt=share)
    if watched is not None and watched.silent:
        tell(
            f"The parser gave no answer to {watched.silent} texts; they were read by keywords, and the figures show it."
        )
    answers, danger = readings[misspelt]
    setting = Setting(file.as_posix(), model, today.isoformat(), misspelt, THRESHOLDS)
    robustness = [noise_level(share, *found) for share, found in readings.items()]
    return _Evaluation(figures_for(setting, answers, danger, robustness=robustness), answers, danger)


def _understand(understander: Understander, today: date) -> Callable[[str], Understanding]:
    return lambda text: understander.understand(text, today=today)


def _model_name(understander: Understander) -> str:
    parser = understander.parser
    name = parser.parser.model_name() if isinstance(parser, TimedParser) else None
    return name or "none (keywords only)"


def _draw(found: _Evaluation, folder: Path, most: int) -> None:
    """Write figures.json, the pictures drawn from it, and the page that shows them."""
    written = page(found.figures, worst=worst(found.answers, most), danger=worst_of_danger(found.danger, most))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FIGURES_FILE).write_text(figures_to_json(found.figures), encoding="utf-8")
        (folder / "index.html").write_text(written, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written: {error.strerror}") from error
    drawn = subprocess.run([sys.executable, "-m", "nlu.evaluation_pictures", str(folder)], check=False)
    if drawn.returncode != 0:
        raise click.ClickException("the pictures could not be drawn; the figures stand in figures.json")
    tell(f"Drawn: {folder / 'index.html'}")


def _beyond_report(figures: Figures) -> dict[str, object]:
    """What `--json` tells beside the report; asdict leaves out what is worked out, such as shares of danger."""
    told = asdict(figures)
    del told["report"], told["matrix"]
    return told
