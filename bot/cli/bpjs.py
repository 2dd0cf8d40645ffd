"""`sapa bpjs`: what BPJS was and was not told of the queue, and going on after its keys were refused."""

from __future__ import annotations

from datetime import timedelta

import click

from bot.bpjs.bodies import REASONS
from bot.bpjs.telling import resume as resume_telling
from bot.cli.opening import json_option, open_services, print_rows
from clinic.audit import record
from clinic.bpjs_effects import count_effects

LOOKED_BACK = timedelta(days=7)


@click.group()
def bpjs() -> None:
    """What the queue exchanges with BPJS."""


@bpjs.command()
@json_option
def status(as_json: bool) -> None:
    """What waits, and what became of the last seven days, by state and reason."""
    services = open_services()
    with services.database.reading() as db:
        counts = count_effects(db, since=services.clock() - LOOKED_BACK)
    rows = [
        {"state": state, "why": REASONS.get(code, code), "count": count}
        for (state, code), count in sorted(counts.items())
    ]
    print_rows(rows, as_json=as_json)


@bpjs.command()
def resume() -> None:
    """Try again with the keys that BPJS refused, after they or the machine's clock were put right."""
    services = open_services()
    if not resume_telling(services):
        click.echo("nothing rests: BPJS is told, or was never told")
        return
    with services.database.transaction() as db:
        record(db, actor="cli", action="bpjs.resume", subject="bpjs", now=services.clock())
    click.echo("the worker tries again within 5 seconds; look at sapa bpjs status")
