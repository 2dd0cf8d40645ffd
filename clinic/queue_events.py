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
) -> int:
    """Keep what happened, together with the change itself; what concerns BPJS is noted to be told.

    The event's id counts on: whoever holds the queue's lock may tell by it what came first, whatever the clock did.
    """
    happened = QueueEvent(entry_id=entry.id, poli=entry.poli, day=entry.day, kind=kind, at=now, actor=actor[:40])
    happened.reason, happened.passed = (reason[:40] if reason else None), passed
    db.add(happened)
    db.flush()
    if facility.bpjs.tell:
        _note_effect(db, entry, kind, event_id=happened.id, actor=actor, now=now)
    return happened.id


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


def _note_effect(db: Session, entry: QueueEntry, kind: str, *, event_id: int, actor: str, now: datetime) -> None:
    """What BPJS did itself is noted as known; a cancelling waits as long as SALAH can take it back."""
    found = _effect_of(entry, kind, event_id)
    if found is None:
        return
    effect, key, status = found
    is_known = actor == FROM_BPJS and effect != "panggil"
    row = {
        "key": key,
        "kind": effect,
        "entry_id": entry.id,
        "status": status,
        "happened_at": now,
        "state": "done" if is_known else "waiting",
        "last_code": FROM_BPJS if is_known else None,
        "done_at": now if is_known else None,
        "due_at": entry.held_until if effect == "batal" and entry.held_until is not None else now,
        "tries": 0,
    }
    db.execute(insert_into(db, BpjsEffect).values(**row).on_conflict_do_nothing(index_elements=["key"]))


def _effect_of(entry: QueueEntry, kind: str, event_id: int) -> tuple[str, str, int | None] | None:
    """The effect of an event, its key and status.

    What can happen to a number more than once is named by its event: a number restored after a cancel is added anew,
    and one that is cancelled again is cancelled there again.
    """
    match kind:
        case "taken":
            return "add", f"add:{entry.id}", None
        case "restored":
            return "add", f"add:{entry.id}:{event_id}", None
        case "called":
            return "panggil", f"panggil:{entry.id}:{PRESENT}:{event_id}", PRESENT
        case "skipped":
            return "panggil", f"panggil:{entry.id}:{ABSENT}:{event_id}", ABSENT
        case "cancelled":
            return "batal", f"batal:{entry.id}:{event_id}", None
        case _:
            return None
