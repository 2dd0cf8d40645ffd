"""Numbers for the next open day: on the board, by number only."""

from __future__ import annotations

from datetime import date

from clinic.people import add_person
from clinic.queue import cancel_number, take_number
from tests.pages_world import World

TOMORROW = date(2026, 11, 24)


def book(world: World, *names: str, poli: str = "gigi", day: date = TOMORROW) -> list[int]:
    services, ids = world.services, []
    with services.database.transaction() as db:
        for name in names:
            person = add_person(db, name=name, keeper=services.keeper, now=world.clock())
            ticket = take_number(
                db, facility=services.facility, poli=poli, day=day, session="pagi", person_id=person.id,
                contact_id=None, via="counter", now=world.clock(),
            )  # fmt: skip
            ids.append(ticket.id)
    return ids


def test_the_board_lists_the_numbers_of_the_next_open_day_and_no_name(world: World) -> None:
    ids = book(world, "Siti", "Budi", "Rohani", "Yuli")
    with world.services.database.transaction() as db:
        cancel_number(db, ids[2], facility=world.services.facility, now=world.clock())
    page = world.visitor().get("/board").text
    assert "<b>B1-B2</b> <b>B4</b>" in page
    assert "Siti" not in page
