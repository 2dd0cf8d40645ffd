"""The Android phone's signs of life: when it is well, when staff are told, and when it is well again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.android_phone import SILENT_AFTER, look_at_phone, note_phone_speaks
from bot.channels.android import AndroidChannel
from bot.channels.android_http import AndroidHttp
from clinic.cases import close_case
from clinic.outbox_claim import claim_due
from clinic.routes import RouteView, route_states
from tests.android_gateway import PASSWORD, USER, AndroidGateway, running
from tests.sent_world import SentWorld


@dataclass
class Watch:
    """A gateway, our database, and the look that the worker takes each minute."""

    world: SentWorld
    gateway: AndroidGateway
    channel: AndroidChannel

    def look(self) -> str | None:
        return look_at_phone(self.world.database, self.world.facility, self.channel, now=self.world.clock())

    def view(self) -> RouteView:
        with self.world.database.reading() as db:
            return route_states(db, ("android",))["android"]

    def topics(self) -> list[str | None]:
        return [case.topic for case in self.world.cases()]

    def hand_over(self, key: str = "inbound:1:1") -> int:
        """A message that the gateway took and whose phone said nothing yet."""
        message_id = self.world.queue(channel="sms", key=key)
        with self.world.database.transaction() as db:
            claim_due(
                db,
                worker="w",
                now=self.world.clock(),
                limit=1,
                lease_seconds=60,
                choose=lambda _message, _last: "android",
            )
        self.world.mark_sent(message_id, provider_id=f"android:{key}")
        return message_id


@pytest.fixture
def watch(sent_world: SentWorld) -> Iterator[Watch]:
    gateway = AndroidGateway(sent_world.clock)
    with running(gateway) as url:
        yield Watch(sent_world, gateway, channel_to(url))


def channel_to(url: str) -> AndroidChannel:
    http = AndroidHttp(url, username=USER, password=PASSWORD, connect_seconds=0.5, read_seconds=1.0)
    return AndroidChannel(http)


def unreachable() -> AndroidChannel:
    return channel_to("http://127.0.0.1:9")


def test_a_phone_that_reported_just_now_is_well(watch: Watch) -> None:
    watch.gateway.run_phone()
    assert (watch.look(), watch.view().is_well(watch.world.clock()), watch.topics()) == (None, True, [])
    assert watch.view().seen_at == watch.world.clock()


def test_the_phones_own_server_calls_it_device(sent_world: SentWorld) -> None:
    gateway = AndroidGateway(sent_world.clock, devices_path="/device")
    gateway.run_phone()
    with running(gateway) as url:
        watch = Watch(sent_world, gateway, channel_to(url))
        assert (watch.look(), watch.view().seen_at is None) == (None, False)


def test_a_phone_that_its_server_has_not_seen_for_long_is_offline_and_staff_are_told_once(watch: Watch) -> None:
    watch.gateway.last_seen = watch.world.clock() - SILENT_AFTER - timedelta(minutes=1)
    assert [watch.look() for _ in range(3)] == ["phone_offline"] * 3
    assert watch.topics() == ["phone_offline"]
    assert "HP pengirim SMS" in watch.world.cases()[0].text
    assert not watch.view().is_well(watch.world.clock())


def test_a_phone_that_is_back_is_well_again(watch: Watch) -> None:
    watch.gateway.last_seen = watch.world.clock() - timedelta(hours=1)
    watch.look()
    watch.gateway.run_phone()
    assert (watch.look(), watch.view().trouble) == (None, None)


def test_the_next_time_is_a_new_case_when_the_first_was_closed(watch: Watch) -> None:
    for _ in range(2):
        watch.gateway.last_seen = watch.world.clock() - timedelta(hours=1)
        watch.look()
        with watch.world.database.transaction() as db:
            for case in watch.world.cases():
                close_case(db, case.id, staff_id=None, outcome="", now=watch.world.clock())
        watch.gateway.run_phone()
        watch.look()
        watch.world.clock.forward(hours=2)
    assert watch.topics() == ["phone_offline"] * 2


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_clock_of_the_phone_that_is_hours_off_is_no_silence(watch: Watch, hours: int) -> None:
    watch.gateway.clock = lambda: watch.world.clock() + timedelta(hours=hours)
    watch.gateway.run_phone()
    assert (watch.look(), watch.view().seen_at) == (None, watch.world.clock())


def test_one_look_at_a_phone_that_does_not_answer_says_nothing_yet(watch: Watch) -> None:
    note_phone_speaks(watch.world.database, now=watch.world.clock())
    watch.world.clock.forward(minutes=19)
    watch.channel = unreachable()
    assert (watch.look(), watch.topics()) == (None, [])


def test_a_phone_that_does_not_answer_for_long_is_offline(watch: Watch) -> None:
    note_phone_speaks(watch.world.database, now=watch.world.clock())
    watch.world.clock.forward(minutes=21)
    watch.channel = unreachable()
    assert (watch.look(), watch.topics()) == ("phone_offline", ["phone_offline"])


def test_a_phone_that_never_answered_is_offline(watch: Watch) -> None:
    watch.channel = unreachable()
    assert watch.look() == "phone_offline"


def test_a_refused_login_is_told_at_once(watch: Watch) -> None:
    note_phone_speaks(watch.world.database, now=watch.world.clock())
    watch.gateway.answers = [401]
    assert (watch.look(), watch.topics()) == ("android_login", ["android_login"])


def test_a_gateway_that_cannot_say_is_well_while_nothing_waits(watch: Watch) -> None:
    assert (watch.look(), watch.topics()) == (None, [])


def test_what_was_taken_and_never_heard_of_again_betrays_a_phone_that_is_off(watch: Watch) -> None:
    watch.hand_over()
    assert watch.look() is None
    watch.world.clock.forward(minutes=21)
    assert (watch.look(), watch.topics()) == ("phone_offline", ["phone_offline"])


def test_a_phone_that_spoke_since_is_not_suspected_for_a_report_that_is_missing(watch: Watch) -> None:
    watch.hand_over()
    watch.world.clock.forward(minutes=1)
    note_phone_speaks(watch.world.database, now=watch.world.clock())
    watch.world.clock.forward(hours=3)
    assert watch.look() is None


def test_what_is_useless_by_now_is_no_sign(watch: Watch) -> None:
    watch.hand_over()
    watch.world.clock.forward(hours=30)
    assert watch.look() is None


def test_an_error_of_the_server_says_nothing_of_the_phone(watch: Watch) -> None:
    note_phone_speaks(watch.world.database, now=watch.world.clock())
    watch.gateway.answers = [500]
    assert watch.look() is None


def test_a_phone_that_speaks_often_is_written_down_now_and_then(watch: Watch) -> None:
    start = watch.world.clock()
    for _ in range(5):
        note_phone_speaks(watch.world.database, now=watch.world.clock())
        watch.world.clock.forward(seconds=9)
    assert watch.view().seen_at == start + timedelta(seconds=36)


def test_a_clock_that_goes_back_does_not_make_the_phone_older(watch: Watch) -> None:
    note_phone_speaks(watch.world.database, now=watch.world.clock())
    latest = watch.world.clock()
    watch.world.clock.forward(minutes=-10)
    note_phone_speaks(watch.world.database, now=watch.world.clock())
    assert watch.view().seen_at == latest
