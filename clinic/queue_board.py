"""Queue, board: the numbers being served and those that come next, for the wall; it knows no names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.facility import Facility, Poli
from clinic.queue_events import Jump, jumps_on
from clinic.queue_line import InLine, as_called
from clinic.queue_table import BEING_SERVED, QueueEntry
from clinic.queue_turns import since_priority, waiting_of

NEXT_ON_BOARD = 3
JUMPS_LOOKED_AT = 20


@dataclass(frozen=True)
class RoomNow:
    """A room and the number it called last, as long as that is not done; `calls` counts how often."""

    room: str
    name: str
    entry_id: int
    code: str
    calls: int
    called_at: datetime


@dataclass(frozen=True)
class BoardRow:
    """One poli on the board: the number called last, those called in each room, the next ones in order."""

    poli: str
    poli_name: str
    letter: str
    serving_code: str | None
    next_codes: tuple[str, ...]
    waiting: int
    rooms: tuple[RoomNow, ...] = ()
    jumps: tuple[Jump, ...] = ()


def now_serving(db: Session, facility: Facility, day: date) -> tuple[BoardRow, ...]:
    """Every poli of the centre with its number now, the next ones and how many wait."""
    jumps = jumps_on(db, day, limit=JUMPS_LOOKED_AT)
    called = _called_on(db, facility, day)
    return tuple(
        _row(
            facility,
            poli,
            order=_waiting_in_order(db, facility, poli, day),
            called=[row for row in called if row.poli == poli.id],
            jumps=tuple(jump for jump in jumps if jump.poli == poli.id),
        )
        for poli in facility.polis
    )


def _row(
    facility: Facility, poli: Poli, *, order: Sequence[InLine], called: Sequence[QueueEntry], jumps: tuple[Jump, ...]
) -> BoardRow:
    names = {room.id: room.name for room in facility.rooms_of(poli.id)}
    rooms = {row.room or poli.id: row for row in called}
    return BoardRow(
        poli=poli.id,
        poli_name=poli.name,
        letter=poli.letter,
        serving_code=f"{poli.letter}{called[-1].number}" if called else None,
        next_codes=tuple(f"{poli.letter}{each.number}" for each in order[:NEXT_ON_BOARD]),
        waiting=len(order),
        rooms=tuple(
            RoomNow(room, names.get(room, poli.name), row.id, f"{poli.letter}{row.number}", row.calls, called_at)
            for room, row in rooms.items()
            if (called_at := row.called_at) is not None
        ),
        jumps=jumps,
    )


def _called_on(db: Session, facility: Facility, day: date) -> Sequence[QueueEntry]:
    """Who is called or served now, whoever was called last at the end."""
    polis = [poli.id for poli in facility.polis]
    there = (QueueEntry.day == day, QueueEntry.poli.in_(polis), QueueEntry.state.in_(BEING_SERVED))
    newest_last = (QueueEntry.called_order.nulls_first(), QueueEntry.id)
    return db.scalars(select(QueueEntry).where(*there).order_by(*newest_last)).all()


def _waiting_in_order(db: Session, facility: Facility, poli: Poli, day: date) -> tuple[InLine, ...]:
    waiting = waiting_of(db, facility, poli.id, day)
    since = since_priority(db, poli.id, day) if any(each.priority for each in waiting) else 0
    return as_called(waiting, since_priority=since, rules=facility.queue)
