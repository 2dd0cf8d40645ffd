"""Opening: what every command needs before it can work: settings, facility, database, clock."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import click

from bot.demo.keys import with_demo_keys
from bot.services import Services
from bot.settings import Settings, SettingsError
from clinic.database import open_database
from clinic.facility_file import FacilityFileError, load_facility
from clinic.identity import IdentityKeeper
from clinic.migrate import migrate
from flows.catalogue import REPLIES
from flows.replies import RepliesFileError, with_own_texts
from scheduler.programme_file import ProgrammeFileError, load_programmes


def read_settings(env: Mapping[str, str] | None = None, *, needs_secret: bool = True) -> Settings:
    """The environment, or a clear word about what is wrong with it."""
    try:
        return Settings.from_environment(with_demo_keys(os.environ if env is None else env), needs_secret=needs_secret)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def open_services(*, now: datetime | None = None, settings: Settings | None = None) -> Services:
    """Settings, facility and a migrated database; with `now` the clock stands still there.

    Raises ClickException with a clear word for whatever is wrong with them.
    """
    settings = settings or read_settings()
    try:
        facility = load_facility(settings.config_path)
        with_own_texts(REPLIES, facility.texts)
        load_programmes(facility.programmes)
    except (FacilityFileError, RepliesFileError, ProgrammeFileError) as error:
        raise click.ClickException(str(error)) from error
    if settings.database_url.startswith("sqlite:///"):
        folder = os.path.dirname(settings.database_url.removeprefix("sqlite:///"))
        os.makedirs(folder or ".", exist_ok=True)
    database = open_database(settings.database_url)
    migrate(database)
    return Services(
        settings=settings,
        facility=facility,
        database=database,
        keeper=IdentityKeeper(settings.secret_key),
        clock=_clock(now),
    )


def read_time(_context: click.Context, _option: click.Parameter, value: str | None) -> datetime | None:
    """A click callback for --now: ISO time with zone; without a zone it is refused."""
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter("an ISO time such as 2026-11-24T07:00+08:00") from error
    if time.tzinfo is None:
        raise click.BadParameter("the time needs its zone, such as +08:00")
    return time


now_option = click.option("--now", callback=read_time, metavar="ISO-TIME", help="Pretend that it is this time.")
json_option = click.option("--json", "as_json", is_flag=True, help="For programs: JSON instead of a table.")
identity_option = click.option("--show-identity", is_flag=True, help="Show names and addresses instead of ids.")


def _clock(now: datetime | None) -> Callable[[], datetime]:
    def clock() -> datetime:
        return now or datetime.now(UTC)

    return clock


def print_json(value: Any) -> None:
    """One JSON value; times and days as ISO text."""
    click.echo(json.dumps(value, ensure_ascii=False, default=_plain, indent=2))


def print_rows(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """Rows as a JSON array or as a plain table."""
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo("(nothing)")
        return
    names = list(rows[0])
    cells = [[_cell(row.get(name)) for name in names] for row in rows]
    widths = [max(len(name), *(len(row[i]) for row in cells)) for i, name in enumerate(names)]
    for line in [names, *cells]:
        click.echo("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    return "" if value is None else str(_plain(value))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value)
