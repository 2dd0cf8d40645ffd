"""`sapa board`: the voice that calls numbers in the waiting room."""

from __future__ import annotations

from collections.abc import Iterator

import click

from bot.board.spoken import every_part
from bot.board.voice import PROGRAM, ClipShelf, NoVoice
from bot.cli.findings import Finding
from bot.cli.opening import read_settings
from bot.services import Services
from clinic.facility_file import FacilityFileError, load_facility


@click.group()
def board() -> None:
    """The screen in the waiting room."""


@board.command()
@click.option("--again", "is_anew", is_flag=True, help="Make every clip anew, not only those that are missing.")
def voice(is_anew: bool) -> None:
    """Render what the board says (espeak-ng) into SAPA_VOICE_FOLDER, and remove what nobody says any more."""
    settings = read_settings(needs_secret=False)
    shelf = ClipShelf(settings.voice_folder)
    try:
        done = shelf.render(every_part(load_facility(settings.config_path)), anew=is_anew, tidy=True)
    except FacilityFileError as error:
        raise click.ClickException(str(error)) from error
    except (NoVoice, OSError) as error:
        raise click.ClickException(f"{error}: the board calls with a chime only (apt install {PROGRAM})") from error
    click.echo(f"{shelf.folder}: {done.made} clips made, {done.kept} were there, {done.removed} removed")


def look_at_voice(services: Services) -> Iterator[Finding]:
    """Whether the board can speak."""
    shelf, parts = ClipShelf(services.settings.voice_folder), every_part(services.facility)
    missing = len(shelf.missing(parts))
    if not missing:
        yield Finding("voice", "ok", f"{len(parts)} clips in {shelf.folder}")
    elif shelf.can_render:
        yield Finding("voice", "warning", f"{missing} of {len(parts)} clips are missing: sapa board voice")
    else:
        yield Finding("voice", "warning", f"no {PROGRAM} here: the board calls with a chime, without words")
