"""Cases when a contact's messages come at the same moment, and whom the bot leaves to a person."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.cases import Case, close_case, open_case, take_case
from clinic.conversations import conversation_of, hand_to_staff
from clinic.database import Database
from tests.clinic.hands import a_contact, at_once


def live_cases(database: Database) -> int:
    with database.reading() as db:
        return db.scalar(select(func.count(Case.id)).where(Case.state != "closed")) or 0


@pytest.mark.parametrize("kind", ["handover", "emergency"])
def test_messages_at_once_open_one_case_and_lose_no_words(database: Database, now: datetime, kind: str) -> None:
    with database.transaction() as db:
        contact_id, _ = a_contact(db, now)

    def ask(db: Session, number: int) -> str:
        return open_case(db, kind=kind, topic=None, text=f"kata{number}", contact_id=contact_id, now=now).code

    codes = at_once(database, ask, range(12), threads=12)
    with database.reading() as db:
        text = db.scalar(select(Case.text)) or ""
    assert (1, 1, {f"kata{number}" for number in range(12)}) == (
        len(set(codes)),
        live_cases(database),
        set(text.splitlines()),
    )


def test_two_contacts_have_a_case_each(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contacts = [a_contact(db, now, address=f"+628120000000{number}")[0] for number in range(2)]

    def ask(db: Session, contact_id: int) -> int:
        return open_case(db, kind="handover", topic=None, text="tolong", contact_id=contact_id, now=now).id

    assert 2 == len(set(at_once(database, ask, contacts)))


def test_the_bot_stays_silent_for_who_still_waits_for_a_person(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id, _ = a_contact(db, now)
        complaint = open_case(db, kind="complaint", topic=None, text="lama", contact_id=contact_id, now=now)
        handover = open_case(db, kind="handover", topic=None, text="petugas", contact_id=contact_id, now=now)
        hand_to_staff(db, contact_id, until=now + timedelta(hours=12))
        take_case(db, complaint.id, staff_id=None, now=now)
        close_case(db, complaint.id, staff_id=None, outcome="sudah", now=now)
        waiting = conversation_of(db, contact_id).is_with_staff(now)
        close_case(db, handover.id, staff_id=None, outcome="sudah", now=now)
        assert (True, False) == (waiting, conversation_of(db, contact_id).is_with_staff(now))


def test_a_case_about_nobody_is_always_a_new_one(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        for _ in range(2):
            open_case(db, kind="error", topic="worker", text="", contact_id=None, now=now)
    assert 2 == live_cases(database)
