"""A worker that is frozen in the middle of a call, as with a suspended machine, and wakes after its lease is over."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from bot.channels import Accepted, Outgoing, SendFailed, SendUnknown
from bot.delivery import LEASE_SECONDS, Delivery
from clinic.database import Database, open_database
from clinic.facility import Facility
from clinic.outbox import OutboxMessage
from tests.bot.fake_channel import FakeChannel
from tests.processes import wait_until
from tests.sent_world import Clock, SentWorld
from tests.twilio_fake.running import SapaWithFake

PATIENT = "+6281200000081"
WAIT_SECONDS = 20.0


@dataclass
class SlowChannel(FakeChannel):
    """Stops in the middle of its first call until it is let go on."""

    called: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def send(self, message: Outgoing) -> Accepted:
        if not self.called.is_set():
            self.called.set()
            assert self.go_on.wait(WAIT_SECONDS)
        return super().send(message)


@pytest.fixture
def sent_world(database: Database, facility: Facility) -> SentWorld:
    return SentWorld(database=database, facility=facility, clock=Clock())


OpenWorker = Callable[[str, FakeChannel], Delivery]


@pytest.fixture
def open_worker(sent_world: SentWorld) -> Iterator[OpenWorker]:
    opened: list[Delivery] = []

    def open_one(name: str, channel: FakeChannel) -> Delivery:
        delivery = Delivery(
            database=sent_world.database,
            facility=sent_world.facility,
            channels={"whatsapp": channel},
            clock=sent_world.clock,
            worker=name,
            random=Random(1),
        )
        opened.append(delivery)
        return delivery

    yield open_one
    for delivery in opened:
        delivery.close()


def in_the_background(delivery: Delivery) -> threading.Thread:
    thread = threading.Thread(target=delivery.deliver_due)
    thread.start()
    return thread


@pytest.mark.parametrize(
    "late",
    [
        pytest.param(SendFailed("20503", action="retry"), id="503"),
        pytest.param(SendFailed("63007", action="tell_staff"), id="refused"),
        pytest.param(SendUnknown("ReadTimeout"), id="broken off"),
    ],
)
def test_a_result_that_comes_after_the_lease_says_nothing_about_the_try_of_another(
    sent_world: SentWorld, open_worker: OpenWorker, late: Exception
) -> None:
    frozen, second, third = SlowChannel(failures=[late]), SlowChannel(), FakeChannel()
    message_id = sent_world.queue()
    first_worker = in_the_background(open_worker("frozen", frozen))
    assert frozen.called.wait(WAIT_SECONDS)

    sent_world.clock.forward(seconds=LEASE_SECONDS + 1)
    other = open_worker("second", second)
    other.resolve_unknown()
    other_worker = in_the_background(other)
    assert second.called.wait(WAIT_SECONDS), "asked, not found, and on its way anew"

    frozen.go_on.set()
    first_worker.join()
    sent_world.clock.forward(seconds=20)
    open_worker("third", third).deliver_due()
    second.go_on.set()
    other_worker.join()
    assert len(second.taken) + len(third.taken) == 1
    assert sent_world.row(message_id).state == "sent"
    assert sent_world.cases() == []


@pytest.fixture
def sapa(tmp_path: Path) -> Iterator[SapaWithFake]:
    sapa = SapaWithFake(tmp_path)
    try:
        sapa.start("fake", "web", "worker", "worker-2")
        yield sapa
    finally:
        sapa.stop()


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["no answer within 14 s, taken at once", "504 before taking it"])
def test_a_worker_stopped_in_its_call_for_longer_than_its_lease_doubles_nothing(sapa: SapaWithFake, fault: str) -> None:
    database = open_database(sapa.database_url)
    sapa.tell_fake("next", fault)
    assert sapa.post(sapa.form("0", sender=PATIENT)) == 200
    wait_until(lambda: bool(sapa.journal.requests()), seconds=20, what="the worker calls")
    row = _row(database)
    worker = int(str(row.claimed_by).split(":")[1])
    os.kill(worker, signal.SIGSTOP)
    try:
        wait_until(lambda: _row(database).state in ("delivered", "read"), seconds=150, what="the other one takes over")
        assert row.attempted_at is not None and row.claimed_until is not None
        assert row.claimed_until - row.attempted_at == timedelta(seconds=LEASE_SECONDS)
    finally:
        os.kill(worker, signal.SIGCONT)
    time.sleep(5)
    assert _row(database).state in ("delivered", "read")
    assert len(sapa.journal.messages()) == 1
    database.close()


def _row(database: Database) -> OutboxMessage:
    with database.reading() as db:
        return db.scalars(select(OutboxMessage)).one()
