"""Queue, ticket: a number as its holder sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.facility import Facility
from clinic.people import Person
from clinic.queue_table import QueueEntry
from clinic.queue_turns import code_of


@dataclass(frozen=True)
class Ticket:
    """A number as its holder sees it; `is_new` is False when it was held already."""

    id: int
    code: str
    number: int
    poli: str
    poli_name: str
    day: date
    session: str
    opens: time
    closes: time
    person_id: int
    person_name: str
    state: str
    is_new: bool = False


def ticket_of(db: Session, facility: Facility, entry: QueueEntry) -> Ticket:
    """The entry as its holder sees it."""
    poli = facility.poli(entry.poli)
    sessions = facility.sessions_on(entry.poli, entry.day) or (poli.sessions if poli is not None else ())
    session = next((each for each in sessions if each.name == entry.session), None)
    return Ticket(
        id=entry.id,
        code=code_of(facility, entry.poli, entry.number),
        number=entry.number,
        poli=entry.poli,
        poli_name=poli.name if poli is not None else entry.poli,
        day=entry.day,
        session=entry.session,
        opens=session.opens if session is not None else time(8),
        closes=session.closes if session is not None else time(12),
        person_id=entry.person_id,
        person_name=db.scalar(select(Person.name).where(Person.id == entry.person_id)) or "",
        state=entry.state,
    )
