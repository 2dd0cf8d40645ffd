"""Queue, events: what happened to a number, written once, and what BPJS is to be told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.database import insert_into
from clinic.facility import Facility
from clinic.queue_table import BpjsEffect, QueueEntry, QueueEvent

FROM_BPJS = "jkn"
PRESENT, ABSENT = 1, 2
"""What BPJS calls the status of a number that was called: bpjs.md b2, antrean/panggil."""


@dataclass(frozen=True)
class Jump:
    """Somebody who was called before others, as the board shows it: a number and a reason, never a name."""

    number: int
    poli: str
    reason: str
    passed: int
    at: datetime


def note_event(
    db: Session,
    entry: QueueEntry,
    kind: str,
    *,
    facility: Facility,
    actor: str,
    now: datetime,
    reason: str | None = None,
    passed: int | None = None,
) -> None:
    """Keep what happened, together with the change itself; what concerns BPJS is noted to be told."""
    db.add(
        QueueEvent(
            entry_id=entry.id,
            poli=entry.poli,
            day=entry.day,
            kind=kind,
            at=now,
            actor=actor[:40],
            reason=reason,
            passed=passed,
        )
    )
    db.flush()
    if facility.bpjs.tell:
        _note_effect(db, entry, kind, actor=actor, now=now)


def jumps_on(db: Session, day: date, *, poli: str | None = None, limit: int = 5) -> tuple[Jump, ...]:
    """Who was called before others that day, the newest first."""
    statement = (
        select(QueueEntry.number, QueueEvent.poli, QueueEvent.reason, QueueEvent.passed, QueueEvent.at)
        .join(QueueEntry, QueueEntry.id == QueueEvent.entry_id)
        .where(QueueEvent.day == day, QueueEvent.kind == "jumped")
        .order_by(QueueEvent.id.desc())
        .limit(limit)
    )
    if poli is not None:
        statement = statement.where(QueueEvent.poli == poli)
    return tuple(
        Jump(number=row.number, poli=row.poli, reason=row.reason or "", passed=row.passed or 0, at=row.at)
        for row in db.execute(statement)
    )


def _note_effect(db: Session, entry: QueueEntry, kind: str, *, actor: str, now: datetime) -> None:
    """A number of Mobile JKN is BPJS' own: its taking and cancelling there are known already."""
    found = _effect_of(entry, kind)
    if found is None or (actor == FROM_BPJS and found[0] != "panggil"):
        return
    effect, key, status = found
    row = {
        "key": key,
        "kind": effect,
        "entry_id": entry.id,
        "status": status,
        "happened_at": now,
        "state": "waiting",
        "due_at": now,
        "tries": 0,
    }
    db.execute(insert_into(db, BpjsEffect).values(**row).on_conflict_do_nothing(index_elements=["key"]))


def _effect_of(entry: QueueEntry, kind: str) -> tuple[str, str, int | None] | None:
    """The effect of an event, its key and status; a number restored after a cancel is added anew."""
    round_ = entry.calls
    match kind:
        case "taken":
            return "add", f"add:{entry.id}", None
        case "restored":
            return "add", f"add:{entry.id}:{int(entry.taken_at.timestamp())}:{round_}", None
        case "called":
            return "panggil", f"panggil:{entry.id}:{PRESENT}", PRESENT
        case "skipped":
            return "panggil", f"panggil:{entry.id}:{ABSENT}:{round_}", ABSENT
        case "cancelled":
            return "batal", f"batal:{entry.id}:{round_}", None
        case _:
            return None
