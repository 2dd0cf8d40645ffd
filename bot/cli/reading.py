"""Reading: the pipeline that the commands read messages with, with a parser of its own when none answers."""

from __future__ import annotations

import os
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import click

from bot.nlu import NoParser, open_understander, own_parser
from bot.settings import Settings
from clinic.facility_file import FacilityFileError, load_facility
from nlu.understand import Understander


def open_reader(settings: Settings, stack: ExitStack, *, keywords_only: bool) -> Understander:
    """The whole pipeline; by keywords only when that is asked for or no parser can be started."""
    if keywords_only:
        return Understander(parser=None)
    try:
        return stack.enter_context(own_parser(settings, tell, clock=now_in_utc))
    except NoParser as error:
        tell(f"No parser ({error}); reading by keywords only.")
        return open_understander(settings)


def today_for(now: datetime | None) -> date:
    """The day at the centre, or in UTC where no centre is set up."""
    now = now or now_in_utc()
    try:
        return load_facility(Path(os.environ.get("SAPA_CONFIG", "puskesmas.yml"))).today(now)
    except (FacilityFileError, OSError):
        return now.date()


def now_in_utc() -> datetime:
    """The clock of the commands that work with models."""
    return datetime.now(UTC)


def tell(line: str) -> None:
    """A word to whoever watches; standard output is for results."""
    click.echo(line, err=True)
