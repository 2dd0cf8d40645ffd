"""The page of who did what, for admins only."""

from __future__ import annotations

import pytest

from tests.pages_world import World, send


def test_only_an_admin_reads_who_did_what(world: World) -> None:
    answers = [world.logged_in(name).get("/inbox/audit").status_code for name in ("sari", "budi")]
    assert [403, 200] == answers


def test_the_page_names_who_did_it_and_what(world: World) -> None:
    world.add_case(None, "K1", "satu")
    send(world.logged_in("sari"), "/inbox/cases/K1/take", page="/inbox/account")
    html = world.logged_in("budi").get("/inbox/audit").get_data(as_text=True)
    assert ("Sari Wulandari" in html, "mengambil kasus" in html, "case:1" in html) == (True, True, True)


def test_older_acts_stand_on_the_next_page(world: World) -> None:
    client = world.logged_in("budi")
    world.add_case(None, "K1", "satu")
    for _ in range(101):
        send(client, "/inbox/cases/K1/take", page="/inbox/account")
    assert "before=3" in client.get("/inbox/audit").get_data(as_text=True)
    assert "masuk" in client.get("/inbox/audit?before=3").get_data(as_text=True)


@pytest.mark.parametrize(("name", "offered"), [("sari", False), ("budi", True)])
def test_the_link_to_it_is_offered_to_admins_alone(world: World, name: str, offered: bool) -> None:
    html = world.logged_in(name).get("/inbox/account").get_data(as_text=True)
    assert offered == ('href="/inbox/audit"' in html)
