"""Delivery: every message once, in order, whatever breaks on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.channels import Channel, Outgoing, SendFailed, SendUnknown
from bot.channels.console import ConsoleChannel
from bot.delivery import LATEST_START, PAUSE_AFTER_FAILURE_SECONDS, Delivery
from bot.settling import MOST_TRIES
from bot.simulator.faults import Fault
from clinic.contacts import Contact, find_or_create_contact, opt_out
from clinic.outbox import OutboxMessage
from clinic.outbox_claim import claim_due
from tests.bot.fake_channel import FakeChannel
from tests.sent_world import PATIENT, SentWorld

OTHER = "+6281200000002"


Open = Callable[..., Delivery]


@pytest.fixture
def opened(sent_world: SentWorld) -> Iterator[Open]:
    """Opens delivery over the given channels, and closes its threads afterwards."""
    deliveries: list[Delivery] = []

    def open_delivery(world: SentWorld = sent_world, *, worker: str = "w", **channels: Channel) -> Delivery:
        delivery = Delivery(
            database=world.database,
            facility=world.facility,
            channels=channels,
            clock=world.clock,
            worker=worker,
            random=Random(1),
        )
        deliveries.append(delivery)
        return delivery

    yield open_delivery
    for delivery in deliveries:
        delivery.close()


def deliver_for(delivery: Delivery, world: SentWorld, *, minutes: int) -> None:
    """Let time pass, minute by minute, delivering and asking as the worker does."""
    for _ in range(minutes):
        delivery.deliver_due()
        world.clock.forward(minutes=1)
        delivery.resolve_unknown()
    delivery.deliver_due()


def test_a_due_message_is_sent_and_its_id_kept(sent_world: SentWorld, opened: Open) -> None:
    channel = FakeChannel()
    message_id = sent_world.queue("Baik.")
    assert opened(whatsapp=channel).deliver_due() == 1
    row = sent_world.row(message_id)
    assert (channel.texts(), row.state, row.provider_id) == (["Baik."], "sent", f"{id(channel)}-1")


def test_nothing_due_is_nothing_sent(opened: Open) -> None:
    assert opened(whatsapp=FakeChannel()).deliver_due() == 0


def test_a_sent_message_is_not_sent_again(sent_world: SentWorld, opened: Open) -> None:
    channel = FakeChannel()
    sent_world.queue()
    deliver_for(opened(whatsapp=channel), sent_world, minutes=5)
    assert len(channel.taken) == 1


def test_the_memo_is_committed_before_the_call(sent_world: SentWorld, opened: Open) -> None:
    seen: list[datetime | None] = []
    channel = FakeChannel(before_answer=lambda sent: seen.append(sent_world.row(sent.outbox_id).attempted_at))
    sent_world.queue()
    opened(whatsapp=channel).deliver_due()
    assert seen == [sent_world.clock()]


def test_no_lock_is_held_during_the_call(sent_world: SentWorld, opened: Open) -> None:
    # Another write in the middle of the call would wait for 30 seconds and then fail.
    channel = FakeChannel(before_answer=lambda _sent: None if sent_world.states()[1:] else _queue(sent_world))
    sent_world.queue()
    opened(whatsapp=channel).deliver_due()
    assert "Dari tengah." in channel.texts()


def _queue(world: SentWorld) -> None:
    world.queue("Dari tengah.", to=OTHER)


def test_a_busy_provider_is_tried_again_later(sent_world: SentWorld, opened: Open) -> None:
    channel = FakeChannel(failures=[SendFailed("20429", action="retry", retry_after=30)])
    delivery, message_id = opened(whatsapp=channel), sent_world.queue()
    delivery.deliver_due()
    row = sent_world.row(message_id)
    assert (row.state, row.error_code) == ("queued", "20429")
    assert timedelta(seconds=30) <= row.next_try_at - sent_world.clock() <= timedelta(seconds=45)
    sent_world.clock.forward(seconds=46)
    delivery.deliver_due()
    assert sent_world.row(message_id).state == "sent"


def test_pauses_grow_and_differ(sent_world: SentWorld, opened: Open) -> None:
    channel = FakeChannel(failures=[SendFailed("20500", action="retry") for _ in range(6)])
    delivery, message_id = opened(whatsapp=channel), sent_world.queue()
    pauses = []
    for _ in range(6):
        delivery.deliver_due()
        pauses.append((sent_world.row(message_id).next_try_at - sent_world.clock()).total_seconds())
        sent_world.clock.now = sent_world.row(message_id).next_try_at
    assert all(5 * 2**tries <= pause <= 7.5 * 2**tries for tries, pause in enumerate(pauses))


def test_tries_end_in_a_case_for_staff(sent_world: SentWorld, opened: Open) -> None:
    channel = FakeChannel(failures=[SendFailed("20500", action="retry") for _ in range(MOST_TRIES)])
    delivery, message_id = opened(whatsapp=channel), sent_world.queue(useful_hours=200)
    for _ in range(MOST_TRIES + 2):
        delivery.deliver_due()
        sent_world.clock.forward(hours=1)
    assert (sent_world.row(message_id).state, channel.failures, channel.taken) == ("failed", [], [])
    assert [case.text for case in sent_world.cases()] == ["Layanan pesan sedang bermasalah."]


def test_a_lost_answer_is_looked_up_and_not_sent_again(sent_world: SentWorld, opened: Open) -> None:
    channel = FakeChannel(is_lost=True)
    delivery, message_id = opened(whatsapp=channel), sent_world.queue()
    deliver_for(delivery, sent_world, minutes=5)
    assert (sent_world.row(message_id).state, len(channel.taken)) == ("sent", 1)


def test_the_provider_is_not_asked_too_soon(sent_world: SentWorld, opened: Open) -> None:
    delivery = opened(whatsapp=FakeChannel(is_lost=True))
    message_id = sent_world.queue()
    delivery.deliver_due()
    sent_world.clock.forward(seconds=29)
    assert (delivery.resolve_unknown(), sent_world.row(message_id).state) == (0, "unknown")


def test_what_never_arrived_is_sent_once_more(sent_world: SentWorld, opened: Open) -> None:
    channel = FakeChannel(failures=[SendUnknown("ReadError")])
    delivery, message_id = opened(whatsapp=channel), sent_world.queue()
    deliver_for(delivery, sent_world, minutes=5)
    assert (sent_world.row(message_id).state, len(channel.taken)) == ("sent", 1)


def test_two_equal_texts_with_lost_answers_are_both_found(sent_world: SentWorld, opened: Open) -> None:
    channel = FakeChannel(is_lost=True)
    delivery = opened(whatsapp=channel)
    for key in ("a", "b"):
        sent_world.queue("Baik.", key=key)
    deliver_for(delivery, sent_world, minutes=10)
    assert (sent_world.states(), len(channel.taken)) == (["sent", "sent"], 2)


def test_a_provider_that_never_can_say_is_left_to_a_person(sent_world: SentWorld, opened: Open) -> None:
    channel = FakeChannel(is_lost=True, cannot_say=True)
    delivery, message_id = opened(whatsapp=channel), sent_world.queue()
    delivery.deliver_due()
    sent_world.clock.forward(minutes=119)
    delivery.resolve_unknown()
    assert sent_world.row(message_id).state == "unknown"
    sent_world.clock.forward(minutes=2)
    delivery.resolve_unknown()
    assert (sent_world.row(message_id).state, len(channel.taken)) == ("failed", 1)
    assert "sebelum mengirim ulang" in sent_world.cases()[0].text


@pytest.mark.parametrize("was_taken", [True, False], ids=["after the call", "before the call"])
def test_a_killed_worker_leaves_nothing_lost_and_nothing_doubled(
    sent_world: SentWorld, opened: Open, was_taken: bool
) -> None:
    channel = FakeChannel()
    message_id = sent_world.sending_message(text="Baik.")
    if was_taken:
        channel.send(Outgoing(outbox_id=message_id, channel="whatsapp", address=PATIENT, text="Baik."))
    deliver_for(opened(worker="another", whatsapp=channel), sent_world, minutes=5)
    assert (sent_world.row(message_id).state, channel.texts()) == ("sent", ["Baik."])


def test_a_worker_killed_before_its_memo_leaves_the_message_to_the_next(sent_world: SentWorld, opened: Open) -> None:
    channel = FakeChannel()
    sent_world.queue("Baik.")
    with sent_world.database.transaction() as db:
        claim_due(db, worker="killed", now=sent_world.clock(), limit=1, lease_seconds=60)
    deliver_for(opened(whatsapp=channel), sent_world, minutes=5)
    assert (sent_world.states(), channel.texts()) == (["sent"], ["Baik."])


def test_who_was_asleep_since_its_claim_does_not_send(sent_world: SentWorld, opened: Open) -> None:
    channel = FakeChannel()
    message_id = sent_world.queue()
    delivery = opened(whatsapp=channel)
    (claimed,) = delivery._claim(1)
    sent_world.clock.now += LATEST_START
    attempt = delivery._call(claimed, sent_world.clock() - LATEST_START)
    assert (attempt.result, channel.taken, sent_world.row(message_id).state) == (None, [], "sending")
    deliver_for(delivery, sent_world, minutes=3)
    assert (channel.texts(), sent_world.row(message_id).state) == (["Antrian Gigi: B12."], "sent")


def test_who_is_not_on_whatsapp_gets_the_same_text_by_sms(sent_world: SentWorld, opened: Open) -> None:
    sms = FakeChannel(route="gammu")
    whatsapp = FakeChannel(failures=[SendFailed("63003", action="fallback")])
    sent_world.queue("Baik.")
    deliver_for(opened(whatsapp=whatsapp, gammu=sms), sent_world, minutes=1)
    assert [(sent.address, sent.text) for sent in sms.taken] == [(PATIENT, "Baik.")]
    assert (sent_world.states(), sent_world.cases()) == (["failed", "sent"], [])


def test_without_sms_staff_hear_of_it(sent_world: SentWorld, opened: Open) -> None:
    whatsapp = FakeChannel(failures=[SendFailed("63003", action="fallback")])
    sent_world.queue()
    opened(whatsapp=whatsapp).deliver_due()
    assert [case.topic for case in sent_world.cases()] == ["63003"]


def test_a_hidden_number_cannot_be_reached_by_sms(sent_world: SentWorld, opened: Open) -> None:
    whatsapp = FakeChannel(failures=[SendFailed("63003", action="fallback")])
    sent_world.queue(to="ID.1000000000000001")
    opened(whatsapp=whatsapp, gammu=FakeChannel(route="gammu")).deliver_due()
    assert [case.topic for case in sent_world.cases()] == ["63003"]


def test_who_said_stop_at_the_provider_has_opted_out(sent_world: SentWorld, opened: Open) -> None:
    sent_world.queue()
    opened(whatsapp=FakeChannel(failures=[SendFailed("21610", action="opted_out")])).deliver_due()
    with sent_world.database.reading() as db:
        assert db.scalar(select(Contact.opted_out_at)) == sent_world.clock()


def test_after_stop_no_reminder_goes_and_every_warning_does(sent_world: SentWorld, opened: Open) -> None:
    channel = FakeChannel()
    for text, priority in (("Ingat kontrol.", "reminder"), ("Segera ke UGD.", "danger"), ("Baik.", "reply")):
        sent_world.queue(text, priority=priority)
    with sent_world.database.transaction() as db:
        contact, _ = find_or_create_contact(
            db, channel="whatsapp", address=PATIENT, profile_name=None, now=sent_world.clock()
        )
        opt_out(db, contact.id, now=sent_world.clock())
    deliver_for(opened(whatsapp=channel), sent_world, minutes=1)
    assert (sorted(channel.texts()), sent_world.states()[0]) == (["Baik.", "Segera ke UGD."], "dropped")


def test_a_fault_of_ours_is_one_case_for_all(sent_world: SentWorld, opened: Open) -> None:
    channel = FakeChannel(failures=[SendFailed("63007", action="tell_staff") for _ in range(5)])
    for number in range(5):
        sent_world.queue(to=f"+628120000000{number}")
    opened(whatsapp=channel).deliver_due()
    assert [(case.topic, case.contact_id) for case in sent_world.cases()] == [("63007", None)]


def test_a_channel_that_is_not_set_up_is_told_to_staff(sent_world: SentWorld, opened: Open) -> None:
    sent_world.queue(channel="sms")
    opened(whatsapp=FakeChannel()).deliver_due()
    assert (sent_world.states(), sent_world.cases()[0].topic) == (["failed"], "no_channel")


def test_messages_to_one_contact_keep_their_order(sent_world: SentWorld, opened: Open) -> None:
    channel = FakeChannel(failures=[SendFailed("20503", action="retry"), SendUnknown("ReadTimeout")])
    texts = [f"Pesan {number}" for number in range(5)]
    for text in texts:
        sent_world.queue(text)
    deliver_for(opened(whatsapp=channel), sent_world, minutes=10)
    assert channel.texts() == texts


def test_a_warning_overtakes_what_waits(sent_world: SentWorld, opened: Open) -> None:
    channel = FakeChannel()
    sent_world.queue("Ingat kontrol.", priority="reminder")
    sent_world.queue("Segera ke UGD.", priority="danger")
    deliver_for(opened(whatsapp=channel), sent_world, minutes=1)
    assert channel.texts()[0] == "Segera ke UGD."


def test_a_slow_call_holds_up_only_its_own_contact(sent_world: SentWorld, opened: Open) -> None:
    others_done = threading.Event()

    def wait_for_others(message: Outgoing) -> None:
        if message.address == PATIENT:
            assert others_done.wait(20)
        elif len(channel.taken) == 28:
            others_done.set()

    channel = FakeChannel(before_answer=wait_for_others)
    sent_world.queue()
    for number in range(10, 40):
        sent_world.queue(to=f"+62812000001{number}")
    opened(whatsapp=channel).deliver_due()
    assert (len(channel.taken), others_done.is_set()) == (31, True)


def test_the_daily_cap_holds_for_all_but_warnings(sent_world: SentWorld, opened: Open) -> None:
    limits = sent_world.facility.limits.model_copy(update={"messages_per_day": 3})
    capped = replace(sent_world, facility=sent_world.facility.model_copy(update={"limits": limits}))
    channel = FakeChannel()
    delivery = opened(capped, whatsapp=channel)
    for number in range(6):
        capped.queue(f"Pesan {number}")
    deliver_for(delivery, capped, minutes=3)
    capped.queue("Segera ke UGD.", priority="danger")
    delivery.deliver_due()
    assert channel.texts() == ["Pesan 0", "Pesan 1", "Pesan 2", "Segera ke UGD."]


def test_a_useless_message_is_dropped(sent_world: SentWorld, opened: Open) -> None:
    channel = FakeChannel()
    sent_world.queue(useful_hours=1)
    sent_world.clock.forward(hours=2)
    deliver_for(opened(whatsapp=channel), sent_world, minutes=1)
    assert (channel.taken, sent_world.states()) == ([], ["dropped"])


def test_a_bug_in_a_channel_stops_nobody_else(sent_world: SentWorld, opened: Open) -> None:
    channel = FakeChannel(failures=[ZeroDivisionError("a bug")])
    sent_world.queue("satu", to=PATIENT)
    sent_world.queue("dua", to=OTHER)
    deliver_for(opened(whatsapp=channel), sent_world, minutes=5)
    assert (sorted(channel.texts()), sent_world.states()) == (["dua", "satu"], ["sent", "sent"])


class Impatient(threading.Event):
    """Never waits, and notes for how long it was asked to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.asked.append(timeout)
        return self.is_set()


def test_delivery_goes_on_after_a_failure_of_the_database(sent_world: SentWorld, opened: Open) -> None:
    stopping, failures = Impatient(), [RuntimeError("disk full")]
    channel = FakeChannel(before_answer=lambda _sent: stopping.set())

    def clock() -> datetime:
        if failures:
            raise failures.pop()
        return sent_world.clock()

    sent_world.queue("Baik.")
    replace(opened(whatsapp=channel), clock=clock).run(stopping)
    assert (channel.texts(), stopping.asked[0]) == (["Baik."], PAUSE_AFTER_FAILURE_SECONDS)


def test_a_message_found_as_undelivered_is_followed_up(sent_world: SentWorld, opened: Open) -> None:
    channel = FakeChannel(is_lost=True, found_status="undelivered", found_code="63013")
    message_id = sent_world.queue()
    deliver_for(opened(whatsapp=channel), sent_world, minutes=2)
    assert (sent_world.row(message_id).state, sent_world.cases()[0].topic) == ("undelivered", "63013")


def test_the_console_is_delivered_at_once(sent_world: SentWorld, opened: Open) -> None:
    sent_world.queue(to="console-1", channel="console")
    opened(console=ConsoleChannel()).deliver_due()
    assert sent_world.states() == ["delivered"]


def test_300_messages_from_two_workers_arrive_exactly_once(
    sent_world: SentWorld, opened: Open, live_carrier: Any
) -> None:
    """Through HTTP, with a provider that refuses some at first."""
    live_carrier.carrier.faults.set(Fault(status=429, code=20429, times=20))
    for number in range(300):
        sent_world.queue(f"Antrian {number}", to=f"+6281200{number % 100:06d}")
    channel = live_carrier.channel()
    workers = [opened(worker=f"w{number}", whatsapp=channel) for number in range(2)]
    for _ in range(8):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda worker: worker.deliver_due(), workers))
        sent_world.clock.forward(minutes=1)
    bodies = [taken.body for taken in live_carrier.taken()]
    assert sorted(bodies) == sorted(f"Antrian {number}" for number in range(300))
    assert _counted(sent_world) == {"sent": 300}


def test_messages_taken_by_a_carrier_that_hangs_are_found_there(
    sent_world: SentWorld, opened: Open, live_carrier: Any
) -> None:
    live_carrier.carrier.faults.set(Fault(hang_seconds=1.0, times=6))
    for number in range(12):
        sent_world.queue(f"Antrian {number % 3}", to=f"+6281200{number % 4:06d}", key=str(number))
    delivery = opened(whatsapp=live_carrier.channel(read_seconds=0.3))
    deliver_for(delivery, sent_world, minutes=8)
    counted = _counted(sent_world)
    assert (len(live_carrier.taken()), sum(counted.values()), set(counted)) == (12, 12, {"delivered", "sent"})
    assert counted["delivered"] >= 6, "those that hung were found in the carrier's list"


def _counted(world: SentWorld) -> Mapping[str, int]:
    with world.database.reading() as db:
        rows = db.execute(select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state))
        return {state: count for state, count in rows}
