"""Nudges: a booking left open is asked about once, and nobody is disturbed who should not be."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.nudges import nudge_left_open
from clinic.contacts import Contact
from clinic.conversations import Conversation
from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.outbox import OutboxMessage
from tests.transcripts.runner import Stage


@pytest.fixture
def stage(database: Database, facility: Facility, keeper: IdentityKeeper) -> Stage:
    """A patient who has asked for a number and not yet said which poli."""
    stage = Stage(database, facility, keeper, {"channel": "whatsapp", "now": "2026-11-23T09:00+08:00"})
    stage.say({"me": "mau ambil antrian"})
    return stage


def nudges(database: Database) -> list[str]:
    with database.reading() as db:
        return list(db.scalars(select(OutboxMessage.text).where(OutboxMessage.key.startswith("nudge:"))))


def test_an_open_booking_is_asked_about_once_after_an_hour(stage: Stage, database: Database) -> None:
    stage.now += timedelta(minutes=30)
    assert nudge_left_open(stage.talk) == 0
    stage.now += timedelta(minutes=40)
    assert nudge_left_open(stage.talk) == 1
    assert nudge_left_open(stage.talk) == 0
    assert ["Tadi Ibu/Bapak sedang daftar. Lanjut?\n1 Ya, 2 Tidak"] == nudges(database)


def test_a_yes_to_the_nudge_goes_on_where_it_stopped(stage: Stage) -> None:
    first = stage.say({"me": "hm"})
    stage.now += timedelta(minutes=70)
    nudge_left_open(stage.talk)
    again = stage.say({"me": "1"})
    assert again is not None
    assert first is not None
    assert again.splitlines()[-1] == first.splitlines()[-1]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(update(Contact).values(opted_out_at=datetime.fromisoformat("2026-11-23T09:30+08:00")), id="stop"),
        pytest.param(update(Conversation).values(handled_by="staff"), id="with staff"),
        pytest.param(update(Conversation).values(has_unanswered=True), id="just wrote again"),
        pytest.param(update(Conversation).values(claimed_by="another"), id="being answered"),
    ],
)
def test_nobody_is_nudged_who(stage: Stage, database: Database, change: object) -> None:
    with database.transaction() as db:
        db.execute(change)
    stage.now += timedelta(minutes=70)
    nudge_left_open(stage.talk)
    assert [] == nudges(database)


def test_nobody_is_nudged_in_the_evening(stage: Stage, database: Database) -> None:
    stage.now = datetime.fromisoformat("2026-11-23T18:30+08:00")
    stage.say({"me": "mau ambil antrian"})
    stage.now += timedelta(minutes=70)
    nudge_left_open(stage.talk)
    assert [] == nudges(database)
