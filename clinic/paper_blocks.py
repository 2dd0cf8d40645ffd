"""Paper, blocks: numbers set aside when a poli's list is printed, to be given by hand while nothing runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.database import insert_into, wait_for_turn
from clinic.facility import Facility, Poli
from clinic.queue_list import QueueRow, day_list
from clinic.queue_sessions import open_sessions
from clinic.queue_table import QUEUE_LOCK, PaperBlock, QueueCounter, QueueEntry


@dataclass(frozen=True)
class Block:
    """Numbers that only paper gives; `is_new` is False when they were printed before."""

    poli: str
    day: date
    first: int
    last: int
    printed_at: datetime
    is_new: bool = False

    @property
    def numbers(self) -> range:
        return range(self.first, self.last + 1)


@dataclass(frozen=True)
class PoliSheet:
    """What is printed for one poli."""

    poli: Poli
    rows: tuple[QueueRow, ...]
    block: Block | None
    last_given: int | None
    """The highest number that somebody has, those for paper left out."""


def blocks_of(db: Session, day: date, *, poli: str | None = None) -> tuple[Block, ...]:
    """Every block of that day, the oldest first."""
    statement = select(PaperBlock).where(PaperBlock.day == day).order_by(PaperBlock.poli, PaperBlock.first_number)
    if poli is not None:
        statement = statement.where(PaperBlock.poli == poli)
    return tuple(_view(row) for row in db.scalars(statement))


def set_aside(
    db: Session, facility: Facility, poli: str, day: date, *, now: datetime, actor: str, anew: bool = False
) -> Block | None:
    """The poli's unused block of that day, or a new one; None where no numbers are given then.

    The count of the poli goes on behind the block, so that nobody else is ever given its numbers. A block of which one
    number was typed in counts as used. `anew`: the printed sheet is in use although nothing was typed in yet.
    """
    size = facility.queue.paper_numbers
    if size == 0 or day < facility.today(now) or not open_sessions(db, facility, poli, day):
        return None
    wait_for_turn(db, QUEUE_LOCK)
    known = blocks_of(db, day, poli=poli)
    if known and not anew and not _is_used(db, known[-1]):
        return known[-1]
    counter = insert_into(db, QueueCounter).values(poli=poli, day=day, last_number=size)
    raised = counter.on_conflict_do_update(
        index_elements=["poli", "day"], set_={"last_number": QueueCounter.last_number + size}
    )
    last = int(db.execute(raised.returning(QueueCounter.last_number)).scalar_one())
    row = PaperBlock(
        poli=poli, day=day, first_number=last - size + 1, last_number=last, printed_at=now, actor=actor[:40]
    )
    db.add(row)
    db.flush()
    return _view(row, is_new=True)


def paper_sheets(
    db: Session, facility: Facility, day: date, polis: Iterable[Poli], *, now: datetime, actor: str, anew: bool = False
) -> tuple[PoliSheet, ...]:
    """The day's list and block of each of these polis that has a session or a number then."""
    sheets = []
    for poli in polis:
        block = set_aside(db, facility, poli.id, day, now=now, actor=actor, anew=anew)
        rows = day_list(db, day, facility=facility, poli=poli.id)
        if not rows and block is None:
            continue
        on_paper = {number for each in blocks_of(db, day, poli=poli.id) for number in each.numbers}
        given = [row.number for row in rows if row.number not in on_paper]
        sheets.append(PoliSheet(poli, rows, block, max(given, default=None)))
    return tuple(sheets)


def _is_used(db: Session, block: Block) -> bool:
    inside = (QueueEntry.number >= block.first, QueueEntry.number <= block.last)
    used = select(QueueEntry.id).where(QueueEntry.poli == block.poli, QueueEntry.day == block.day, *inside)
    return db.scalar(used.limit(1)) is not None


def _view(row: PaperBlock, *, is_new: bool = False) -> Block:
    return Block(row.poli, row.day, row.first_number, row.last_number, row.printed_at, is_new)
