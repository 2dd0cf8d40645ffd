"""The day of every poli at a glance, as the counter opens it."""

from __future__ import annotations

import re
from datetime import date

import pytest

from clinic.facility_queue import Room
from clinic.queue_sessions import add_change
from tests.bot.inbox.queue_day import MONDAY, QueueDay, plain
from tests.pages_world import World

TOMORROW = date(2026, 11, 24)


def read(world: World, address: str = "/inbox/queue") -> str:
    return world.logged_in().get(address).get_data(as_text=True)


def numbers(html: str, poli: str) -> list[str]:
    part = html.split(f'id="daftar-{poli}"')[1].split("</details>")[0]
    return re.findall(r'<strong class="number">([^<]+)</strong>', part)


def test_the_list_shows_who_is_called_first_then_who_waits_then_the_rest(world: World) -> None:
    for number, state in enumerate(("done", "skipped", "called", "waiting", "waiting"), 1):
        world.add_ticket("gigi", number, f"Pasien {number}", state)
    assert ["B3", "B4", "B5", "B1", "B2"] == numbers(read(world), "gigi")


def test_every_poli_of_the_day_has_its_door_its_sessions_and_its_own_numbers(world: World) -> None:
    day = QueueDay(world)
    day.book("Siti", poli="gigi", is_there=True)
    day.book("Budi", poli="umum")
    day.call("gigi")
    html = read(world)
    assert (["B1"], ["A1"]) == (numbers(html, "gigi"), numbers(html, "umum"))
    text = plain(html)
    assert "pagi 08.00-11.00 · 1 dari 40" in text
    assert "Sekarang B1 · menunggu 0" in text
    assert "menunggu 1 , hadir 0" in text
    assert 'href="/inbox/queue/gigi"' in html
    assert "Imunisasi" not in text, "not served on a Monday"


def test_a_poli_with_two_rooms_has_a_door_for_each(world: World) -> None:
    rooms = (Room(id="umum1", name="Ruang Satu", poli="umum"), Room(id="umum2", name="Ruang Dua", poli="umum"))
    object.__setattr__(world.services, "facility", world.services.facility.model_copy(update={"rooms": rooms}))
    html = read(world)
    assert 'href="/inbox/queue/umum1"' in html
    assert 'href="/inbox/queue/umum2"' in html


def test_a_day_to_come_lists_its_numbers_and_calls_nobody(world: World) -> None:
    QueueDay(world).book("Siti Contoh", poli="imunisasi", day=TOMORROW)
    html = read(world, f"/inbox/queue?day={TOMORROW}")
    assert ["D1"] == numbers(html, "imunisasi")
    assert "Siti Contoh" in html
    assert "Buka ruang" not in html


@pytest.mark.parametrize("day", ["2031-01-01", "2026-11-22", "x"])
def test_a_day_that_cannot_be_booked_shows_today(world: World, day: str) -> None:
    html = read(world, f"/inbox/queue?day={day}")
    assert "<h1>Antrian hari ini</h1>" in html
    assert "Buka ruang" in html


def test_a_closed_session_and_a_full_one_are_marked(world: World) -> None:
    with world.services.database.transaction() as db:
        add_change(
            db, poli="gigi", day=MONDAY, session="pagi", kind="late", late_minutes=45, reason="macet", staff_id=1,
            now=world.clock(),
        )  # fmt: skip
    for number in range(6):
        QueueDay(world).book(f"Orang {number}", poli="gigi", session="siang")
    text = plain(read(world))
    assert "0 dari 12 mulai terlambat 45 menit" in text
    assert "6 dari 6 penuh" in text


def test_the_part_that_refreshes_itself_is_silent_while_nothing_changes(world: World) -> None:
    client = world.logged_in()
    part = client.get("/inbox/live/queue").get_data(as_text=True)
    seen = re.findall(r'name="seen" value="(\w+)"', part)[0]
    assert 204 == client.get(f"/inbox/live/queue?seen={seen}").status_code
    QueueDay(world).book("Siti")
    assert 200 == client.get(f"/inbox/live/queue?seen={seen}").status_code


def test_a_page_that_refreshes_itself_keeps_nobody_logged_in(world: World) -> None:
    client = world.logged_in()
    for address in ("/inbox/live/queue", "/inbox/live/queue/umum"):
        world.clock.forward(minutes=20)
        answer = client.get(address)
    assert 302 == answer.status_code
    assert "/inbox/login" in answer.location
