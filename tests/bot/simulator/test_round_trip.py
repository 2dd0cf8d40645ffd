"""The demo's whole way, over HTTP: a phone writes, we answer, the carrier tells what became of it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from bot.channels.routing import open_channels
from bot.delivery import Delivery
from bot.simulator.carrier_store import CarrierStore
from bot.simulator.patient import post_signed_message, sms_form, whatsapp_form
from clinic.inbound_table import InboundMessage
from clinic.outbox import OutboxMessage, queue_message
from tests.pages_world import World, build_world

PATIENT = "+6281200000001"
PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class Demo:
    """A demo centre that listens on a port of its own."""

    world: World
    url: str

    def hear(self, form: dict[str, str]) -> int:
        return post_signed_message(self.url, self.world.services.settings.twilio_auth_token, form)

    def inbound(self) -> list[InboundMessage]:
        with self.world.services.database.reading() as db:
            return list(db.scalars(select(InboundMessage)))

    def outbound(self) -> list[OutboxMessage]:
        with self.world.services.database.reading() as db:
            return list(db.scalars(select(OutboxMessage)))

    def answer(self, text: str) -> None:
        services, (heard,) = self.world.services, self.inbound()
        with services.database.transaction() as db:
            queue_message(
                db,
                key=f"inbound:{heard.id}:1",
                contact_id=heard.contact_id,
                address_id=heard.address_id,
                channel=heard.channel,
                text=text,
                now=services.clock(),
            )

    def phone(self, address: str) -> list[str]:
        return [kept.body for kept in CarrierStore(self.world.services.carrier_path).messages_for(address)]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    world = build_world(tmp_path, SAPA_PORT=str(port))
    server = make_server("127.0.0.1", port, world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield Demo(world=world, url=f"http://127.0.0.1:{port}")
    server.shutdown()
    thread.join(timeout=5)
    world.services.database.close()


def eventually(claim: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not claim() and time.monotonic() < deadline:
        time.sleep(0.05)
    return claim()


def deliver(demo: Demo) -> None:
    services = demo.world.services
    delivery = Delivery(
        database=services.database,
        facility=services.facility,
        channels=open_channels(services.settings),
        clock=services.clock,
        worker="w",
        random=Random(1),
    )
    delivery.deliver_due()
    delivery.close()


@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
def test_an_answer_reaches_the_phone_and_its_delivery_reaches_us(demo: Demo, channel: str) -> None:
    make_form = whatsapp_form if channel == "whatsapp" else sms_form
    assert demo.hear(make_form(sender=PATIENT, recipient="+62811000001", text="halo")) == 200
    demo.answer("Baik.")
    deliver(demo)
    assert demo.phone(f"whatsapp:{PATIENT}" if channel == "whatsapp" else PATIENT) == ["Baik."]
    assert eventually(lambda: [row.state for row in demo.outbound()] == ["delivered"])


def test_a_phone_with_the_wrong_token_is_not_heard(demo: Demo) -> None:
    form = sms_form(sender=PATIENT, recipient="+62811000002", text="halo")
    assert (post_signed_message(demo.url, "wrong", form), demo.inbound()) == (403, [])


def test_a_user_who_hides_the_number_is_answered_where_the_message_came_from(demo: Demo) -> None:
    user_id = "ID.1000000000000009"
    both = whatsapp_form(sender=PATIENT, recipient="+62811000001", text="halo", user_id=user_id)
    hidden = whatsapp_form(sender=user_id, recipient="+62811000001", text="menu", user_id=user_id)
    assert [200, 200] == [demo.hear(both), demo.hear(hidden)]
    first, second = demo.inbound()
    assert (True, True) == (first.contact_id == second.contact_id, first.address_id != second.address_id)
    services = demo.world.services
    with services.database.transaction() as db:
        queue_message(
            db,
            key=f"inbound:{second.id}:1",
            contact_id=second.contact_id,
            address_id=second.address_id,
            channel="whatsapp",
            text="Baik.",
            now=services.clock(),
        )
    deliver(demo)
    assert (["Baik."], []) == (demo.phone(f"whatsapp:{user_id}"), demo.phone(f"whatsapp:{PATIENT}"))
