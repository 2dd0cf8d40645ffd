"""`sapa demo`: fill an empty database with the invented demo centre."""

from __future__ import annotations

import os
from datetime import datetime

import click

from bot.cli.opening import now_option, open_services, read_settings
from bot.demo.keys import demo_keys
from bot.demo.loading import load_demo


@click.command()
@now_option
def demo(now: datetime | None) -> None:
    """Load the demo centre into an empty database; a database with staff in it is left alone."""
    settings = read_settings({**os.environ, "SAPA_DEMO": "1"})
    is_loaded = load_demo(open_services(now=now, settings=settings), demo_keys())
    click.echo("loaded" if is_loaded else "somebody may log in to this database already; nothing was changed")
