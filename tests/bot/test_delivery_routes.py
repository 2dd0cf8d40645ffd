"""Delivery by several routes: preference, what last worked, rests, waiting without internet, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import update

from bot.channels import Channel, SendFailed, SendUnknown, StatusUpdate
from bot.delivery import Delivery
from bot.settling import ROUTE_PAUSE_SECONDS
from bot.undelivered import FollowUp
from clinic.contacts import Address
from clinic.facility_delivery import Prices, RoutePace, Routes
from clinic.outbox import OutboxMessage
from clinic.routes import FIRST_REST, OPENS_AFTER, note_look
from tests.bot.fake_channel import FakeChannel
from tests.sent_world import PATIENT, SentWorld

UNREACHABLE = SendFailed("unreachable", action="retry")


class Ways:
    """A delivery over fake routes."""

    def __init__(self, world: SentWorld, **channels: Channel) -> None:
        self.world = world
        self.delivery = Delivery(
            database=world.database,
            facility=world.facility,
            channels=channels,
            clock=world.clock,
            worker="w",
            random=Random(1),
        )

    def deliver(self, *, minutes: int = 0) -> None:
        self.delivery.deliver_due()
        for _ in range(minutes):
            self.world.clock.forward(minutes=1)
            self.delivery.resolve_unknown()
            self.delivery.deliver_due()


@pytest.fixture
def opened() -> Iterator[list[Ways]]:
    made: list[Ways] = []
    yield made
    for ways in made:
        ways.delivery.close()


def open_ways(opened: list[Ways], world: SentWorld, **channels: Channel) -> Ways:
    opened.append(Ways(world, **channels))
    return opened[-1]


def routed(*names: str) -> dict[str, FakeChannel]:
    return {name: FakeChannel(route=name) for name in names}


def with_settings(world: SentWorld, **settings: Any) -> SentWorld:
    return replace(world, facility=world.facility.model_copy(update=settings))


def counts(channels: Mapping[str, FakeChannel]) -> dict[str, int]:
    return {name: len(channel.taken) for name, channel in channels.items()}


def test_an_sms_takes_the_route_that_the_health_centre_wants(sent_world: SentWorld, opened: list[Ways]) -> None:
    channels = routed("twilio_sms", "android", "gammu")
    message_id = sent_world.queue(channel="sms")
    open_ways(opened, sent_world, **channels).deliver()
    assert ("gammu", {"twilio_sms": 0, "android": 0, "gammu": 1}) == (
        sent_world.row(message_id).route,
        counts(channels),
    )


def test_an_sms_goes_back_by_the_route_that_last_worked(sent_world: SentWorld, opened: list[Ways]) -> None:
    channels = routed("gammu", "android")
    sent_world.queue(channel="sms")
    with sent_world.database.transaction() as db:
        db.execute(update(Address).values(route="android"))
    open_ways(opened, sent_world, **channels).deliver()
    assert {"gammu": 0, "android": 1} == counts(channels)


def test_a_modem_in_trouble_is_passed_by(sent_world: SentWorld, opened: list[Ways]) -> None:
    channels = routed("gammu", "android")
    sent_world.queue(channel="sms")
    with sent_world.database.transaction() as db:
        note_look(db, "gammu", seen_at=sent_world.clock(), trouble="modem_dead")
    open_ways(opened, sent_world, **channels).deliver()
    assert {"gammu": 0, "android": 1} == counts(channels)


def test_a_modem_in_trouble_is_still_tried_where_there_is_nothing_else(
    sent_world: SentWorld, opened: list[Ways]
) -> None:
    channels = routed("gammu")
    sent_world.queue(channel="sms")
    with sent_world.database.transaction() as db:
        note_look(db, "gammu", seen_at=sent_world.clock(), trouble="modem_dead")
    open_ways(opened, sent_world, **channels).deliver()
    assert {"gammu": 1} == counts(channels)


def test_a_line_that_is_down_is_not_hammered_and_costs_no_message_its_tries(
    sent_world: SentWorld, opened: list[Ways]
) -> None:
    down = FakeChannel(failures=[UNREACHABLE] * 1000)
    ids = [sent_world.queue(to=f"+6281200001{number:03}", useful_hours=48) for number in range(50)]
    ways = open_ways(opened, sent_world, whatsapp=down)
    ways.deliver(minutes=5 * 60)
    assert 1000 - len(down.failures) <= 5 * 60
    assert {("queued", 0)} == {(sent_world.row(each).state, sent_world.row(each).tries) for each in ids}
    down.failures.clear()
    ways.deliver(minutes=10)
    assert (50, {"sent"}) == (len(down.taken), {sent_world.row(each).state for each in ids})


def test_while_one_route_rests_the_other_goes_on(sent_world: SentWorld, opened: list[Ways]) -> None:
    down, sms = FakeChannel(failures=[UNREACHABLE] * 100), FakeChannel(route="gammu")
    ways = open_ways(opened, sent_world, whatsapp=down, gammu=sms)
    for number in range(OPENS_AFTER + 5):
        sent_world.queue(to=f"+6281200001{number:03}")
    ways.deliver(minutes=1)
    sent_world.queue("Baik.", channel="sms")
    ways.deliver()
    assert ["Baik."] == sms.texts()


def test_what_waits_on_whatsapp_does_not_hold_up_the_same_persons_sms(
    sent_world: SentWorld, opened: list[Ways]
) -> None:
    down, sms = FakeChannel(failures=[UNREACHABLE] * 100), FakeChannel(route="gammu")
    sent_world.queue("Lewat WhatsApp.")
    sent_world.queue("Lewat SMS.", channel="sms")
    open_ways(opened, sent_world, whatsapp=down, gammu=sms).deliver()
    assert ["Lewat SMS."] == sms.texts()


def test_what_is_useless_when_the_line_returns_is_dropped_and_staff_hear_of_replies(
    sent_world: SentWorld, opened: list[Ways]
) -> None:
    down = FakeChannel(failures=[UNREACHABLE] * 10)
    reply = sent_world.queue("Balasan.", useful_hours=1)
    reminder = sent_world.queue("Ingat kontrol.", priority="reminder", useful_hours=1, to="+6281200000002")
    ways = open_ways(opened, sent_world, whatsapp=down)
    ways.deliver()
    sent_world.clock.forward(hours=2)
    down.failures.clear()
    ways.deliver()
    assert ({"dropped"}, [], ["useless"]) == (
        {sent_world.row(each).state for each in (reply, reminder)},
        down.taken,
        [case.topic for case in sent_world.cases()],
    )


def test_a_warning_does_not_wait_for_a_line_that_is_down(sent_world: SentWorld, opened: list[Ways]) -> None:
    down, sms = FakeChannel(failures=[UNREACHABLE] * 10), FakeChannel(route="gammu")
    sent_world.queue("Segera ke UGD.", priority="danger")
    open_ways(opened, sent_world, whatsapp=down, gammu=sms).deliver(minutes=5)
    assert (["Segera ke UGD."], [], ["failed", "sent"]) == (sms.texts(), down.taken, sent_world.states())


def test_a_warning_by_sms_is_tried_again_and_not_given_up(sent_world: SentWorld, opened: list[Ways]) -> None:
    sms = FakeChannel(route="gammu", failures=[UNREACHABLE, SendFailed("20503", action="retry")])
    sent_world.queue("Segera ke UGD.", priority="danger", channel="sms")
    open_ways(opened, sent_world, gammu=sms).deliver(minutes=2)
    assert (["Segera ke UGD."], [], ["sent"]) == (sms.texts(), sent_world.cases(), sent_world.states())


def test_a_warning_to_a_hidden_number_is_tried_again(sent_world: SentWorld, opened: list[Ways]) -> None:
    whatsapp = FakeChannel(failures=[UNREACHABLE])
    sent_world.queue("Segera ke UGD.", priority="danger", to="ID.1000000000000001")
    open_ways(opened, sent_world, whatsapp=whatsapp, gammu=FakeChannel(route="gammu")).deliver(minutes=2)
    assert (["Segera ke UGD."], ["sent"]) == (whatsapp.texts(), sent_world.states())


def test_a_message_whose_buttons_are_refused_later_goes_once_more_as_plain_text(
    sent_world: SentWorld, opened: list[Ways]
) -> None:
    whatsapp = FakeChannel()
    message_id = sent_world.queue("Poli apa? 1 Umum, 2 Gigi")
    with sent_world.database.transaction() as db:
        db.execute(update(OutboxMessage).values(choices=["Umum", "Gigi"]))
    ways = open_ways(opened, sent_world, whatsapp=whatsapp)
    ways.deliver()
    refused = StatusUpdate(sent_world.row(message_id).provider_id or "", "undelivered", "63013")
    for _ in range(2):
        with sent_world.database.transaction() as db:
            FollowUp(sent_world.facility, has_sms=False).take_status(db, refused, now=sent_world.clock())
        ways.deliver()
    assert ([("Umum", "Gigi"), ()], []) == ([taken.choices for taken in whatsapp.taken], sent_world.cases())


def test_free_text_after_the_window_goes_by_sms_without_asking_whatsapp(
    sent_world: SentWorld, opened: list[Ways]
) -> None:
    whatsapp, sms = FakeChannel(window_hours=24), FakeChannel(route="gammu")
    sent_world.queue("Balasan petugas.", priority="staff", useful_hours=72)
    sent_world.clock.forward(hours=25)
    open_ways(opened, sent_world, whatsapp=whatsapp, gammu=sms).deliver(minutes=1)
    assert ([], ["Balasan petugas."], PATIENT) == (whatsapp.taken, sms.texts(), sms.taken[0].address)


def test_free_text_after_the_window_goes_as_a_template_where_there_is_one(
    sent_world: SentWorld, opened: list[Ways]
) -> None:
    world = with_settings(sent_world, whatsapp_templates={"notice": "HX" + "0" * 32})
    whatsapp, sms = FakeChannel(window_hours=24), FakeChannel(route="gammu")
    world.queue("Balasan petugas.", priority="staff", useful_hours=72)
    world.clock.forward(hours=25)
    open_ways(opened, world, whatsapp=whatsapp, gammu=sms).deliver(minutes=1)
    assert ({"sid": "HX" + "0" * 32, "variables": {"1": "Balasan petugas."}}, []) == (
        whatsapp.taken[0].template,
        sms.taken,
    )


def test_a_sender_keeps_its_pace(sent_world: SentWorld, opened: list[Ways]) -> None:
    world = with_settings(sent_world, routes=Routes(per_second=RoutePace(gammu=0.5)))
    sms = FakeChannel(route="gammu")
    for number in range(10):
        world.queue(to=f"+6281200001{number:03}", channel="sms")
    ways = open_ways(opened, world, gammu=sms)
    ways.deliver()
    first = len(sms.taken)
    for _ in range(4):
        world.clock.forward(seconds=1)
        ways.deliver()
    assert (1, 3) == (first, len(sms.taken))


def test_a_provider_that_is_too_busy_slows_down_everything_by_that_sender(
    sent_world: SentWorld, opened: list[Ways]
) -> None:
    busy = FakeChannel(failures=[SendFailed("20429", action="retry", retry_after=30)])
    ways = open_ways(opened, sent_world, whatsapp=busy)
    sent_world.queue()
    ways.deliver()
    sent_world.queue("Dua.", to="+6281200000002")
    sent_world.clock.forward(seconds=20)
    ways.deliver()
    before = len(busy.taken)
    sent_world.clock.forward(seconds=30)
    ways.deliver()
    assert (0, 2) == (before, len(busy.taken))


def test_calls_that_break_off_make_the_route_rest_and_nothing_is_lost_or_doubled(
    sent_world: SentWorld, opened: list[Ways]
) -> None:
    flaky = FakeChannel(failures=[SendUnknown("ReadTimeout")] * OPENS_AFTER)
    for number in range(20):
        sent_world.queue(to=f"+6281200001{number:03}")
    open_ways(opened, sent_world, whatsapp=flaky).deliver(minutes=10)
    assert (20, {"sent"}) == (len(flaky.taken), set(sent_world.states()))


def test_what_a_message_cost_is_kept_with_it(sent_world: SentWorld, opened: list[Ways]) -> None:
    world = with_settings(sent_world, prices=Prices(gammu_segment=412.5, whatsapp_reply=None))
    long, short = world.queue("x" * 161, channel="sms", key="long"), world.queue("Baik.", to="+6281200000002")
    open_ways(opened, world, **routed("whatsapp", "gammu")).deliver()
    paid = [(world.row(each).segments, world.row(each).cost) for each in (long, short)]
    assert [(2, 82_500), (0, None)] == paid


def test_kinds_that_the_budget_has_given_up_are_dropped_and_warnings_never(
    sent_world: SentWorld, opened: list[Ways]
) -> None:
    channel = FakeChannel()
    ways = open_ways(opened, sent_world, whatsapp=channel)
    ways.delivery = replace(ways.delivery, stopped_kinds=lambda _db, _now: frozenset({"reminder", "danger"}))
    for number, priority in enumerate(("reminder", "danger", "reply")):
        sent_world.queue(priority, priority=priority, to=f"+6281200001{number:03}")
    ways.deliver()
    assert (["danger", "reply"], "budget") == (sorted(channel.texts()), sent_world.row(1).error_code)


def test_a_route_that_was_down_is_tried_again_after_its_rest(sent_world: SentWorld, opened: list[Ways]) -> None:
    down = FakeChannel(failures=[UNREACHABLE] * OPENS_AFTER)
    ways = open_ways(opened, sent_world, whatsapp=down)
    for number in range(OPENS_AFTER):
        sent_world.queue(to=f"+6281200001{number:03}")
    ways.deliver()
    tried = OPENS_AFTER - len(down.failures)
    sent_world.clock.now += FIRST_REST + timedelta(seconds=2 * ROUTE_PAUSE_SECONDS)
    ways.deliver()
    assert (OPENS_AFTER, OPENS_AFTER) == (tried, len(down.taken))
