"""Queue, list: every number of a day, for staff, programs and paper."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.facility import Facility
from clinic.people import Person
from clinic.queue_table import QueueEntry
from clinic.queue_turns import code_of

CODE = re.compile(r"(?P<letter>[A-Za-z])\s*-?\s*0*(?P<number>[1-9][0-9]{0,3})")


@dataclass(frozen=True)
class QueueRow:
    """One number on the day's list."""

    id: int
    code: str
    poli: str
    day: date
    session: str
    state: str
    person_id: int
    person_name: str
    via: str
    taken_at: datetime
    number: int
    room: str | None
    calls: int
    priority: str | None
    arrived_at: datetime | None
    called_at: datetime | None
    served_at: datetime | None
    done_at: datetime | None


def day_list(db: Session, day: date, *, facility: Facility, poli: str | None = None) -> tuple[QueueRow, ...]:
    """Every number of a day, cancelled ones too, by poli and number."""
    statement = (
        select(QueueEntry, Person.name)
        .join(Person, Person.id == QueueEntry.person_id)
        .where(QueueEntry.day == day)
        .order_by(QueueEntry.poli, QueueEntry.number)
    )
    if poli is not None:
        statement = statement.where(QueueEntry.poli == poli)
    return tuple(_row(entry, name, facility) for entry, name in db.execute(statement))


def number_on(db: Session, day: date, code: str, *, facility: Facility) -> QueueRow | None:
    """The number that people call by this code ("B12", "b 12") on that day; None when nobody has or had it."""
    found = CODE.fullmatch(code.strip())
    poli = next((each.id for each in facility.polis if found and each.letter == found["letter"].upper()), None)
    if found is None or poli is None:
        return None
    statement = (
        select(QueueEntry, Person.name)
        .join(Person, Person.id == QueueEntry.person_id)
        .where(QueueEntry.poli == poli, QueueEntry.day == day, QueueEntry.number == int(found["number"]))
        .execution_options(populate_existing=True)
    )
    row = db.execute(statement).first()
    return None if row is None else _row(row[0], row[1], facility)


def _row(entry: QueueEntry, name: str, facility: Facility) -> QueueRow:
    return QueueRow(
        id=entry.id,
        code=code_of(facility, entry.poli, entry.number),
        poli=entry.poli,
        day=entry.day,
        session=entry.session,
        state=entry.state,
        person_id=entry.person_id,
        person_name=name,
        via=entry.via,
        taken_at=entry.taken_at,
        number=entry.number,
        room=entry.room,
        calls=entry.calls,
        priority=entry.priority,
        arrived_at=entry.arrived_at,
        called_at=entry.called_at,
        served_at=entry.served_at,
        done_at=entry.done_at,
    )
