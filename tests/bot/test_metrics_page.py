"""The metrics page: who may read it, what it shows of the database, and that it names nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from bot.app import create_app
from clinic import routes
from clinic.database import Base
from clinic.heartbeats import beat
from clinic.inbound import receive
from tests.pages_world import World, build_world

TOKEN = "a-token-for-tests"  # pragma: allowlist secret


def with_settings(world: World, **changes: object) -> World:
    services = replace(world.services, settings=replace(world.services.settings, **changes))  # type: ignore[arg-type]
    return World(services=services, app=create_app(services), clock=world.clock)


def scrape(world: World) -> Mapping[str, Metric]:
    response = world.visitor().get("/metrics")
    assert response.status_code == 200
    return {family.name: family for family in text_string_to_metric_families(response.get_data(as_text=True))}


def samples(families: Mapping[str, Metric], name: str) -> dict[tuple[str, ...], float]:
    return {tuple(sample.labels.values()): sample.value for sample in families[name].samples}


def test_this_machine_needs_no_token_and_another_one_is_refused(world: World) -> None:
    assert 200 == world.visitor().get("/metrics").status_code

    refused = world.visitor().get("/metrics", environ_base={"REMOTE_ADDR": "192.168.1.20"})
    assert (403, True) == (refused.status_code, "SAPA_METRICS_TOKEN" in refused.get_data(as_text=True))


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Proto"])
def test_who_comes_through_a_proxy_is_not_this_machine(world: World, header: str) -> None:
    assert 403 == world.visitor().get("/metrics", headers={header: "for=203.0.113.9"}).status_code


def test_behind_a_public_address_everybody_needs_the_token(world: World) -> None:
    """A proxy that adds no header makes the whole internet look like this machine."""
    public = with_settings(world, public_url="https://sapa.example.org", metrics_token=TOKEN)

    assert 403 == public.visitor().get("/metrics").status_code
    shown = public.visitor().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert 200 == shown.status_code


@pytest.mark.parametrize("shown", ["Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer "])
def test_a_wrong_token_is_refused_from_everywhere(world: World, shown: str) -> None:
    guarded = with_settings(world, metrics_token=TOKEN)

    assert 403 == guarded.visitor().get("/metrics", headers={"Authorization": shown}).status_code


def test_an_empty_token_opens_nothing(world: World) -> None:
    far = {"REMOTE_ADDR": "192.168.1.20"}

    assert 403 == world.visitor().get("/metrics", headers={"Authorization": "Bearer "}, environ_base=far).status_code


def test_it_shows_what_waits_and_since_when(world: World) -> None:
    contact = world.add_contact("Bu Ani", "+6281200000001")
    world.said(contact, "Halo", minutes_ago=4, state="queued")
    world.said(contact, "Halo lagi", minutes_ago=2, state="unknown")
    world.said(contact, "Sudah", minutes_ago=9, state="delivered")
    shown = scrape(world)

    assert 240 == samples(shown, "sapa_outbox_oldest_seconds")[("whatsapp",)]
    assert 0 == samples(shown, "sapa_outbox_oldest_seconds")[("sms",)]
    waiting = samples(shown, "sapa_outbox_messages")
    assert (1, 1, 0) == tuple(waiting[("whatsapp", state)] for state in ("queued", "unknown", "sending"))


def test_it_shows_cases_heartbeats_and_how_each_route_is(world: World) -> None:
    world.add_case(None, "K90", "rahasia", kind="emergency", urgent=True)
    now = world.clock()
    with world.services.database.transaction() as db:
        beat(db, part="worker", now=now)
        for _ in range(routes.OPENS_AFTER):
            routes.note_failure(db, "whatsapp", error="unreachable", now=now)
        routes.note_ok(db, "twilio_sms", now=now - timedelta(minutes=1))
        routes.note_look(db, "gammu", seen_at=now, trouble="modem_dead")
    shown = scrape(world)

    assert 1 == samples(shown, "sapa_open_cases")[("emergency", "yes")]
    assert now.timestamp() == samples(shown, "sapa_heartbeat_timestamp_seconds")[("worker",)]
    assert {("gammu",): 0, ("twilio_sms",): 0, ("whatsapp",): 1} == samples(shown, "sapa_route_resting")
    assert {("gammu", "modem_dead"): 1} == samples(shown, "sapa_route_trouble")
    last_ok = samples(shown, "sapa_route_last_ok_timestamp_seconds")
    assert {("twilio_sms",): now.timestamp() - 60} == last_ok


def test_it_counts_who_waits_for_an_answer(world: World) -> None:
    now = world.clock()
    with world.services.database.transaction() as db:
        for number in range(2):
            at = now - timedelta(seconds=30 * number)
            receive(db, provider_id=f"SM{number}", channel="sms", address=f"+628120000001{number}", text="halo", now=at)
    shown = scrape(world)

    assert 2 == samples(shown, "sapa_unanswered_contacts")[()]
    assert 30 == samples(shown, "sapa_unanswered_oldest_seconds")[()]


def test_a_database_that_does_not_answer_is_shown_as_such(tmp_path: Path) -> None:
    world = build_world(tmp_path)
    Base.metadata.drop_all(world.services.database.engine)

    assert {(): 0.0} == samples(scrape(world), "sapa_database_up")
    world.services.database.close()


def test_it_names_nobody(world: World) -> None:
    contact = world.add_contact("Bu Ani Kurniawati", "+6281200000001")
    world.hears(contact, "anak saya demam tinggi")
    world.said(contact, "Antrian Gigi: B12.", state="queued")
    world.add_case(contact, "K91", "minta dihubungi Pak Budi")
    text = world.visitor().get("/metrics").get_data(as_text=True)

    for secret in ("81200000001", "Ani", "Kurniawati", "demam", "B12", "Budi", "K91"):
        assert secret not in text
