"""Standing: what is known of a contact when its message is heard, and whether the service lives."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from clinic.contacts import mark_greeted, opt_out
from clinic.conversations import hand_to_staff
from clinic.database import Database, open_database
from clinic.heartbeats import Beat, beat, read_pulse
from clinic.outbox import queue_message
from clinic.standing import Standing, standing_of
from tests.clinic.hands import a_contact, a_message

MINUTE = timedelta(minutes=1)


def test_somebody_new_stands_at_the_beginning(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        a_message(db, now, provider_id="SM1")
        contact_id, _ = a_contact(db, now)
        standing = standing_of(db, contact_id, now=now, flood_minutes=5)
    assert standing == Standing(
        contact_id, is_first_contact=True, has_opted_out=False, is_with_staff=False, recent_messages=1
    )


def test_somebody_known_is_known(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        for minutes in range(8):
            a_message(db, now + minutes * MINUTE, provider_id=f"SM{minutes}")
        contact_id, _ = a_contact(db, now)
        mark_greeted(db, contact_id, now=now)
        opt_out(db, contact_id, now=now)
        hand_to_staff(db, contact_id, until=now + 10 * MINUTE)
        during = standing_of(db, contact_id, now=now + 7 * MINUTE, flood_minutes=5)
        after = standing_of(db, contact_id, now=now + 10 * MINUTE, flood_minutes=5)
    assert during == Standing(
        contact_id, is_first_contact=False, has_opted_out=True, is_with_staff=True, recent_messages=5
    )
    assert (False, 2) == (after.is_with_staff, after.recent_messages)


def test_nobody_has_no_standing(database: Database, now: datetime) -> None:
    with database.reading() as db, pytest.raises(LookupError, match="no contact 1"):
        standing_of(db, 1, now=now, flood_minutes=5)


def test_the_last_sign_of_life_counts(database: Database, now: datetime) -> None:
    for minutes in range(2):
        with database.transaction() as db:
            beat(db, part="worker", now=now + minutes * MINUTE, detail=f"turns={minutes}")
    pulse = read_pulse(database, now=now)
    assert pulse is not None
    assert ({"worker": Beat(at=now + MINUTE, detail="turns=1")}, None) == (pulse.beats, pulse.oldest_due)


def test_the_pulse_tells_since_when_a_message_waits(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id, address_id = a_contact(db, now)
        for key, not_before in (("later", now + MINUTE), ("due", now - MINUTE), ("long due", now - 5 * MINUTE)):
            queue_message(
                db,
                key=key,
                contact_id=contact_id,
                address_id=address_id,
                channel="sms",
                text="ya",
                now=now,
                not_before=not_before,
            )
    pulse = read_pulse(database, now=now)
    assert pulse is not None
    assert now - 5 * MINUTE == pulse.oldest_due


def test_a_database_that_does_not_answer_has_no_pulse(tmp_path: Path, now: datetime) -> None:
    database = open_database(f"sqlite:///{tmp_path}/none/sapa.db")
    assert read_pulse(database, now=now) is None
    database.close()
