"""Gammu, messages in: what gammu-smsd received, whole messages and the pieces of those that never got whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, literal, select, update

from clinic.gammu_clock import clock_of
from clinic.gammu_tables import Flag, GammuStore, inbox

SETTLES_AFTER = timedelta(seconds=3)
"""gammu-smsd writes the pieces of a message one by one: what is younger may not be all of it."""
JOIN_WITHIN = timedelta(hours=6)
"""A piece that comes so late still belongs to those before it: a phone's references come again after 256 messages."""
LOOK_BACK_ROWS = 1000
"""So near to each other are the rows of one message, and rows that two writers commit out of order."""
NOT_TAKEN = inbox.c.Processed == literal(False, Flag())


@dataclass(frozen=True)
class Part:
    """Which piece of a long SMS a row is, as its user data header says."""

    reference: int
    of: int
    number: int


@dataclass(frozen=True)
class InboxRow:
    """One row of gammu's inbox."""

    id: int
    sender: str
    text: str
    raw: str
    """The text as it came, in hexadecimal; for binary messages all there is."""
    header: str
    coding: str
    received_at: datetime | None
    """When the network's centre took it."""
    phone: str
    part: Part | None
    is_taken: bool
    is_settled: bool
    """Everything that was written with it is there by now."""


def waiting_rows(store: GammuStore, *, from_id: int = 0, limit: int = 100) -> tuple[InboxRow, ...]:
    """What nobody took yet, in order of arrival. Raises GammuUnreachable."""
    with store.reading() as db:
        rows = db.execute(select(inbox).where(inbox.c.id >= from_id, NOT_TAKEN).order_by(inbox.c.id).limit(limit))
        now = clock_of(db)
        return tuple(_view(row, now) for row in rows)


def first_waiting_id(store: GammuStore) -> int:
    """From which row on something may wait: asked now and then, so that years of old rows are not read every second."""
    with store.reading() as db:
        lowest = db.scalar(select(func.min(inbox.c.id)).where(NOT_TAKEN))
        newest = db.scalar(select(func.max(inbox.c.id))) or 0
        settled = max(newest - LOOK_BACK_ROWS, 0)
        return settled if lowest is None else min(lowest, settled)


def newest_id(store: GammuStore) -> int:
    """The ID of the newest row; lower than before when the database was made anew."""
    with store.reading() as db:
        return db.scalar(select(func.max(inbox.c.id))) or 0


def pieces_of(store: GammuStore, row: InboxRow) -> tuple[InboxRow, ...]:
    """All rows of the long message that this row is a piece of, taken or not, in order of arrival."""
    if row.part is None:
        return (row,)
    with store.reading() as db:
        now = clock_of(db)
        rows = db.execute(
            select(inbox)
            .where(
                inbox.c.SenderNumber == row.sender,
                inbox.c.id >= row.id - LOOK_BACK_ROWS,
                inbox.c.UpdatedInDB >= now - JOIN_WITHIN,
            )
            .order_by(inbox.c.id)
        )
        wanted = (row.part.reference, row.part.of)
        views = [_view(each, now) for each in rows]
        return tuple(each for each in views if each.part and (each.part.reference, each.part.of) == wanted)


def mark_processed(store: GammuStore, ids: Sequence[int]) -> None:
    """These are in our own database: gammu-smsd keeps them, nobody takes them again. Twice is once."""
    if not ids:
        return
    with store.writing() as db:
        db.execute(update(inbox).where(inbox.c.id.in_(list(ids))).values(Processed=True))


def part_of(header: str) -> Part | None:
    """What a user data header (hexadecimal) says about joining; None for a message of its own, or a broken header."""
    try:
        data = bytes.fromhex(header)
    except ValueError:
        return None
    place = 1
    while place + 1 < len(data):
        kind, length = data[place], data[place + 1]
        value = data[place + 2 : place + 2 + length]
        if kind == 0 and length == 3 and len(value) == 3:
            return _checked(value[0], value[1], value[2])
        if kind == 8 and length == 4 and len(value) == 4:
            return _checked(value[0] * 256 + value[1], value[2], value[3])
        place += 2 + length
    return None


def _checked(reference: int, of: int, number: int) -> Part | None:
    return Part(reference, of, number) if of > 1 and 1 <= number <= of else None


def _view(row: Row[Any], now: datetime) -> InboxRow:
    cells = row._mapping
    written = cells["UpdatedInDB"]
    return InboxRow(
        id=cells["ID"],
        sender=cells["SenderNumber"] or "",
        text=cells["TextDecoded"] or "",
        raw=cells["Text"] or "",
        header=cells["UDH"] or "",
        coding=cells["Coding"] or "",
        received_at=cells["ReceivingDateTime"],
        phone=cells["RecipientID"] or "",
        part=part_of(cells["UDH"] or ""),
        is_taken=bool(cells["Processed"]),
        is_settled=written is None or now - written >= SETTLES_AFTER,
    )
