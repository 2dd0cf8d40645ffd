"""The day itself: who is called next, who was served, and what the board shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, update
from sqlalchemy.orm import Session

from clinic.database import rows_changed
from clinic.facility import Facility
from clinic.people import Person
from clinic.queue_table import QueueEntry

NEXT_ON_BOARD = 3


@dataclass(frozen=True)
class Position:
    """Where a number stands: the one being served, and how many wait before it."""

    serving_code: str | None
    before: int


@dataclass(frozen=True)
class Called:
    """The number that was called."""

    id: int
    number: int


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


@dataclass(frozen=True)
class BoardRow:
    """One poli on the board; it knows no names."""

    poli: str
    poli_name: str
    letter: str
    serving_code: str | None
    next_codes: tuple[str, ...]
    waiting: int


def call_next(db: Session, poli: str, day: date, *, facility: Facility, now: datetime) -> Called | None:
    """Call the lowest number of the earliest session; whoever was called before counts as served.

    None when nobody waits.
    """
    first = (
        select(QueueEntry.id)
        .where(QueueEntry.poli == poli, QueueEntry.day == day, QueueEntry.state == "waiting")
        .order_by(_turn(facility, poli, day), QueueEntry.number)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    called = db.execute(
        update(QueueEntry)
        .where(QueueEntry.id == first.scalar_subquery(), QueueEntry.state == "waiting")
        .values(state="called", called_at=now)
        .returning(QueueEntry.id, QueueEntry.number),
        execution_options={"synchronize_session": False},
    ).first()
    if called is None:
        return None
    before = (
        QueueEntry.poli == poli,
        QueueEntry.day == day,
        QueueEntry.state.in_(("called", "serving")),
        QueueEntry.id != called.id,
    )
    rows_changed(db, update(QueueEntry).where(*before).values(state="done", done_at=now))
    return Called(id=called.id, number=called.number)


def finish(db: Session, entry_id: int, *, now: datetime) -> bool:
    """The called number was served; False when it was not called."""
    return _close(db, entry_id, state="done", now=now)


def skip(db: Session, entry_id: int, *, now: datetime) -> bool:
    """The called number did not come; False when it was not called."""
    return _close(db, entry_id, state="skipped", now=now)


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
    return tuple(
        QueueRow(
            id=entry.id,
            code=_code(facility, entry.poli, entry.number),
            poli=entry.poli,
            day=entry.day,
            session=entry.session,
            state=entry.state,
            person_id=entry.person_id,
            person_name=name,
            via=entry.via,
            taken_at=entry.taken_at,
        )
        for entry, name in db.execute(statement)
    )


def now_serving(db: Session, facility: Facility, day: date) -> tuple[BoardRow, ...]:
    """Every poli of the centre with its number now, the next ones and how many wait."""
    return tuple(_board_row(db, facility, poli.id, poli.name, poli.letter, day) for poli in facility.polis)


def position_of(db: Session, facility: Facility, *, poli: str, day: date, session: str, number: int) -> Position:
    """The number being served, and how many wait before this one."""
    turns = _turns(facility, poli, day)
    mine, turn = turns.get(session, len(turns)), _turn(facility, poli, day)
    before = select(func.count(QueueEntry.id)).where(
        QueueEntry.poli == poli,
        QueueEntry.day == day,
        QueueEntry.state == "waiting",
        or_(turn < mine, and_(turn == mine, QueueEntry.number < number)),
    )
    serving = _serving(db, poli, day)
    code = _code(facility, poli, serving) if serving is not None else None
    return Position(serving_code=code, before=db.scalar(before) or 0)


def _turns(facility: Facility, poli: str, day: date) -> dict[str, int]:
    return {session.name: place for place, session in enumerate(facility.sessions_on(poli, day))}


def _turn(facility: Facility, poli: str, day: date) -> ColumnElement[int]:
    """An afternoon's number waits for the afternoon, however early it was taken."""
    turns = _turns(facility, poli, day)
    return case(turns, value=QueueEntry.session, else_=len(turns)) if turns else literal(0)


def _board_row(db: Session, facility: Facility, poli: str, name: str, letter: str, day: date) -> BoardRow:
    waiting = db.scalars(
        select(QueueEntry.number)
        .where(QueueEntry.poli == poli, QueueEntry.day == day, QueueEntry.state == "waiting")
        .order_by(_turn(facility, poli, day), QueueEntry.number)
    ).all()
    serving = _serving(db, poli, day)
    return BoardRow(
        poli=poli,
        poli_name=name,
        letter=letter,
        serving_code=_code(facility, poli, serving) if serving is not None else None,
        next_codes=tuple(_code(facility, poli, number) for number in waiting[:NEXT_ON_BOARD]),
        waiting=len(waiting),
    )


def _serving(db: Session, poli: str, day: date) -> int | None:
    statement = (
        select(QueueEntry.number)
        .where(QueueEntry.poli == poli, QueueEntry.day == day, QueueEntry.state.in_(("called", "serving")))
        .order_by(QueueEntry.called_at.desc())
        .limit(1)
    )
    return db.scalar(statement)


def _close(db: Session, entry_id: int, *, state: str, now: datetime) -> bool:
    called = (QueueEntry.id == entry_id, QueueEntry.state.in_(("called", "serving")))
    return rows_changed(db, update(QueueEntry).where(*called).values(state=state, done_at=now)) > 0


def _code(facility: Facility, poli: str, number: int) -> str:
    found = facility.poli(poli)
    return f"{found.letter if found is not None else '?'}{number}"
