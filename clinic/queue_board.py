"""Queue, board: the numbers being served and those that come next, for the wall; it knows no names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.facility import Facility, Poli
from clinic.queue_events import Jump, jumps_on
from clinic.queue_line import in_order
from clinic.queue_table import HOLDS_A_NUMBER, QueueEntry
from clinic.queue_turns import in_line, since_priority, turns_of

NEXT_ON_BOARD = 3


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
    live = db.execute(
        select(
            QueueEntry.id,
            QueueEntry.poli,
            QueueEntry.session,
            QueueEntry.number,
            QueueEntry.rank,
            QueueEntry.state,
            QueueEntry.priority,
            QueueEntry.arrived_at,
            QueueEntry.room,
            QueueEntry.calls,
            QueueEntry.called_at,
        ).where(QueueEntry.day == day, QueueEntry.state.in_(HOLDS_A_NUMBER))
    ).all()
    jumps = jumps_on(db, day, limit=20)
    return tuple(
        _row(db, facility, poli, day, [r for r in live if r.poli == poli.id], jumps) for poli in facility.polis
    )


def _row(
    db: Session, facility: Facility, poli: Poli, day: date, every: Iterable[Any], jumps: Iterable[Jump]
) -> BoardRow:
    live = [row for row in every if row.poli == poli.id]
    turns = turns_of(facility, poli.id, day)
    waiting = [in_line(row, turns) for row in live if row.state == "waiting"]
    since = since_priority(db, poli.id, day) if any(each.priority for each in waiting) else 0
    order = in_order(waiting, since_priority=since, rules=facility.queue)
    called = sorted((row for row in live if row.state != "waiting"), key=lambda row: row.called_at, reverse=True)
    rooms = {row.room or poli.id: row for row in reversed(called)}
    names = {room.id: room.name for room in facility.rooms_of(poli.id)}
    return BoardRow(
        poli=poli.id,
        poli_name=poli.name,
        letter=poli.letter,
        serving_code=f"{poli.letter}{called[0].number}" if called else None,
        next_codes=tuple(f"{poli.letter}{each.number}" for each in order[:NEXT_ON_BOARD]),
        waiting=len(waiting),
        rooms=tuple(
            RoomNow(room, names.get(room, poli.name), row.id, f"{poli.letter}{row.number}", row.calls, row.called_at)
            for room, row in rooms.items()
        ),
        jumps=tuple(jump for jump in jumps if jump.poli == poli.id),
    )
