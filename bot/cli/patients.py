"""`sapa patients`: the local register."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from bot.cli.opening import identity_option, json_option, now_option, open_services, print_json
from bot.cli.patients_doubles import doubles, merge
from clinic.audit import record
from clinic.identity import mask
from clinic.membership import membership_of
from clinic.patients_file import PatientsFileError, import_in_parts
from clinic.people import person_by_id


@click.group()
def patients() -> None:
    """People and their membership."""


patients.add_command(doubles)
patients.add_command(merge)


@patients.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="How old the file's knowledge is; today if not said.")
@json_option
@now_option
def import_(file: Path, as_of: datetime | None, as_json: bool, now: datetime | None) -> None:
    """Take over FILE (CSV); lines that cannot be read are named and the rest is kept."""
    services = open_services(now=now)
    now = services.clock()
    day = as_of.date() if as_of else services.facility.today(now)
    try:
        report = import_in_parts(services.database, file, keeper=services.keeper, now=now, as_of=day)
        detail = f"added={report.added} updated={report.updated} refused={len(report.refused)}"
        with services.database.transaction() as db:
            record(db, actor="cli", action="patients.import", subject="patients", detail=detail, now=now)
    except PatientsFileError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        refused = [{"line": line, "why": why} for line, why in report.refused]
        print_json({"added": report.added, "updated": report.updated, "refused": refused})
        return
    click.echo(f"added {report.added}, updated {report.updated}, refused {len(report.refused)}")
    for line, why in report.refused:
        click.echo(f"  line {line}: {why}")


@patients.command()
@click.argument("person", type=int)
@json_option
@identity_option
def show(person: int, as_json: bool, show_identity: bool) -> None:
    """One person by id; names and numbers only when asked for."""
    services = open_services()
    with services.database.reading() as db:
        found = person_by_id(db, person, keeper=services.keeper)
        membership = membership_of(db, person)
    if found is None:
        raise click.ClickException(f"there is no person {person}")
    row = {
        "person": found.id,
        "name": found.name if show_identity else None,
        "birth_date": found.birth_date if show_identity else None,
        "sex": found.sex,
        "nik": (found.nik if show_identity else mask(found.nik)) if found.nik else None,
        "card_number": (found.card_number if show_identity else mask(found.card_number)) if found.card_number else None,
        "membership": None
        if membership is None
        else {"active": membership.is_active, "status": membership.status, "as_of": membership.as_of},
    }
    if as_json:
        print_json(row)
        return
    for name, value in row.items():
        click.echo(f"{name}: {'' if value is None else value}")
