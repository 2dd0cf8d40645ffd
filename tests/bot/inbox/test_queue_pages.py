"""Today's queue as the counter works with it."""

from __future__ import annotations

import re

from tests.pages_world import World, send


def numbers(html: str) -> list[str]:
    return re.findall(r'<strong class="number">([^<]+)</strong>', html)


def read(world: World, poli: str = "gigi") -> str:
    return world.logged_in().get(f"/inbox/queue?poli={poli}").get_data(as_text=True)


def test_the_list_shows_who_is_called_first_then_who_waits_then_the_rest(world: World) -> None:
    for number, state in enumerate(("done", "skipped", "called", "waiting", "waiting"), 1):
        world.add_ticket("gigi", number, f"Pasien {number}", state)
    assert ["B3", "B4", "B5", "B1", "B2"] == numbers(read(world))


def test_another_polis_numbers_stand_on_its_own_page(world: World) -> None:
    world.add_ticket("gigi", 1, "Pasien Gigi")
    world.add_ticket("umum", 1, "Pasien Umum")
    assert (["B1"], ["A1"]) == (numbers(read(world)), numbers(read(world, "umum")))


def test_calling_the_next_number_calls_the_lowest_that_waits(world: World) -> None:
    world.add_ticket("gigi", 1, "Pasien Satu")
    world.add_ticket("gigi", 2, "Pasien Dua")
    client = world.logged_in()
    send(client, "/inbox/queue/call", page="/inbox/queue", poli="gigi")
    html = client.get("/inbox/queue?poli=gigi").get_data(as_text=True)
    assert "Nomor berikut dipanggil." in html
    assert ["dipanggil", "menunggu"] == re.findall(r"SMS · (\w+)", html)


def test_nobody_to_call_is_said_plainly(world: World) -> None:
    client = world.logged_in()
    send(client, "/inbox/queue/call", page="/inbox/queue", poli="gigi")
    assert "Tidak ada yang menunggu." in client.get("/inbox/queue?poli=gigi").get_data(as_text=True)


def test_a_called_number_is_finished_or_skipped(world: World) -> None:
    done, skipped = (world.add_ticket("gigi", number, "Pasien", "called") for number in (1, 2))
    client = world.logged_in()
    send(client, f"/inbox/queue/{done}/done", page="/inbox/queue", poli="gigi")
    send(client, f"/inbox/queue/{skipped}/skip", page="/inbox/queue", poli="gigi")
    html = client.get("/inbox/queue?poli=gigi").get_data(as_text=True)
    assert ["selesai", "dilewati"] == re.findall(r"SMS · (\w+)", html)


def test_a_poli_that_does_not_exist_cannot_be_called(world: World) -> None:
    response = send(world.logged_in(), "/inbox/queue/call", page="/inbox/queue", poli="<b>")
    assert 404 == response.status_code
