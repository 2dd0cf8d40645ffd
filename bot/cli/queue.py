"""`sapa queue`: the day's numbers from the command line, for a counter without a page and for programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import click

from bot.cli.opening import identity_option, json_option, now_option, open_services, print_json, print_rows
from bot.services import Services
from clinic.audit import record
from clinic.database import Session
from clinic.facility import Facility
from clinic.facility_queue import PRIORITIES, Room
from clinic.queue import QueueRow, RoomBusy, call_again, call_next, check_in, day_list, finish, set_priority, skip
from clinic.queue_list import number_on
from clinic.queue_table import BEING_SERVED

ACTOR = "cli"
NOBODY = "none"

number_argument = click.argument("number", required=False)
room_option = click.option("--room", help="A room of puskesmas.yml; a poli without rooms is one room.")


@click.group()
def queue() -> None:
    """Numbers per poli and day."""


@queue.command("list")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Only this day; else today and every day to come.")
@click.option("--poli", help="Only this poli.")
@click.option("--room", help="Only what this room called.")
@now_option
@json_option
@identity_option
def list_(
    day: datetime | None, poli: str | None, room: str | None, now: datetime | None, as_json: bool, show_identity: bool
) -> None:
    """Who has which number, from today on or on one day."""
    services = open_services(now=now)
    if poli is not None:
        _known_poli(services.facility, poli)
    if room is not None:
        _known_room(services.facility, room)
    today = services.facility.today(services.clock())
    ahead = range(services.facility.booking_days_ahead + 1)
    days = [day.date()] if day else [today + timedelta(days=each) for each in ahead]
    with services.database.reading() as db:
        found = [row for each in days for row in day_list(db, each, poli=poli, facility=services.facility)]
    rows = [row for row in found if room in (None, row.room)]
    make = _as_json if as_json else _as_row
    print_rows([make(row, show_identity=show_identity) for row in rows], as_json=as_json)


@queue.command()
@click.argument("poli", required=False)
@room_option
@now_option
@json_option
def call(poli: str | None, room: str | None, now: datetime | None, as_json: bool) -> None:
    """Call the next number of POLI, or into a room."""
    services = open_services(now=now)
    now, place = services.clock(), _place(services.facility, poli, room)
    with services.database.transaction() as db:
        try:
            called = call_next(
                db, place, services.facility.today(now), facility=services.facility, now=now, actor=ACTOR
            )
        except RoomBusy as error:
            raise click.ClickException(f"{error.code} is still called: say first whether it was served") from None
        if called is not None:
            record(db, actor=ACTOR, action="queue.call", subject=f"queue_entry:{called.id}", detail="", now=now)
    if as_json:
        found = None if called is None else called.code
        passed, priority = (0, None) if called is None else (called.passed, called.priority)
        print_json({"number": found, "room": place.id, "passed": passed, "priority": priority})
        return
    click.echo(f"called {called.code}" if called is not None else "nobody is waiting")


@queue.command()
@number_argument
@room_option
@now_option
@json_option
def again(number: str | None, room: str | None, now: datetime | None, as_json: bool) -> None:
    """Call NUMBER, or the number that a room called, once more."""
    _staff_says(call_again, "called again", number, room, now=now, as_json=as_json)


@queue.command()
@number_argument
@room_option
@now_option
@json_option
def done(number: str | None, room: str | None, now: datetime | None, as_json: bool) -> None:
    """NUMBER, or the number that a room called, was served."""
    _staff_says(finish, "done", number, room, now=now, as_json=as_json)


@queue.command("skip")
@number_argument
@room_option
@now_option
@json_option
def skip_(number: str | None, room: str | None, now: datetime | None, as_json: bool) -> None:
    """NUMBER, or the number that a room called, did not come."""
    _staff_says(skip, "skipped", number, room, now=now, as_json=as_json)


@queue.command()
@click.argument("number")
@now_option
@json_option
def here(number: str, now: datetime | None, as_json: bool) -> None:
    """Whoever holds NUMBER is there; somebody whose turn has passed waits behind the next few."""
    _arrives(number, now=now, as_json=as_json, states=("waiting", "skipped"))


@queue.command()
@click.argument("number")
@now_option
@json_option
def late(number: str, now: datetime | None, as_json: bool) -> None:
    """Whoever was skipped with NUMBER has come after all, and waits behind the next few."""
    _arrives(number, now=now, as_json=as_json, states=("skipped",))


@queue.command()
@click.argument("number")
@click.argument("reason", type=click.Choice([*PRIORITIES, NOBODY]))
@now_option
@json_option
def priority(number: str, reason: str, now: datetime | None, as_json: bool) -> None:
    """Give NUMBER, which waits, priority for REASON, or take it away."""
    services = open_services(now=now)
    now, facility = services.clock(), services.facility
    with services.database.transaction() as db:
        row = _number(db, facility, number, now=now)
        given = None if reason == NOBODY else reason
        if not set_priority(db, row.id, given, facility=facility, now=now, actor=ACTOR):
            raise click.ClickException(f"{row.code} does not wait: it is {row.state}")
        record(db, actor=ACTOR, action="queue.priority", subject=f"queue_entry:{row.id}", detail=reason, now=now)
    _say({"number": row.code, "priority": given}, f"{row.code}: priority {reason}", as_json=as_json)


def _staff_says(
    act: Callable[..., bool], word: str, number: str | None, room: str | None, *, now: datetime | None, as_json: bool
) -> None:
    services = open_services(now=now)
    now, facility = services.clock(), services.facility
    with services.database.transaction() as db:
        row = _called(db, services, number, room, now=now)
        if not act(db, row.id, facility=facility, now=now, actor=ACTOR):
            raise click.ClickException(f"{row.code} cannot be {word}: it is {row.state}")
        action = f"queue.{act.__name__}"
        record(db, actor=ACTOR, action=action, subject=f"queue_entry:{row.id}", detail="", now=now)
        after = _number(db, facility, row.code, now=now)
    said = {"number": after.code, "state": after.state, "room": after.room, "calls": after.calls}
    _say(said, f"{after.code} {word}", as_json=as_json)


def _arrives(number: str, *, now: datetime | None, as_json: bool, states: tuple[str, ...]) -> None:
    services = open_services(now=now)
    now, facility = services.clock(), services.facility
    with services.database.transaction() as db:
        row = _number(db, facility, number, now=now)
        arrived = None
        if row.state in states:
            arrived = check_in(db, row.id, facility=facility, now=now, actor=ACTOR)
            if arrived is None:
                raise click.ClickException(f"whoever had {row.code} holds another number now")
        if arrived is None:
            raise click.ClickException(f"{row.code} is {row.state}; this is for {' or '.join(states)}")
        record(db, actor=ACTOR, action="queue.here", subject=f"queue_entry:{row.id}", detail="", now=now)
    said = {"number": arrived.code, "is_late": arrived.is_late, "behind": arrived.behind}
    _say(said, f"{arrived.code} is here, {arrived.behind} before it", as_json=as_json)


def _called(db: Session, services: Services, number: str | None, room: str | None, *, now: datetime) -> QueueRow:
    """The number that is meant: by its code, or the one that the room called."""
    facility = services.facility
    if (number is None) == (room is None):
        raise click.UsageError("say either a number such as B12 or --room")
    if number is not None:
        return _number(db, facility, number, now=now)
    place = _known_room(facility, room or "")
    rows = day_list(db, facility.today(now), poli=place.poli, facility=facility)
    found = next((row for row in rows if row.room == place.id and row.state in BEING_SERVED), None)
    if found is None:
        raise click.ClickException(f"no number is called in {place.id}")
    return found


def _number(db: Session, facility: Facility, code: str, *, now: datetime) -> QueueRow:
    found = number_on(db, facility.today(now), code, facility=facility)
    if found is None:
        raise click.ClickException(
            f"there is no number {code!r} today; a number looks like {facility.polis[0].letter}12"
        )
    return found


def _place(facility: Facility, poli: str | None, room: str | None) -> Room:
    if poli is None and room is None:
        raise click.UsageError("say a poli, or --room")
    if poli is not None:
        _known_poli(facility, poli)
    if room is None:
        rooms = facility.rooms_of(poli or "")
        if len(rooms) > 1:
            raise click.ClickException(f"{poli} has several rooms: --room {' or '.join(each.id for each in rooms)}")
        return rooms[0]
    place = _known_room(facility, room)
    if poli not in (None, place.poli):
        raise click.ClickException(f"room {room!r} is not one of poli {poli!r}")
    return place


def _known_poli(facility: Facility, poli: str) -> None:
    if facility.poli(poli) is None:
        known = ", ".join(each.id for each in facility.polis)
        raise click.ClickException(f"there is no poli {poli!r}; there are: {known}")


def _known_room(facility: Facility, room: str) -> Room:
    found = facility.room(room)
    if found is None:
        known = ", ".join(each.id for poli in facility.polis for each in facility.rooms_of(poli.id))
        raise click.ClickException(f"there is no room {room!r}; there are: {known}")
    return found


def _say(facts: dict[str, Any], words: str, *, as_json: bool) -> None:
    print_json(facts) if as_json else click.echo(words)


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


def _as_json(row: QueueRow, *, show_identity: bool) -> dict[str, Any]:
    return _as_row(row, show_identity=show_identity) | {
        "room": row.room,
        "calls": row.calls,
        "priority": row.priority,
        "arrived_at": row.arrived_at,
        "called_at": row.called_at,
        "served_at": row.served_at,
        "done_at": row.done_at,
    }
