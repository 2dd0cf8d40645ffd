"""`sapa reminders`: what would go to whom, when and why; and sending what is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from bot.channels.routing import route_kinds
from bot.cli.opening import identity_option, json_option, now_option, open_services, print_rows
from bot.reminder_questions import staff_lines
from bot.reminders import load_active_programmes, plan_reminders, queue_reminders
from clinic.facility import Facility
from scheduler.programme import Programme
from scheduler.programme_file import ProgrammeFileError


@click.group()
def reminders() -> None:
    """Reminders of visits: plan them, send them."""


@reminders.command()
@now_option
@json_option
@identity_option
@click.option("--days", default=1, show_default=True, type=click.IntRange(1, 60), help="Look so many days ahead.")
@click.option("--staff", "for_staff", is_flag=True, help="Instead: whom we do not invite and staff should look at.")
def plan(now: datetime | None, as_json: bool, show_identity: bool, days: int, for_staff: bool) -> None:
    """Show what would go to whom, when and why; nothing is written."""
    services = open_services(now=now)
    programmes = open_programmes(services.facility)
    with services.database.reading() as db:
        if for_staff:
            asked = staff_lines(db, services.facility, programmes, now=services.clock())
            rows = [line.as_row() for line in asked]
        else:
            lines = plan_reminders(
                db,
                services.facility,
                programmes,
                now=services.clock(),
                days=days,
                routes=route_kinds(services.settings),
            )
            rows = [line.as_row(show_identity=show_identity) for line in lines]
    if not as_json:  # a table's row is one line
        rows = [{name: _on_one_line(value) for name, value in row.items()} for row in rows]
    print_rows(rows, as_json=as_json)


@reminders.command()
@now_option
@json_option
@identity_option
def send(now: datetime | None, as_json: bool, show_identity: bool) -> None:
    """Queue what is due now; the worker does this every minute, and a second time sends nothing twice."""
    services = open_services(now=now)
    programmes = open_programmes(services.facility)
    queued = queue_reminders(
        services.database, services.facility, programmes, now=services.clock(), routes=route_kinds(services.settings)
    )
    if as_json:
        print_rows([line.as_row(show_identity=show_identity) for line in queued], as_json=True)
    else:
        click.echo(f"queued {len(queued)}")


def open_programmes(facility: Facility) -> Sequence[Programme]:
    """The programmes that are on, with a warning for each that no clinician has signed."""
    try:
        programmes = load_active_programmes(facility)
    except ProgrammeFileError as error:
        raise click.ClickException(str(error)) from error
    for programme in programmes:
        warning = programme.warning()
        if warning is not None:
            click.echo(f"warning: {warning}", err=True)
    return programmes


def _on_one_line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value
