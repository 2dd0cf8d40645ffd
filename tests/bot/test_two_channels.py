"""One conversation over two channels: what was said on WhatsApp is not asked again by SMS."""

from __future__ import annotations

from datetime import datetime

import pytest

from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from tests.bot.talk_world import PHONE, TalkWorld


@pytest.fixture
def world(database: Database, facility: Facility, keeper: IdentityKeeper, now: datetime) -> TalkWorld:
    return TalkWorld(database, facility, keeper, now)


def test_a_booking_begun_on_whatsapp_ends_by_sms_without_asking_twice(world: TalkWorld) -> None:
    first = world.says("mau daftar poli gigi besok pagi", channel="whatsapp", phone=PHONE)
    second = world.says("1", channel="sms", phone=PHONE)
    third = world.says("Siti Aminah", channel="whatsapp", phone=PHONE)
    fourth = world.says("17-8-1993", channel="sms", phone=PHONE)
    said = [text or "" for text in (first, second, third, fourth)]
    assert [False] * 3 == ["poli apa" in text.lower() for text in said[1:]], "the poli was said already"
    assert "B1" in " ".join(said), f"a number in the end: {said}"


def test_danger_on_the_second_channel_is_heard_in_the_middle_of_the_first(world: TalkWorld) -> None:
    world.says("mau daftar poli gigi besok pagi", channel="whatsapp", phone=PHONE)
    answer = world.says("anak sy kejang", channel="sms", phone=PHONE)
    assert answer is not None
    assert "119" in answer
    assert [("emergency", True)] == [(case.kind, case.urgent) for case in world.cases()]
