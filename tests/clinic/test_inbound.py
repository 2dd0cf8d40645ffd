"""Inbound: a message is kept once however often it comes, and settled once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.contacts import best_address, block_address
from clinic.conversations import conversation_of
from clinic.database import Database
from clinic.inbound import (
    InboundMessage,
    mark_answered,
    mark_failed,
    mark_silent,
    receive,
    unanswered,
    waits_for_answer,
    written_since,
)
from tests.clinic.hands import PHONE, a_contact, a_message, at_once


def test_a_webhook_that_comes_many_times_at_once_is_one_message(database: Database, now: datetime) -> None:
    def hook(db: Session, number: int) -> tuple[int, bool]:
        got = receive(
            db, provider_id=f"SM{number % 5}", channel="sms", address=f"+62812000000{number % 5}", text="halo", now=now
        )
        return got.inbound_id, got.is_new

    results = at_once(database, hook, range(60), threads=12)
    with database.reading() as db:
        kept = db.scalar(select(func.count(InboundMessage.id)))
    assert (5, 5, 5) == (kept, len({inbound_id for inbound_id, _ in results}), sum(is_new for _, is_new in results))


def test_messages_wait_in_the_order_of_arrival(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        for number in range(5):
            a_message(db, now, provider_id=f"SM{number}", text=str(number))
        contact_id, _ = a_contact(db, now)
        assert ["0", "1", "2", "3", "4"] == [message.text for message in unanswered(db, contact_id)]


def test_everything_that_came_is_kept_as_it_came(database: Database, now: datetime) -> None:
    media, extra = [{"url": "https://example.invalid/1", "type": "image/jpeg"}], {"latitude": "-0.5", "button": "ya"}
    with database.transaction() as db:
        receive(
            db,
            provider_id="SM1",
            channel="whatsapp",
            address=PHONE,
            text="😀" * 300,
            media=media,
            extra=extra,
            profile_name="Ibu 😀",
            now=now,
        )
    with database.reading() as db:
        contact_id, _ = a_contact(db, now)
        (message,) = unanswered(db, contact_id)
    assert ("😀" * 300, media, extra, now) == (
        message.text,
        list(message.media),
        dict(message.extra),
        message.received_at,
    )


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("antri\x00 gigi", "antri gigi", id="a NUL sign"),
        pytest.param("antri \ud83d gigi", "antri ? gigi", id="half an emoji"),
        pytest.param("", "", id="nothing"),
        pytest.param("'; DROP TABLE contact; --", "'; DROP TABLE contact; --", id="SQL"),
        pytest.param("9" * 1000, "9" * 1000, id="a thousand digits"),
    ],
)
def test_whatever_text_comes_can_be_kept(database: Database, now: datetime, text: str, kept: str) -> None:
    with database.transaction() as db:
        a_message(db, now, provider_id="SM1", text=text)
        contact_id, _ = a_contact(db, now)
        assert [kept] == [message.text for message in unanswered(db, contact_id)]


@pytest.mark.parametrize(
    ("mark", "state"),
    [
        pytest.param(mark_answered, "answered", id="answered"),
        pytest.param(mark_silent, "silent", id="silent"),
        pytest.param(mark_failed, "failed", id="failed"),
    ],
)
def test_a_message_is_settled_once(database: Database, now: datetime, mark: type, state: str) -> None:
    with database.transaction() as db:
        inbound_id = a_message(db, now, provider_id="SM1")
        first = mark(db, inbound_id, now=now, reading={"intent": "greet"})
        second = mark_failed(db, inbound_id, now=now)
        kept = db.execute(select(InboundMessage.state, InboundMessage.reading)).one()
    assert (True, False, (state, {"intent": "greet"})) == (first, second, tuple(kept))


def test_a_conversation_waits_until_its_last_message_is_settled(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        first = a_message(db, now, provider_id="SM1")
        second = a_message(db, now + timedelta(minutes=1), provider_id="SM2")
        contact_id, _ = a_contact(db, now)
        mark_answered(db, first, now=now, reading={})
        still = conversation_of(db, contact_id).has_unanswered
        mark_silent(db, second, now=now)
        assert (True, False) == (still, conversation_of(db, contact_id).has_unanswered)


def test_a_message_that_comes_while_another_is_answered_is_not_forgotten(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        ids = [a_message(db, now, provider_id=f"OLD{number}") for number in range(12)]
        contact_id, _ = a_contact(db, now)

    def settle_or_write(db: Session, number: int) -> None:
        if number % 2:
            a_message(db, now, provider_id=f"NEW{number}")
        else:
            mark_answered(db, ids[number // 2], now=now, reading={})

    at_once(database, settle_or_write, range(24), threads=8)
    with database.reading() as db:
        assert (12, True) == (len(unanswered(db, contact_id)), conversation_of(db, contact_id).has_unanswered)


def test_what_was_written_lately_is_found_in_its_order(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        for minutes in (0, 3, 6, 9):
            a_message(db, now + timedelta(minutes=minutes), provider_id=f"SM{minutes}")
        contact_id, _ = a_contact(db, now)
        found = written_since(db, contact_id, since=now + timedelta(minutes=2), before_id=4, most=50)
        newest = written_since(db, contact_id, since=now, before_id=9, most=2)
    assert ([2, 3], [3, 4]) == ([message.id for message in found], [message.id for message in newest])


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="without a zone"), database.transaction() as db:
        a_message(db, datetime(2026, 11, 23, 8, 0), provider_id="SM1")


def test_whoever_writes_from_a_blocked_address_can_be_reached_there_again(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id, address_id = a_contact(db, now)
        block_address(db, address_id, now=now)
        assert best_address(db, contact_id) is None
        a_message(db, now, provider_id="SM1")
        found = best_address(db, contact_id)
    assert address_id == (found and found.id)


def test_the_way_a_message_came_is_remembered_until_another_is_told(database: Database, now: datetime) -> None:
    routes = []
    with database.transaction() as db:
        for number, route in enumerate(("gammu", None, "android")):
            receive(
                db, provider_id=f"SM{number}", channel="whatsapp", address=PHONE, text="a", route=route, now=now
            )  # fmt: skip
            db.expire_all()
            contact_id, _ = a_contact(db, now)
            found = best_address(db, contact_id)
            routes.append(found and found.route)
    assert ["gammu", "gammu", "android"] == routes


def test_several_messages_are_settled_as_one(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        ids = [a_message(db, now, provider_id=f"SM{number}") for number in range(3)]
        contact_id, _ = a_contact(db, now)
        assert mark_answered(db, ids[1], now=now, reading={"intent": "greet"}, joined=ids[:1])
        left = unanswered(db, contact_id)
        rows = [db.get_one(InboundMessage, inbound_id, populate_existing=True) for inbound_id in ids]
        kept = [(row.state, row.reading) for row in rows]
        waits = waits_for_answer(db, channel="whatsapp", address=PHONE)
        mark_silent(db, ids[2], now=now)
        still = waits_for_answer(db, channel="whatsapp", address=PHONE)
    assert [ids[2]] == [message.id for message in left]
    assert [("answered", {"joined_to": ids[1]}), ("answered", {"intent": "greet"}), ("received", {})] == kept
    assert (True, False) == (waits, still)
