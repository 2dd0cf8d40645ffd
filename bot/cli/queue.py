"""`sapa queue`: the day's numbers from the command line."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import click

from bot.cli.opening import identity_option, json_option, now_option, open_services, print_rows
from clinic.audit import record
from clinic.queue import QueueRow, RoomBusy, call_next, day_list


@click.group()
def queue() -> None:
    """Numbers per poli and day."""


@queue.command("list")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Only this day; else today and every day to come.")
@click.option("--poli", help="Only this poli.")
@now_option
@json_option
@identity_option
def list_(day: datetime | None, poli: str | None, now: datetime | None, as_json: bool, show_identity: bool) -> None:
    """Who has which number, from today on or on one day."""
    services = open_services(now=now)
    today = services.facility.today(services.clock())
    ahead = range(services.facility.booking_days_ahead + 1)
    days = [day.date()] if day else [today + timedelta(days=each) for each in ahead]
    with services.database.reading() as db:
        found = [row for each in days for row in day_list(db, each, poli=poli, facility=services.facility)]
    print_rows([_as_row(row, show_identity=show_identity) for row in found], as_json=as_json)


@queue.command("call")
@click.argument("poli")
@now_option
def call(poli: str, now: datetime | None) -> None:
    """Call the next number of POLI."""
    services = open_services(now=now)
    now = services.clock()
    known_poli = services.facility.poli(poli)
    if known_poli is None:
        known = ", ".join(each.id for each in services.facility.polis)
        raise click.ClickException(f"there is no poli {poli!r}; there are: {known}")
    with services.database.transaction() as db:
        try:
            called = call_next(db, poli, services.facility.today(now), facility=services.facility, now=now)
        except RoomBusy as error:
            raise click.ClickException(f"{error.code} is still called: say first whether it was served") from None
        if called is not None:
            record(db, actor="cli", action="queue.call", subject=f"queue_entry:{called.id}", detail="", now=now)
    click.echo(f"called {known_poli.letter}{called.number}" if called is not None else "nobody is waiting")


def _as_row(row: QueueRow, *, show_identity: bool) -> dict[str, Any]:
    return {
        "number": row.code,
        "poli": row.poli,
        "day": row.day,
        "session": row.session,
        "state": row.state,
        "person": row.person_name if show_identity else row.person_id,
        "via": row.via,
        "taken_at": row.taken_at,
    }
