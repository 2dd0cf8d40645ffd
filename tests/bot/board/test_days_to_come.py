"""Numbers for the next open day: on the board by number only, in the inbox with names."""

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


def test_staff_see_the_names_of_a_day_to_come_and_cannot_call_them_yet(world: World) -> None:
    book(world, "Siti Contoh")
    page = world.logged_in().get(f"/inbox/queue?poli=gigi&day={TOMORROW}").text
    assert "Siti Contoh" in page
    assert "Panggil berikutnya" not in page


def test_a_day_that_cannot_be_booked_shows_today(world: World) -> None:
    page = world.logged_in().get("/inbox/queue?poli=gigi&day=2031-01-01").text
    assert "Panggil berikutnya" in page
