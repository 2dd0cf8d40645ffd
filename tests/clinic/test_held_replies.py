"""A reply that WhatsApp would not take waits for the patient, and goes out once, or never."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from clinic.cases import Case
from clinic.contacts import find_or_create_contact
from clinic.conversations import conversation_of
from clinic.database import Database
from clinic.held_replies import HELD_FOR, held_until
from clinic.inbound import receive
from clinic.outbox import OutboxMessage, queue_message

PHONE = "+6281200000051"


def hold(database: Database, now: datetime, *, case_state: str | None = None) -> int:
    with database.transaction() as db:
        contact, address = find_or_create_contact(db, channel="whatsapp", address=PHONE, profile_name=None, now=now)
        held = held_until(now)
        queue_message(
            db,
            key="staff:1",
            contact_id=contact.id,
            address_id=address.id,
            channel="whatsapp",
            text="Suratnya sudah ada.",
            priority="staff",
            now=now,
            not_before=held,
            useless_after=held,
        )
        if case_state:
            case = Case(contact_id=contact.id, code="K1", kind="handover", topic="asked", text="x", state=case_state)
            case.urgent, case.opened_at, case.due_at = False, now, now
            db.add(case)
        return contact.id


def hears(database: Database, now: datetime, *, channel: str = "whatsapp") -> None:
    with database.transaction() as db:
        receive(db, provider_id=f"SM{now}", channel=channel, address=PHONE, text="YA", now=now)


def row(database: Database) -> OutboxMessage:
    with database.reading() as db:
        return db.scalars(select(OutboxMessage)).one()


def test_it_waits_and_is_of_no_use_once_it_has_waited_a_week(database: Database, now: datetime) -> None:
    hold(database, now)

    assert row(database).not_before == row(database).useless_after == now + HELD_FOR


def test_it_goes_out_when_the_patient_writes(database: Database, now: datetime) -> None:
    hold(database, now)
    later = now + timedelta(hours=3)
    hears(database, later)

    assert (later, "queued") == (row(database).next_try_at, row(database).state)


def test_an_sms_opens_no_window_on_whatsapp(database: Database, now: datetime) -> None:
    hold(database, now)
    hears(database, now + timedelta(hours=3), channel="sms")

    assert row(database).next_try_at == now + HELD_FOR


def test_the_bot_does_not_answer_the_yes_while_the_case_is_in_hand(database: Database, now: datetime) -> None:
    contact = hold(database, now, case_state="taken")
    later = now + timedelta(days=2)
    hears(database, later)

    with database.reading() as db:
        assert conversation_of(db, contact).is_with_staff(later + timedelta(hours=1))


def test_the_bot_answers_as_always_once_the_case_is_closed(database: Database, now: datetime) -> None:
    contact = hold(database, now, case_state="closed")
    hears(database, now + timedelta(days=2))

    with database.reading() as db:
        assert "bot" == conversation_of(db, contact).handled_by
