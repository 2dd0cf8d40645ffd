"""`sapa patients doubles`, `sapa patients merge`: records that may be one person, and making them one."""

from __future__ import annotations

from datetime import datetime

import click

from bot.cli.opening import identity_option, json_option, now_option, open_services, print_json
from bot.services import Services
from clinic.database import Session
from clinic.doubles import Double, doubles_of
from clinic.merging import FIELDS, Field, MergeRefused, Side, merge_people
from clinic.people import person_by_id
from clinic.queue_turns import code_of

WHY = {
    "same_record": "that is one and the same record",
    "unknown": "one of them does not exist",
    "merged_already": "one of them was merged already; `sapa patients show` tells into whom",
    "other_nik": "they have two different NIK: two people, or one NIK is written wrongly",
    "busy": "something is being written of one of them; try again",
    "changed": "one of them has just changed; look again",
}


@click.command()
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@json_option
@identity_option
def doubles(limit: int, as_json: bool, show_identity: bool) -> None:
    """Pairs of records that may be one person; nothing is merged by this."""
    services = open_services()
    with services.database.reading() as db:
        found = doubles_of(db, limit=limit)
        names = {(each.one, each.other): _names(db, services, each) if show_identity else None for each in found}
    if as_json:
        print_json(
            [
                {"one": pair[0], "other": pair[1], "reasons": each.reasons, "names": names[pair]}
                for each in found
                if (pair := (each.one, each.other))
            ]
        )
        return
    for each in found:
        said = names[each.one, each.other]
        tail = f"  {' / '.join(said)}" if said else ""
        click.echo(f"{each.one} {each.other}  {', '.join(each.reasons)}{tail}")
    if not found:
        click.echo("no records look like doubles")


@click.command()
@click.argument("keep", type=int)
@click.argument("gone", type=int)
@click.option("--from-keep", "kept", multiple=True, type=click.Choice(FIELDS), help="Both differ: KEEP is right here.")
@click.option("--from-gone", "taken", multiple=True, type=click.Choice(FIELDS), help="Both differ: GONE is right here.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@now_option
def merge(
    keep: int,
    gone: int,
    kept: tuple[Field, ...],
    taken: tuple[Field, ...],
    yes: bool,
    as_json: bool,
    now: datetime | None,
) -> None:
    """Make record GONE part of record KEEP, with all that belongs to it. This cannot be undone."""
    if not yes:
        click.confirm(f"Merge person {gone} into person {keep}? This cannot be undone", abort=True)
    services = open_services(now=now)
    choices: dict[Field, Side] = {**dict.fromkeys(kept, "keep"), **dict.fromkeys(taken, "gone")}
    try:
        with services.database.transaction() as db:
            done = merge_people(db, keep=keep, gone=gone, actor="cli", now=services.clock(), choices=choices)
    except MergeRefused as refused:
        raise click.ClickException(_why(services, refused)) from refused
    if as_json:
        dropped = {table: list(ids) for table, ids in done.dropped.items()}
        print_json({"keep": keep, "gone": gone, "moved": done.moved, "dropped": dropped, "taken": done.taken_over})
        return
    click.echo(f"person {gone} is person {keep} now; {done.summary}")


def _why(services: Services, refused: MergeRefused) -> str:
    if refused.reason == "choose":
        fields = ", ".join(refused.fields)
        return f"they differ in {fields}; say which is right with --from-keep or --from-gone"
    if refused.reason == "two_numbers":
        pairs = (
            f"{code_of(services.facility, each.poli, each.keep_number)} and "
            f"{code_of(services.facility, each.poli, each.gone_number)} on {each.day}"
            for each in refused.numbers
        )
        return f"both hold a live number: {'; '.join(pairs)}; cancel one of them first (sapa queue cancel)"
    return WHY[refused.reason]


def _names(db: Session, services: Services, pair: Double) -> list[str]:
    found = (person_by_id(db, each, keeper=services.keeper) for each in (pair.one, pair.other))
    return [each.name if each is not None else "" for each in found]
