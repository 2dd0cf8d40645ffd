"""Short ways to put messages that were sent, visits and reminders into an empty database."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from clinic.outbox import PRIORITIES, OutboxMessage
from clinic.programmes import Reminder, record_dose
from clinic.queue_table import QueueEntry
from tests.clinic.hands import a_contact, a_person

_numbers = count(1)


def a_sent_message(
    db: Session,
    at: datetime,
    *,
    kind: str = "reply",
    route: str | None = "whatsapp",
    cost: int | None = 8_000,
    segments: int = 0,
    sid: str | None = None,
    **fields: Any,
) -> int:
    """The id of a message that the provider took at that time."""
    contact_id, address_id = a_contact(db, at)
    number = next(_numbers)
    row = OutboxMessage(
        **{
            "key": f"inbound:{number}:1",
            "contact_id": contact_id,
            "address_id": address_id,
            "channel": "whatsapp",
            "text": "Antrian B12.",
            "template": None if sid is None else {"sid": sid, "variables": {"1": "B12"}},
            "priority": PRIORITIES[kind],
            "not_before": at,
            "useless_after": at + timedelta(hours=12),
            "next_try_at": at,
            "created_at": at,
            "state": "delivered",
            "sent_at": at,
            "route": route,
            "segments": segments,
            "cost": cost,
        }
        | fields
    )
    db.add(row)
    db.flush()
    return row.id


def a_dropped_message(db: Session, at: datetime, *, kind: str = "reminder", why: str = "budget") -> int:
    """A message that was not sent."""
    dropped = {"state": "dropped", "error_code": why, "status_at": at, "sent_at": None}
    return a_sent_message(db, at, kind=kind, route=None, cost=None, **dropped)


def a_served_number(
    db: Session, day: date, now: datetime, *, person_id: int | None = None, via: str = "whatsapp", state: str = "done"
) -> int:
    """The id of the person who had a number that day."""
    person_id = person_id or a_person(db, now)
    entry = QueueEntry(
        poli="kia",
        day=day,
        session="pagi",
        number=next(_numbers),
        person_id=person_id,
        via=via,
        state=state,
        taken_at=now,
    )
    db.add(entry)
    db.flush()
    return person_id


def a_reminder(db: Session, at: datetime, *, person_id: int, state: str = "delivered", item: str = "P9M") -> None:
    """A reminder of the baby's programme, written an hour before it went out."""
    written = at - timedelta(hours=1)
    sent_at = None if state in ("dropped", "queued") else at
    outbox_id = a_sent_message(db, at, kind="reminder", state=state, sent_at=sent_at)
    row = Reminder(
        person_id=person_id,
        contact_id=a_contact(db, at)[0],
        programme="imunisasi_bayi",
        item=item,
        occurrence=f"{at.isoformat()}/{next(_numbers)}",
        visit_on=at.date(),
        outbox_id=outbox_id,
        created_at=written,
    )
    db.add(row)
    db.flush()


def a_dose(db: Session, day: date, *, person_id: int, proof: str = "record", item: str = "MR1") -> None:
    record_dose(db, person_id=person_id, programme="imunisasi_bayi", item=item, given_on=day, proof=proof)
