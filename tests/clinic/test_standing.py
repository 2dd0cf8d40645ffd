"""Standing: what is known of a contact when its message is heard."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from clinic.contacts import mark_greeted, opt_out
from clinic.conversations import hand_to_staff
from clinic.database import Database
from clinic.facility import Limits
from clinic.inbound import mark_silent, unanswered
from clinic.outbox import mark_sent, queue_message
from clinic.standing import Standing, standing_of
from tests.clinic.hands import a_contact, a_message

MINUTE = timedelta(minutes=1)
LIMITS = Limits()


def test_somebody_new_stands_at_the_beginning(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        a_message(db, now, provider_id="SM1")
        contact_id, _ = a_contact(db, now)
        standing = standing_of(db, contact_id, now=now, limits=LIMITS)
    assert standing == Standing(
        contact_id, is_first_contact=True, has_opted_out=False, is_with_staff=False, recent_messages=0
    )


def test_somebody_known_is_known(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        for minutes in range(8):
            a_message(db, now + minutes * MINUTE, provider_id=f"SM{minutes}")
        contact_id, _ = a_contact(db, now)
        mark_greeted(db, contact_id, now=now)
        opt_out(db, contact_id, now=now)
        hand_to_staff(db, contact_id, until=now + 10 * MINUTE)
        waiting = unanswered(db, contact_id)[-2:]
        during = standing_of(db, contact_id, now=now + 7 * MINUTE, limits=LIMITS, taken_up=waiting)
        after = standing_of(db, contact_id, now=now + 10 * MINUTE, limits=LIMITS, taken_up=waiting)
    assert (False, True, True) == (during.is_first_contact, during.has_opted_out, during.is_with_staff)
    assert (5, 3, True) == (during.recent_messages, during.messages_before, during.stopped_lately)
    assert (False, 2, 0) == (after.is_with_staff, after.recent_messages, after.messages_before)


def test_what_was_written_before_is_known_with_how_soon_it_followed_something_of_ours(
    database: Database, now: datetime
) -> None:
    limits = LIMITS.model_copy(update={"ping_pong_messages": 3})
    with database.transaction() as db:
        for number in range(4):
            a_message(db, now + number * MINUTE, provider_id=f"SM{number}", text=f"pesan {number}")
        contact_id, address_id = a_contact(db, now)
        queue_message(
            db, key="x", contact_id=contact_id, address_id=address_id, channel="whatsapp", text="ya", now=now
        )  # fmt: skip
        mark_sent(db, 1, provider_id="SMX", now=now + 2 * MINUTE - timedelta(seconds=2))
        first, *_, last = unanswered(db, contact_id)
        mark_silent(db, first.id, now=now, reading={"silent": "loop"})
        standing = standing_of(db, contact_id, now=now + 3 * MINUTE, limits=limits, taken_up=(last,))
    told = [(written.text, written.silence, written.follows) for written in standing.written_before]
    assert [("pesan 0", "loop", None), ("pesan 1", "", None), ("pesan 2", "", 2.0)] == told
    assert [62.0] == [written.follows for written in standing.now_written]


def test_a_stop_of_yesterday_is_not_fresh(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id, _ = a_contact(db, now)
        opt_out(db, contact_id, now=now)
        later = standing_of(db, contact_id, now=now + timedelta(hours=24), limits=LIMITS)
    assert (True, False) == (later.has_opted_out, later.stopped_lately)


def test_nobody_has_no_standing(database: Database, now: datetime) -> None:
    with database.reading() as db, pytest.raises(LookupError, match="no contact 1"):
        standing_of(db, 1, now=now, limits=LIMITS)
