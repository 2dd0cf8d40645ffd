"""`sapa nlu`: the language model from the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from bot.cli.models import models, use
from bot.cli.nlu_data import data
from bot.cli.nlu_evaluate import evaluate
from bot.cli.nlu_export import export
from bot.cli.opening import read_settings
from bot.cli.reading import now_in_utc, tell
from bot.logs import is_for_programs, lines_to_log, log_to_stderr
from bot.nlu import NoParser, model_as_it_is, model_ready, start_parser
from bot.serving import wait_and_follow


@click.group(invoke_without_command=True)
@click.option(
    "--no-train", "is_as_it_is", is_flag=True, help="Serve the current model, whatever its data became since."
)
@click.pass_context
def nlu(context: click.Context, is_as_it_is: bool) -> None:
    """Run the parser; with a subcommand: look at how well it reads."""
    if context.invoked_subcommand is not None:
        return
    settings = read_settings(needs_secret=False)
    log_to_stderr(settings.log_format)
    if not settings.nlu_token:
        raise click.ClickException("SAPA_NLU_TOKEN must be set: the parser answers only to it")
    ready = model_as_it_is if is_as_it_is else model_ready
    model = _or_complain(lambda: ready(settings, tell, clock=now_in_utc))
    process = start_parser(settings, model=model, log_file=lines_to_log("parser") if is_for_programs() else None)
    try:
        sys.exit(wait_and_follow(settings, process, model=model))
    except KeyboardInterrupt:
        process.terminate()
        sys.exit(process.wait(timeout=10))


nlu.add_command(evaluate)
nlu.add_command(data)
nlu.add_command(export)
nlu.add_command(models)
nlu.add_command(use)


def _or_complain(make: Callable[[], Path]) -> Path:
    try:
        return make()
    except NoParser as error:
        raise click.ClickException(str(error)) from error
