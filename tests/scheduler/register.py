"""Families in a real database, for the tests of what is queued for whom."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from clinic.contacts import find_or_create_contact, link_person
from clinic.database import Database, open_database
from clinic.migrate import migrate
from clinic.outbox import OutboxMessage
from clinic.people import Person
from clinic.programmes import Reminder, enrol, record_dose
from tests.scheduler.wonorejo import UP_TO_4_MONTHS, at, got

ENROLLED_AT = at("2026-02-24 09:00")
DUE_TODAY = at("2026-11-24 08:00")
"""The child of `family` is nine months old on this Tuesday morning."""


def new_database(folder: Path) -> Database:
    database = open_database(f"sqlite:///{folder / 'sapa.db'}")
    migrate(database)
    return database


def add_person(database: Database, name: str, birth: str | None = None) -> int:
    with database.transaction() as db:
        born = date.fromisoformat(birth) if birth else None
        person = Person(name=name, birth_date=born, created_at=ENROLLED_AT)
        db.add(person)
        db.flush()
        return person.id


def add_phone(
    database: Database, address: str, *, channel: str = "sms", wrote: datetime = DUE_TODAY - timedelta(days=3)
) -> int:
    """A contact that wrote to us from this address."""
    with database.transaction() as db:
        contact, found = find_or_create_contact(db, channel=channel, address=address, profile_name=None, now=wrote)
        found.last_inbound_at = wrote
        return contact.id


def link(database: Database, contact_id: int, person_id: int, *, role: str = "child", proof: str = "staff") -> None:
    with database.transaction() as db:
        link_person(db, contact_id=contact_id, person_id=person_id, role=role, proof=proof, now=ENROLLED_AT)


def follow_infants(database: Database, person_id: int, *, born: str = "2026-02-24") -> None:
    """Enrolled at birth and vaccinated on time up to four months."""
    with database.transaction() as db:
        birth = date.fromisoformat(born)
        enrol(db, person_id=person_id, programme="imunisasi_bayi", anchor=birth, now=ENROLLED_AT)
        for dose in got(UP_TO_4_MONTHS, person=person_id):
            record_dose(
                db,
                person_id=person_id,
                programme=dose.programme,
                item=dose.item,
                given_on=dose.given_on,
                proof="record",
            )


def family(database: Database) -> tuple[int, int]:
    """A mother's phone and her child who is due on 24 November 2026: person and contact id."""
    child = add_person(database, "Budi Santoso", "2026-02-24")
    phone = add_phone(database, "+62811555001")
    link(database, phone, child)
    follow_infants(database, child)
    return child, phone


def deliver(database: Database) -> None:
    """Everything queued has left."""
    with database.transaction() as db:
        for message in db.query(OutboxMessage):
            message.state = "sent"


def messages(database: Database) -> list[OutboxMessage]:
    with database.reading() as db:
        return list(db.query(OutboxMessage).order_by(OutboxMessage.id))


def reminders(database: Database) -> list[Reminder]:
    with database.reading() as db:
        return list(db.query(Reminder).order_by(Reminder.id))
