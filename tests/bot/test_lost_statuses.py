"""Lost statuses: a failure that nobody told us about is asked for and followed up, gently."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.channels import Outgoing, SendUnknown, StatusUpdate
from bot.lost_statuses import LostStatuses
from bot.simulator.faults import Fault
from tests.bot.fake_channel import FakeChannel
from tests.sent_world import SentWorld


@dataclass
class TellingChannel(FakeChannel):
    """A provider that can be asked."""

    says: dict[str, StatusUpdate | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    is_down: bool = False

    def ask_status(self, provider_id: str) -> StatusUpdate | None:
        self.asked.append(provider_id)
        if self.is_down:
            raise SendUnknown("fetch")
        return self.says.get(provider_id)


def ask(world: SentWorld, **channels: Any) -> int:
    return LostStatuses(world.database, world.facility, channels, world.clock).ask()


def test_a_failure_that_was_never_told_becomes_a_case(sent_world: SentWorld) -> None:
    message_id = sent_world.sent_message(provider_id="SM1")
    whatsapp = TellingChannel(says={"SM1": StatusUpdate("SM1", "undelivered", "63013")})
    sent_world.clock.forward(minutes=20)
    assert (1, "undelivered", ["63013"]) == (
        ask(sent_world, whatsapp=whatsapp),
        sent_world.row(message_id).state,
        [case.topic for case in sent_world.cases()],
    )


def test_what_was_told_or_is_fresh_or_old_is_not_asked_for(sent_world: SentWorld) -> None:
    whatsapp = TellingChannel()
    sent_world.sent_message(provider_id="SM-old", key="old")
    sent_world.clock.forward(hours=25)
    told = sent_world.sent_message(provider_id="SM-told", key="told")
    sent_world.clock.forward(minutes=20)
    with sent_world.database.transaction() as db:
        db.get_one(type(sent_world.row(told)), told).state = "delivered"
    sent_world.sent_message(provider_id="SM-fresh", key="fresh")
    ask(sent_world, whatsapp=whatsapp)
    assert [] == whatsapp.asked


def test_nothing_is_asked_for_twice_within_an_hour(sent_world: SentWorld) -> None:
    sent_world.sent_message(provider_id="SM1")
    whatsapp = TellingChannel(says={"SM1": StatusUpdate("SM1", "sent")})
    for _ in range(30):
        sent_world.clock.forward(minutes=5)
        ask(sent_world, whatsapp=whatsapp)
    assert 2 <= len(whatsapp.asked) <= 3


def test_a_provider_that_is_down_is_asked_once_and_the_next_time_again(sent_world: SentWorld) -> None:
    for number in range(5):
        sent_world.sent_message(provider_id=f"SM{number}", key=str(number), to=f"+628120000{number:04}")
    whatsapp = TellingChannel(is_down=True)
    sent_world.clock.forward(minutes=20)
    ask(sent_world, whatsapp=whatsapp)
    ask(sent_world, whatsapp=whatsapp)
    assert ["SM0", "SM0"] == whatsapp.asked


def test_a_channel_that_cannot_be_asked_is_left_alone(sent_world: SentWorld) -> None:
    sent_world.sent_message(provider_id="SM1")
    sent_world.clock.forward(minutes=20)
    assert 0 == ask(sent_world, whatsapp=FakeChannel())


@pytest.mark.parametrize(
    ("status", "code", "state"), [("undelivered", 30003, "undelivered"), (None, None, "delivered")]
)
def test_twilio_is_asked_by_the_messages_own_id(
    sent_world: SentWorld, live_carrier: Any, status: str | None, code: int | None, state: str
) -> None:
    live_carrier.carrier.faults.set(Fault(final_status=status, final_code=code))
    channel = live_carrier.channel()
    message_id = sent_world.queue()
    with sent_world.database.reading():
        made = channel.send(_outgoing(sent_world, message_id))
    with sent_world.database.transaction() as db:
        row = db.get_one(type(sent_world.row(message_id)), message_id)
        row.state, row.route, row.provider_id, row.sent_at = "sent", "whatsapp", made.provider_id, sent_world.clock()
    sent_world.clock.forward(minutes=20)
    ask(sent_world, whatsapp=channel)
    assert state == sent_world.row(message_id).state


def _outgoing(world: SentWorld, message_id: int) -> Any:
    return Outgoing(message_id, "whatsapp", "+6281200000001", world.row(message_id).text)
