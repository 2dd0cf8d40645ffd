"""The board on the wall."""

from __future__ import annotations

import re

from tests.pages_world import World


def read(world: World, address: str = "/board") -> str:
    response = world.visitor().get(address)
    assert 200 == response.status_code
    return response.get_data(as_text=True)


def test_the_board_shows_the_number_that_is_served_and_the_next_three(world: World) -> None:
    for number, state in enumerate(("done", "called", "waiting", "waiting", "waiting", "waiting"), 1):
        world.add_ticket("gigi", number, "Pasien", state)
    html = read(world, "/board/gigi")
    assert ["B2"] == re.findall(r'class="serving"[^>]*>([A-Z]\d+)<', html)
    assert ["B3", "B4", "B5"] == re.findall(r"<b>([A-Z]\d+)</b>", html)
    assert "4 menunggu" in html


def test_the_board_never_shows_a_name(world: World) -> None:
    world.add_ticket("gigi", 1, "Ratna Dewi", "called")
    world.add_ticket("gigi", 2, "Joko Susilo")
    for address in ("/board", "/board/gigi", "/board/live/all", "/board/live/gigi"):
        html = read(world, address)
        assert ("Ratna" in html, "Joko" in html) == (False, False), address


def test_the_whole_board_shows_every_poli(world: World) -> None:
    names = re.findall(r"<h2>([^<]+)</h2>", read(world))
    assert [poli.name for poli in world.services.facility.polis] == names


def test_an_empty_poli_says_that_nobody_has_a_number(world: World) -> None:
    assert "Belum ada antrian" in read(world, "/board/gigi")


def test_the_board_refreshes_itself_with_and_without_scripts(world: World) -> None:
    html = read(world, "/board/gigi")
    assert 'hx-get="/board/live/gigi"' in html
    assert '<noscript><meta http-equiv="refresh"' in html


def test_every_part_that_refreshes_itself_brings_the_warning_that_it_may_be_stale(world: World) -> None:
    client = world.logged_in()
    for address in ("/board/live/all", "/board/live/gigi", "/inbox/live/cases", "/inbox/live/queue"):
        assert 'class="stale"' in client.get(address).get_data(as_text=True), address


def test_a_poli_that_does_not_exist_has_no_board(world: World) -> None:
    assert 404 == world.visitor().get("/board/mata").status_code
