"""`sapa enrol`: let a person follow a programme, with what was done already."""

from __future__ import annotations

from datetime import date, datetime

import click

from bot.cli.opening import now_option, open_services
from bot.cli.reminders import open_programmes
from bot.services import Services
from clinic.audit import record
from clinic.database import Session
from clinic.people import person_by_id
from clinic.programmes import enrol as write_enrolment
from clinic.programmes import record_dose
from scheduler.programme import Programme


def _read_day(_context: click.Context, _option: click.Parameter, value: str | None) -> date | None:
    return None if value is None else _day(value)


def _read_given(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, date]:
    given = {}
    for value in values:
        item, equals, day = value.partition("=")
        if not equals:
            raise click.BadParameter(f"{value!r}: write ITEM=DATE such as DPT1=2026-04-24")
        given[item.strip().upper()] = _day(day)
    return given


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not a date such as 2026-02-24") from error


@click.command()
@click.argument("person", type=int)
@click.argument("programme")
@click.option("--anchor", callback=_read_day, metavar="DATE", help="Birth date or last visit; birth date if on record.")
@click.option("--given", multiple=True, callback=_read_given, metavar="ITEM=DATE", help="Done already; repeatable.")
@now_option
def enrol(person: int, programme: str, anchor: date | None, given: dict[str, date], now: datetime | None) -> None:
    """Enrol PERSON (id) in PROGRAMME and record what was given; a second time adds what is new."""
    services = open_services(now=now)
    chosen = _choose(services, programme)
    _refuse_unknown_items(chosen, given)
    now = services.clock()
    with services.database.transaction() as db:
        start = _anchor(db, services, chosen, person_id=person, said=anchor)
        today = services.facility.today(now)
        late = [day for day in (start, *given.values()) if day > today]
        if late:
            raise click.ClickException(f"{late[0]} is in the future")
        write_enrolment(db, person_id=person, programme=chosen.name, anchor=start, now=now)
        for item, day in given.items():
            record_dose(db, person_id=person, programme=chosen.name, item=item, given_on=day, proof="record")
        detail = f"programme={chosen.name} doses={len(given)}"
        record(db, actor="cli", action="enrol", subject=f"person:{person}", detail=detail, now=now)
    click.echo(f"person {person} follows {chosen.name} from {start}, {len(given)} recorded")


def _choose(services: Services, name: str) -> Programme:
    programmes = {programme.name: programme for programme in open_programmes(services.facility)}
    if name not in programmes:
        known = ", ".join(programmes) or "none; see programmes in puskesmas.yml"
        raise click.ClickException(f"{name!r} is not switched on; on: {known}")
    return programmes[name]


def _refuse_unknown_items(programme: Programme, given: dict[str, date]) -> None:
    unknown = sorted(set(given) - set(programme.items))
    if unknown:
        raise click.ClickException(
            f"{', '.join(unknown)}: not in {programme.name}; known: {', '.join(programme.items)}"
        )


def _anchor(db: Session, services: Services, programme: Programme, *, person_id: int, said: date | None) -> date:
    """What the programme counts from; a birth date on record must agree with the one that was typed."""
    person = person_by_id(db, person_id, keeper=services.keeper)
    if person is None:
        raise click.ClickException(f"there is no person {person_id}")
    on_record = person.known_birth_date if programme.anchor == "birth" else None
    if said is not None and on_record is not None and said != on_record:
        raise click.ClickException(f"--anchor {said}: the birth date on record is another; correct the register first")
    anchor = said or on_record
    if anchor is None:
        what = "birth date" if programme.anchor == "birth" else "last visit"
        raise click.ClickException(f"--anchor DATE is needed: the {what}")
    return anchor
