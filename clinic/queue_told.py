"""Queue, told: whom a number's news may go to, and what its holder was told already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session as Db
from sqlalchemy.orm import aliased

from clinic.contacts import Contact
from clinic.database import insert_into, rows_changed
from clinic.facility import Facility
from clinic.people import Person
from clinic.queue_sessions import ChangeView, view_of_change
from clinic.queue_table import HOLDS_A_NUMBER, QueueEntry, QueuePush, SessionChange
from clinic.queue_turns import code_of

EVENING, LEAVE, MOVED, CHANGE = "evening", "leave", "moved", "change"
IDS_AT_ONCE = 500


@dataclass(frozen=True)
class Holder:
    """A live number with the phone that took it; `travel_minutes` None: they did not say how far they live."""

    entry_id: int
    code: str
    poli: str
    day: date
    session: str
    state: str
    person_id: int
    person_name: str
    birth_date: date | None
    is_known: bool
    """Was served here before, or has a record here."""
    contact_id: int | None
    travel_minutes: int | None
    taken_at: datetime
    arrived_at: datetime | None


@dataclass(frozen=True)
class Told:
    """Something the holder of a number was told without asking, and the range that was said."""

    kind: str
    occurrence: int
    told_from: datetime | None
    told_until: datetime | None
    created_at: datetime


def holders_on(
    db: Db, facility: Facility, *, poli: str, day: date, session: str | None = None, waiting_only: bool = False
) -> tuple[Holder, ...]:
    """Live numbers of a poli and day, by number."""
    states = ("waiting",) if waiting_only else HOLDS_A_NUMBER
    there = [QueueEntry.poli == poli, QueueEntry.day == day, QueueEntry.state.in_(states)]
    if session is not None:
        there.append(QueueEntry.session == session)
    earlier = aliased(QueueEntry)
    was_here = exists().where(earlier.person_id == QueueEntry.person_id, earlier.state == "done")
    rows = db.execute(
        select(QueueEntry, Person, Contact.travel_minutes, was_here)
        .join(Person, Person.id == QueueEntry.person_id)
        .outerjoin(Contact, Contact.id == QueueEntry.contact_id)
        .where(*there)
        .order_by(QueueEntry.number)
        .execution_options(populate_existing=True)
    )
    return tuple(_holder(facility, *row) for row in rows)


def told_to(db: Db, entry_ids: Iterable[int]) -> Mapping[int, tuple[Told, ...]]:
    """Entry -> what its holder was told, in that order."""
    ids, found = sorted(set(entry_ids)), dict[int, list[Told]]()
    for start in range(0, len(ids), IDS_AT_ONCE):
        some = QueuePush.entry_id.in_(ids[start : start + IDS_AT_ONCE])
        for row in db.scalars(select(QueuePush).where(some).order_by(QueuePush.id)):
            told = Told(row.kind, row.occurrence, row.told_from, row.told_until, row.created_at)
            found.setdefault(row.entry_id, []).append(told)
    return {entry_id: tuple(each) for entry_id, each in found.items()}


def note_told(
    db: Db,
    entry_id: int,
    kind: str,
    *,
    occurrence: int = 0,
    told_from: datetime | None = None,
    told_until: datetime | None = None,
    now: datetime,
) -> bool:
    """Keep that it is told with this transaction; False when somebody told it already."""
    row = {
        "entry_id": entry_id,
        "kind": kind,
        "occurrence": occurrence,
        "told_from": told_from,
        "told_until": told_until,
        "created_at": now,
    }
    insert = insert_into(db, QueuePush).values(**row).on_conflict_do_nothing()
    return db.scalar(insert.returning(QueuePush.id)) is not None


def change_by_id(db: Db, change_id: int) -> ChangeView | None:
    """The change, undone or not."""
    row = db.get(SessionChange, change_id, populate_existing=True)
    return view_of_change(row) if row is not None else None


def untold_changes(db: Db, *, from_day: date) -> tuple[int, ...]:
    """Changes of coming days that stand, and of which not everyone concerned has a message yet."""
    there = (SessionChange.day >= from_day, SessionChange.told_at.is_(None), SessionChange.undone_at.is_(None))
    return tuple(db.scalars(select(SessionChange.id).where(*there).order_by(SessionChange.id)))


def is_undone(db: Db, change_id: int) -> bool:
    """Whether staff took the change back."""
    return db.scalar(select(SessionChange.undone_at).where(SessionChange.id == change_id)) is not None


def mark_told(db: Db, change_id: int, *, now: datetime) -> None:
    """Everyone concerned has a message in the outbox."""
    there = (SessionChange.id == change_id, SessionChange.told_at.is_(None))
    rows_changed(db, update(SessionChange).where(*there).values(told_at=now))


def _holder(facility: Facility, entry: QueueEntry, person: Person, travel: int | None, was_here: bool) -> Holder:
    return Holder(
        entry_id=entry.id,
        code=code_of(facility, entry.poli, entry.number),
        poli=entry.poli,
        day=entry.day,
        session=entry.session,
        state=entry.state,
        person_id=person.id,
        person_name=person.name,
        birth_date=person.known_birth_date,
        is_known=was_here or person.record_number is not None,
        contact_id=entry.contact_id,
        travel_minutes=travel,
        taken_at=entry.taken_at,
        arrived_at=entry.arrived_at,
    )
