"""`sapa backup` and `sapa restore`: the SQLite database as one file."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli.opening import open_services, read_settings
from clinic.backup import BackupError
from clinic.backup import backup as write_backup
from clinic.backup import restore as read_backup


@click.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def backup(target: Path) -> None:
    """Write a whole, checked copy of the database to TARGET while everything goes on."""
    services = open_services()
    try:
        write_backup(services.database, target)
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"backed up to {target}")


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.confirmation_option(prompt="This replaces the present database. Go on?")
def restore(source: Path) -> None:
    """Put a backup in the place of the present database; Sapa must not be running."""
    try:
        read_backup(read_settings().database_url, source)
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"restored from {source}")
