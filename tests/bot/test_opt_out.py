"""After STOP nothing unasked goes out, danger does; START and a message from a blocked phone open the way again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.channels import StatusUpdate
from bot.undelivered import FollowUp
from clinic.contacts import best_address, block_address, has_opted_out
from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.outbox import PRIORITIES, mark_sent
from tests.bot.talk_world import TalkWorld
from tests.transcripts.runner import read_time

STOPPED = "Baik, kami berhenti kirim pesan. Mau lagi? Balas MULAI."
STARTED = "Baik, kami kirim pesan lagi."


@pytest.fixture
def world(database: Database, facility: Facility, keeper: IdentityKeeper) -> TalkWorld:
    world = TalkWorld(database, facility, keeper, read_time("2026-11-23T08:00+08:00"))
    world.says("halo")
    return world


def is_stopped(world: TalkWorld) -> bool:
    with world.database.reading() as db:
        return has_opted_out(db, 1)


@pytest.mark.parametrize(
    "text", ["STOP", "BERHENTI", "JANGAN KIRIM LAGI", "STOP. Terima kasih", "unsubscribe", "gak usah kirim sms lagi"]
)
def test_a_stop_is_confirmed_once(world: TalkWorld, text: str) -> None:
    assert [STOPPED, None, None] == [world.says(text), world.says(text), world.says("stop")]
    assert is_stopped(world)


def test_two_stops_in_a_row_are_one(world: TalkWorld) -> None:
    first, second = world.hears("STOP", pauses=True), world.hears("stop", pauses=True)
    world.says("9")

    assert (False, STOPPED) == (first in world.answers(), world.answers()[second])


def test_a_stop_after_a_day_is_confirmed_anew(world: TalkWorld) -> None:
    world.says("stop")
    world.clock.forward(hours=24)

    assert STOPPED == world.says("stop")


def test_a_stop_after_a_start_is_a_new_one(world: TalkWorld) -> None:
    said = [world.says(text) or "" for text in ("stop", "LANJUT KIRIM", "stop")]

    assert (STOPPED, True, STOPPED) == (said[0], said[1].startswith(STARTED), said[2])


@pytest.mark.parametrize("text", ["stop obat kapan?", "berhenti merokok gimana", "STOP 12345?"])
def test_what_says_more_stops_nothing(world: TalkWorld, text: str) -> None:
    world.says(text)

    assert not is_stopped(world)


def test_a_stop_behind_words_stops(world: TalkWorld) -> None:
    world.hears("ibu saya sudah sembuh", pauses=True)

    assert STOPPED == world.says("STOP")


@pytest.mark.parametrize(("kind", "stopped"), [("STOP", True), ("START", False)])
def test_where_the_provider_confirms_a_stop_we_do_not_as_well(world: TalkWorld, kind: str, stopped: bool) -> None:
    world.says("mulai" if stopped else "stop")
    assert world.says(kind, extra={"opt_out_type": kind, "body": kind}) is None

    assert (stopped, "answered") == (is_stopped(world), world.inbound()[-1].state)


def test_danger_goes_out_after_a_stop_by_word_list_and_by_the_models_ear(world: TalkWorld) -> None:
    world.says("stop")

    assert (world.says("tolong ibu saya pingsan") or "").startswith("Ini bisa gawat.")
    assert PRIORITIES["danger"] == world.outbox()[-1].priority


@pytest.mark.parametrize("code", ["21610", "63014"])
def test_a_provider_that_says_stopped_stops_and_start_lifts_it(world: TalkWorld, code: str) -> None:
    _fails(world, code)
    assert is_stopped(world)

    assert (world.says("mulai") or "").startswith(STARTED)
    assert not is_stopped(world)


@pytest.mark.parametrize("code", ["30004", "30006"])
def test_who_writes_from_a_blocked_phone_can_be_reached_again(world: TalkWorld, code: str) -> None:
    _fails(world, code)
    with world.database.reading() as db:
        assert best_address(db, 1) is None
    world.says("halo")

    with world.database.reading() as db:
        assert best_address(db, 1) is not None


def test_another_phone_of_the_same_person_stays_blocked(world: TalkWorld) -> None:
    with world.database.transaction() as db:
        block_address(db, 1, now=world.clock())
    world.says("halo", channel="whatsapp")

    with world.database.reading() as db:
        found = best_address(db, 1)
        assert found is not None
        assert "whatsapp" == found.channel


def _fails(world: TalkWorld, code: str) -> None:
    """What was said last does not arrive, for this reason."""
    message = world.outbox()[-1]
    with world.database.transaction() as db:
        mark_sent(db, message.id, provider_id="SMX", now=world.clock())
        follow_up = FollowUp(world.talk.facility, has_sms=False)
        later = world.clock() + timedelta(seconds=5)
        assert follow_up.take_status(db, StatusUpdate("SMX", "undelivered", code), now=later)
