"""From the outbox through a gateway and its phone to the patient and back: once, whatever breaks on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from bot.channels.android import AndroidChannel
from bot.channels.android_http import AndroidHttp
from bot.delivery import Delivery
from bot.services import Services
from bot.settings import Settings
from bot.webhooks import android
from clinic.contacts import Address
from clinic.identity import IdentityKeeper
from clinic.inbound_table import InboundMessage
from tests.android_gateway import KEY, PASSWORD, USER, AndroidGateway, running, signed
from tests.sent_world import PATIENT, SentWorld


@dataclass
class Line:
    """Our delivery, a gateway with a phone, and our webhook, joined."""

    world: SentWorld
    gateway: AndroidGateway
    delivery: Delivery
    client: Any

    def minutes(self, count: int) -> None:
        """Let time pass as the worker does."""
        for _ in range(count):
            self.delivery.deliver_due()
            self.world.clock.forward(minutes=1)
            self.delivery.resolve_unknown()
        self.delivery.deliver_due()

    def report(self, events: list[dict[str, Any]] | None = None) -> None:
        """The phone tells what it has to tell."""
        for event in self.gateway.fetch_events() if events is None else events:
            body, headers = signed(event, at=self.world.clock())
            assert self.client.post("/webhooks/android/sms", data=body, headers=headers).status_code == 200

    def only_id(self) -> str:
        (message_id,) = self.gateway.messages
        return message_id

    def texts(self) -> list[str]:
        return sorted(kept.text for kept in self.gateway.messages.values())


@pytest.fixture
def line(sent_world: SentWorld) -> Iterator[Line]:
    gateway = AndroidGateway(sent_world.clock)
    with running(gateway) as url:
        http = AndroidHttp(url, username=USER, password=PASSWORD, connect_seconds=1.0, read_seconds=1.0)
        delivery = Delivery(
            database=sent_world.database,
            facility=sent_world.facility,
            channels={"android": AndroidChannel(http)},
            clock=sent_world.clock,
            worker="w",
            random=Random(1),
        )
        with webhook_over(sent_world).test_client() as client:
            yield Line(sent_world, gateway, delivery, client)
        delivery.close()


def webhook_over(world: SentWorld) -> Flask:
    settings = Settings.from_environment(
        {
            "SAPA_SECRET_KEY": "a secret of the tests",  # pragma: allowlist secret
            "SAPA_ANDROID_WEBHOOK_KEY": KEY,
        }
    )
    app = Flask("webhooks")
    app.extensions["sapa"] = Services(
        settings=settings,
        facility=world.facility,
        database=world.database,
        keeper=IdentityKeeper(settings.secret_key),
        clock=world.clock,
    )
    app.register_blueprint(android.pages)
    return app


def test_a_message_goes_to_the_patient_and_the_report_comes_back(line: Line) -> None:
    message_id = line.world.queue("Antrian Gigi: B12.", channel="sms")
    line.delivery.deliver_due()
    assert line.world.row(message_id).state == "sent"
    line.gateway.run_phone()
    line.gateway.deliver(line.only_id())
    line.report()
    row = line.world.row(message_id)
    assert (row.state, row.route, row.provider_id) == ("delivered", "android", f"android:{line.only_id()}")
    with line.world.database.reading() as db:
        address = db.scalars(select(Address)).one()
    assert (address.route, address.last_delivered_at) == ("android", line.world.clock())


def test_reports_that_come_in_any_order_and_twice_end_in_the_same(line: Line) -> None:
    message_id = line.world.queue(channel="sms")
    line.delivery.deliver_due()
    line.gateway.run_phone()
    line.gateway.deliver(line.only_id())
    told = line.gateway.fetch_events()
    line.report([*reversed(told), *told, *told])
    assert (line.world.row(message_id).state, line.world.cases()) == ("delivered", [])


def test_a_phone_that_is_off_sends_when_it_is_on_again(line: Line) -> None:
    message_id = line.world.queue(channel="sms", useful_hours=12)
    line.delivery.deliver_due()
    line.minutes(180)
    assert (line.gateway.waiting(), line.world.row(message_id).state) == (1, "sent")
    line.gateway.run_phone()
    line.gateway.deliver(line.only_id())
    line.report()
    assert (line.world.row(message_id).state, len(line.gateway.messages)) == ("delivered", 1)


def test_a_phone_that_was_off_for_too_long_sends_nothing_useless(line: Line) -> None:
    for number in range(3):
        line.world.queue(f"Antrian Gigi: B{number}.", channel="sms", to=f"+628120000000{number}", useful_hours=2)
        line.delivery.deliver_due()
        line.world.clock.forward(seconds=5)
    line.world.clock.forward(hours=3)
    line.gateway.run_phone()
    line.report()
    assert line.world.states() == ["failed"] * 3
    assert [case.topic for case in line.world.cases()] == ["android_expired"]


def test_a_lost_answer_does_not_double_the_message(line: Line) -> None:
    message_id = line.world.queue(channel="sms")
    line.gateway.loses_answers = True
    line.delivery.deliver_due()
    assert line.world.row(message_id).state == "unknown"
    line.gateway.loses_answers = False
    line.minutes(2)
    assert (line.world.row(message_id).state, len(line.gateway.messages)) == ("sent", 1)


def test_a_report_that_came_while_the_answer_was_lost_is_not_lost(line: Line) -> None:
    message_id = line.world.queue(channel="sms")
    line.gateway.loses_answers = True
    line.delivery.deliver_due()
    line.gateway.loses_answers = False
    line.gateway.run_phone()
    line.gateway.deliver(line.only_id())
    line.report()
    assert line.world.row(message_id).state == "unknown"
    line.minutes(2)
    assert line.world.row(message_id).state == "delivered"


def test_what_the_gateway_never_took_is_sent_once(line: Line) -> None:
    message_id = line.world.queue(channel="sms")
    line.gateway.answers = [500]
    line.minutes(3)
    assert (line.world.row(message_id).state, len(line.gateway.messages)) == ("sent", 1)


def test_a_full_queue_is_waited_for(line: Line) -> None:
    for number in range(4):
        line.world.queue(f"Pesan {number}", channel="sms", to=f"+628120000000{number}")
    line.gateway.room = 2
    line.minutes(5)
    assert len(line.gateway.messages) == 2
    for _ in range(3):
        line.gateway.run_phone()
        line.minutes(10)
    assert line.texts() == [f"Pesan {number}" for number in range(4)]
    assert line.world.states() == ["sent"] * 4


def test_no_signal_is_tried_again_and_then_told(line: Line) -> None:
    line.world.queue(channel="sms")
    for _ in range(5):
        line.minutes(6)
        for kept in list(line.gateway.messages.values()):
            if kept.state == "Pending":
                line.gateway.fail(kept.id, "Send result: RESULT_ERROR_NO_SERVICE (no service)")
        line.report()
    assert (len(line.gateway.messages), [case.topic for case in line.world.cases()]) == (4, ["android_no_signal"])


def test_a_patient_who_wrote_by_the_phone_is_found_there(line: Line) -> None:
    line.gateway.receive("081200000001", "daftar")
    line.gateway.receive("TELKOMSEL", "Sisa pulsa Anda Rp100")
    line.report()
    with line.world.database.reading() as db:
        messages = list(db.scalars(select(InboundMessage)))
    assert [message.text for message in messages] == ["daftar"]
    line.world.queue("Mau ke poli apa?", channel="sms", to=PATIENT)
    line.delivery.deliver_due()
    assert line.gateway.messages[line.only_id()].to == PATIENT


@pytest.mark.parametrize("seed", range(5))
def test_whatever_breaks_every_message_is_taken_once(line: Line, seed: int) -> None:
    chance = Random(seed)
    texts = [f"Pesan {number:02}" for number in range(12)]
    for number, text in enumerate(texts):
        line.world.queue(text, channel="sms", to=f"+62812000000{number:02}", key=f"inbound:{number}:1")
    for _ in range(60):
        line.gateway.answers = [chance.choice([500, 502, 503, 401, 429]) for _ in range(chance.randrange(3))]
        line.gateway.loses_answers = chance.random() < 0.3
        line.minutes(1)
    line.gateway.answers, line.gateway.loses_answers = [], False
    line.minutes(60)
    line.gateway.run_phone()
    line.report()
    assert line.texts() == texts
    assert line.world.states() == ["sent"] * len(texts)
