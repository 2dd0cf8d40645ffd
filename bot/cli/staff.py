"""`sapa staff`: who may log in to the inbox."""

from __future__ import annotations

import click

from bot.cli.opening import open_services
from clinic.audit import record
from clinic.staff import StaffExists, add_staff


@click.group()
def staff() -> None:
    """People who work in the inbox."""


@staff.command()
@click.argument("username")
@click.option("--name", required=True, help="As colleagues see it.")
@click.option("--role", type=click.Choice(["staff", "admin"]), default="staff", show_default=True)
@click.password_option(help="At least 10 characters; asked for when not given.")
def add(username: str, name: str, role: str, password: str) -> None:
    """Let somebody log in."""
    services = open_services()
    now = services.clock()
    try:
        with services.database.transaction() as db:
            member = add_staff(db, username=username, name=name, role=role, password=password, now=now)
            record(db, actor="cli", action="staff.add", subject=f"staff:{member.id}", detail=role, now=now)
    except (StaffExists, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"added {username}")
