"""`sapa demo`: fill an empty database with the invented demo centre."""

from __future__ import annotations

from datetime import datetime

import click

from bot.cli.opening import now_option, open_services
from bot.demo import load_demo


@click.command()
@now_option
def demo(now: datetime | None) -> None:
    """Load the demo centre into an empty database; a database with staff in it is left alone."""
    lines = load_demo(open_services(now=now))
    click.echo("\n".join(lines) if lines else "this database is in use already; nothing was changed")
