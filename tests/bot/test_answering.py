"""Workers answer each message once: one at a time per contact, again after a failure, and never half."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest

from bot.answering import LEASE_SECONDS, PAUSE_SECONDS, Answering
from clinic.conversations import claim_next
from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from flows.catalogue import FLOWS
from flows.dialog import Flow, Say, Turn
from flows.running import collect
from nlu.understand import Understander
from nlu.understanding import Understanding
from tests.bot.talk_world import BrokenUnderstander, StandInUnderstander, TalkWorld
from tests.transcripts.runner import read_time

APOLOGY = "Maaf, sistem kami sedang ada gangguan."


@pytest.fixture
def world(database: Database, facility: Facility, keeper: IdentityKeeper) -> TalkWorld:
    world = TalkWorld(database, facility, keeper, read_time("2026-11-23T08:00+08:00"))
    world.says("halo")
    return world


def _answer_all(world: TalkWorld) -> int:
    return Answering(world.talk, worker="w").answer_all("w")


# --- turns that raise --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("failures", [1, 2])
def test_a_turn_that_raises_is_tried_again_and_answered_as_always(world: TalkWorld, failures: int) -> None:
    world.understands_with(BrokenUnderstander(failures))

    assert not (world.says("jadwal dokter gigi hari senin") or APOLOGY).startswith(APOLOGY)
    assert ("answered", failures + 1) == (world.inbound()[-1].state, world.inbound()[-1].tries)
    assert [] == world.cases()


def test_a_failed_turn_is_not_tried_again_at_once(world: TalkWorld) -> None:
    world.understands_with(BrokenUnderstander(1))
    inbound_id = world.hears("jadwal dokter gigi hari senin")

    assert 1 == _answer_all(world)
    assert 0 == _answer_all(world)
    world.clock.forward(seconds=PAUSE_SECONDS)
    assert 1 == _answer_all(world)
    assert inbound_id in world.answers()


def test_after_the_third_failure_the_patient_hears_so_and_a_person_gets_the_message(world: TalkWorld) -> None:
    world.understands_with(BrokenUnderstander(99))
    before, state = len(world.outbox()), world.state()

    assert (world.says("jadwal dokter gigi hari senin") or "").startswith(APOLOGY)
    assert ("failed", 3) == (world.inbound()[-1].state, world.inbound()[-1].tries)
    assert [("error", "turn", "jadwal dokter gigi hari senin")] == [(c.kind, c.topic, c.text) for c in world.cases()]
    assert (before + 1, state) == (len(world.outbox()), world.state())


def test_the_next_message_is_answered_although_one_failed(world: TalkWorld) -> None:
    world.understands_with(BrokenUnderstander(3))
    world.says("jadwal dokter gigi hari senin")

    assert not (world.says("jadwal dokter gigi hari senin") or APOLOGY).startswith(APOLOGY)
    assert "answered" == world.inbound()[-1].state


def test_a_flow_that_raises_leaves_nothing_half_written(world: TalkWorld) -> None:
    broken = Flow("greeting", intents=("greet",))

    @broken.step
    def act_and_raise(turn: Turn) -> Say:
        turn.desk.open_case(kind="complaint", topic="other", text=turn.text)
        turn.desk.add_person(name="Siti", role="self")
        turn.desk.stop_messages()
        turn.desk.hand_to_staff()
        raise RuntimeError("broken on purpose")

    others = (flow for flow in FLOWS.by_name.values() if flow.name != "greeting")
    world.says("batal")
    world.talk = replace(world.talk, flows=collect((*others, broken)))

    assert (world.says("halo") or "").startswith(APOLOGY)
    assert ["error"] == [case.kind for case in world.cases()]
    assert (world.says("daftar gigi") or "").startswith("Poli Gigi: mau hari apa?")


def test_a_failure_is_logged_without_the_words(world: TalkWorld, caplog: pytest.LogCaptureFixture) -> None:
    world.understands_with(BrokenUnderstander(1))
    with caplog.at_level(logging.INFO):
        world.says("rahasia saya sekali")

    assert "turn failed inbound=2 tries=1" in caplog.messages
    assert [] == [record for record in caplog.messages if "rahasia" in record]


# --- many messages, many workers ---------------------------------------------------------------------------------


@dataclass
class CountingUnderstander(StandInUnderstander):
    """Takes a little while, and notes how many turns of each phone run at once; the phone is the message's word."""

    running: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    order: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def understand(self, text: str, *, today: date) -> Understanding:
        phone = text.split()[0]
        with self.lock:
            self.order.append(text)
            self.running[phone] += 1
            self.most[phone] = max(self.most[phone], self.running[phone])
        time.sleep(0.01)
        with self.lock:
            self.running[phone] -= 1
        return Understander().understand("terima kasih", today=today)


def test_two_workers_never_answer_one_contact_at_once(world: TalkWorld) -> None:
    counting = CountingUnderstander()
    world.understands_with(counting)
    answering = Answering(world.talk, worker="w")
    wrote_all = threading.Event()

    def answer_until_all_is_written(worker: str) -> None:
        while not wrote_all.is_set():
            answering.answer_all(worker)

    threads = [threading.Thread(target=answer_until_all_is_written, args=(f"w{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    ids = [
        world.hears(f"phone{phone} message {number}", phone=f"+62812000001{phone:02}")
        for number in range(4)
        for phone in range(3)
    ]
    wrote_all.set()
    for thread in threads:
        thread.join(timeout=60)
    answering.answer_all("w")

    assert {"phone0": 1, "phone1": 1, "phone2": 1} == dict(counting.most)
    assert set(ids) <= set(world.answers()) | world.joined()
    for phone in range(3):
        read = [line for text in counting.order if text.startswith(f"phone{phone} ") for line in text.splitlines()]
        assert [f"phone{phone} message {number}" for number in range(4)] == read


def test_what_waits_is_answered_as_one_message(world: TalkWorld) -> None:
    first, second = world.hears("daftar gigi"), world.hears("besok")

    assert 2 == _answer_all(world)
    assert first not in world.answers()
    assert world.answers()[second].startswith("Siapa nama")
    assert [("answered", {"joined_to": second})] == [
        (message.state, message.reading) for message in world.inbound() if message.id == first
    ]


@dataclass
class OvertakenUnderstander(StandInUnderstander):
    """So slow that the claim runs out, and another worker takes the conversation meanwhile."""

    world: TalkWorld
    overtakes: int = 1

    def understand(self, text: str, *, today: date) -> Understanding:
        if self.overtakes:
            self.overtakes -= 1
            self.world.clock.forward(seconds=LEASE_SECONDS + 1)
            now = self.world.clock()
            with self.world.database.transaction() as db:
                assert claim_next(db, worker="faster", now=now, lease_seconds=LEASE_SECONDS) is not None
        return Understander().understand(text, today=today)


def test_a_worker_that_lost_its_claim_writes_nothing(world: TalkWorld) -> None:
    before = len(world.outbox())
    world.understands_with(OvertakenUnderstander(world))

    assert world.says("ada dokter gigi tidak ya senin") is None
    assert before == len(world.outbox())
    assert "received" == world.inbound()[-1].state


def test_what_a_lost_worker_left_is_answered_once_the_other_claim_ran_out(world: TalkWorld) -> None:
    world.understands_with(OvertakenUnderstander(world))
    world.says("ada dokter gigi tidak ya senin")
    world.clock.now += timedelta(seconds=LEASE_SECONDS + 1)

    assert 1 == _answer_all(world)
    assert "answered" == world.inbound()[-1].state


def test_nothing_is_taken_up_once_it_is_told_to_stop(world: TalkWorld) -> None:
    answering = Answering(world.talk, worker="w")
    answering.stopping.set()
    world.hears("halo")

    assert 0 == answering.answer_all("w")
    assert "received" == world.inbound()[-1].state


def test_the_threads_answer_and_end(world: TalkWorld) -> None:
    inbound_id = world.hears("halo")
    answering = Answering(world.talk, worker="w", threads=2)
    threads = answering.start()
    until = time.monotonic() + 30
    while inbound_id not in world.answers() and time.monotonic() < until:
        time.sleep(0.02)
    answering.stopping.set()
    for thread in threads:
        thread.join(timeout=30)

    assert inbound_id in world.answers()
    assert [] == [thread.name for thread in threads if thread.is_alive()]
