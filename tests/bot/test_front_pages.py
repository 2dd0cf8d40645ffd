"""The front page and the health page."""

from __future__ import annotations

from clinic.database import Base
from clinic.heartbeats import beat
from tests.pages_world import World


def health(world: World) -> tuple[int, dict]:
    response = world.visitor().get("/healthz")
    return response.status_code, response.get_json()


def test_the_front_page_names_every_door(world: World) -> None:
    html = world.visitor().get("/").get_data(as_text=True)
    for door in ("/simulator", "/inbox", "/board", "/healthz"):
        assert f'href="{door}"' in html


def test_an_unknown_page_is_answered_in_indonesian(world: World) -> None:
    response = world.visitor().get("/tidak-ada")
    assert (404, True) == (response.status_code, "Halaman ini tidak ada" in response.get_data(as_text=True))


def test_a_form_that_is_too_large_is_refused(world: World) -> None:
    response = world.visitor().post("/inbox/login", data={"username": "a" * 300_000})
    assert 413 == response.status_code


def test_health_names_the_parts_that_are_down(world: World) -> None:
    status, body = health(world)
    assert (503, "down", ["parser", "worker"]) == (status, body["status"], body["down"])


def test_a_worker_that_was_heard_of_a_minute_ago_is_up_and_later_it_is_down(world: World) -> None:
    with world.services.database.transaction() as db:
        beat(db, part="worker", now=world.clock(), detail="deliver")
        beat(db, part="worker", now=world.clock(), detail="deliver again")
    world.clock.forward(seconds=60)
    _, body = health(world)
    assert {"ok": True, "age_seconds": 60} == body["parts"]["worker"]
    world.clock.forward(seconds=1)
    _, body = health(world)
    assert {"ok": False, "age_seconds": 61} == body["parts"]["worker"]


def test_a_message_that_waits_too_long_to_be_sent_is_a_part_that_is_down(world: World) -> None:
    contact = world.add_contact("Bu Ani", "+6281200000001")
    world.said(contact, "Halo", minutes_ago=2.9, state="queued")
    assert "outbox" not in health(world)[1]["down"]
    world.clock.forward(minutes=1)
    assert "outbox" in health(world)[1]["down"]


def test_a_database_without_tables_is_a_part_that_is_down(world: World) -> None:
    Base.metadata.drop_all(world.services.database.engine)
    status, body = health(world)
    assert (503, True) == (status, "database" in body["down"])
