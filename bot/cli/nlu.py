"""`sapa nlu`, `sapa train`, `sapa understand`: the language model from the command line."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from bot.cli.opening import now_option, print_json, print_rows, read_settings
from bot.nlu import NoParser, model_ready, open_understander, own_parser, start_parser
from bot.settings import Settings
from clinic.facility_file import FacilityFileError, load_facility
from nlu.evaluate import Report, evaluate_file
from nlu.misspell import misspell
from nlu.understand import Understander
from nlu.understanding import Understanding

MOST_CONFUSIONS = 15


@click.group(invoke_without_command=True)
@click.pass_context
def nlu(context: click.Context) -> None:
    """Run the parser; with a subcommand: look at how well it reads."""
    if context.invoked_subcommand is not None:
        return
    settings = read_settings(needs_secret=False)
    if not settings.nlu_token:
        raise click.ClickException("SAPA_NLU_TOKEN must be set: the parser answers only to it")
    model = _or_complain(lambda: model_ready(_tell))
    process = start_parser(settings, model=model)
    try:
        sys.exit(process.wait())
    except KeyboardInterrupt:
        process.terminate()
        sys.exit(process.wait(timeout=10))


@nlu.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For programs: JSON instead of tables.")
@click.option("--keywords-only", is_flag=True, help="Read without the model.")
@click.option(
    "--misspelt", type=click.FloatRange(0, 1), default=0.0, help="Misspell this share of the words first (0 to 1)."
)
@now_option
def evaluate(file: Path, as_json: bool, keywords_only: bool, misspelt: float, now: datetime | None) -> None:
    """Score the whole pipeline on FILE: JSONL with text and intent, Rasa YAML, or a folder of such files."""
    settings, today = read_settings(needs_secret=False), _today(now)
    with ExitStack() as stack:
        understander = _understander(settings, stack, keywords_only=keywords_only)
        report = evaluate_file(file, lambda text: understander.understand(_spelled(text, misspelt), today=today))
    if as_json:
        print_json(asdict(report))
        return
    _show(report)


@click.command()
def train() -> None:
    """Train the Rasa model when its data changed."""
    click.echo(f"model: {_or_complain(lambda: model_ready(_tell))}")


@click.command()
@click.option("--keywords-only", is_flag=True, help="Read without the model, as when the parser is down.")
@now_option
def understand(keywords_only: bool, now: datetime | None) -> None:
    """Read texts on standard input, one per line; print one JSON object per line.

    The whole pipeline and not only the model; starts a parser of its own when none answers.
    """
    settings, today = read_settings(needs_secret=False), _today(now)
    with ExitStack() as stack:
        understander = _understander(settings, stack, keywords_only=keywords_only)
        for line in sys.stdin.buffer:
            text = line.decode("utf-8", errors="replace").rstrip("\r\n")
            click.echo(json.dumps(_as_json(understander.understand(text, today=today)), ensure_ascii=False))


def _understander(settings: Settings, stack: ExitStack, *, keywords_only: bool) -> Understander:
    if keywords_only:
        return Understander(parser=None)
    try:
        return stack.enter_context(own_parser(settings, _tell))
    except NoParser as error:
        _tell(f"No parser ({error}); reading by keywords only.")
        return open_understander(settings)


def _spelled(text: str, share: float) -> str:
    return misspell(text, share=share, seed=f"evaluation:{text}") if share else text


def _show(report: Report) -> None:
    click.echo(f"{report.total} messages, right {report.accuracy:.3f}, macro-F1 {report.macro_f1:.3f}\n")
    print_rows([asdict(each) for each in report.intents], as_json=False)
    click.echo("\nmost often taken for something else:")
    print_rows([asdict(each) for each in report.confusions[:MOST_CONFUSIONS]], as_json=False)


def _as_json(reading: Understanding) -> dict[str, Any]:
    return {
        "text": reading.text,
        "intent": reading.intent,
        "confidence": round(reading.confidence, 4),
        "entities": [{"entity": found.entity, "value": found.value} for found in reading.entities],
        "danger": reading.danger is not None or reading.intent == "emergency",
        "by": reading.by,
    }


def _today(now: datetime | None) -> date:
    now = now or datetime.now(UTC)
    try:
        return load_facility(Path(os.environ.get("SAPA_CONFIG", "puskesmas.yml"))).today(now)
    except (FacilityFileError, OSError):
        return now.date()


def _or_complain(make: Callable[[], Path]) -> Path:
    try:
        return make()
    except NoParser as error:
        raise click.ClickException(str(error)) from error


def _tell(line: str) -> None:
    click.echo(line, err=True)
