"""Queue, moving: a number changes its day or session in one piece, and back; a number given back is taken again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.database import wait_for_turn
from clinic.facility import Facility
from clinic.queue import Ticket, cancel_number, restore_number, take_number
from clinic.queue_table import QUEUE_LOCK, QueueEntry
from clinic.queue_turns import entry_by_id


class _Undone(Exception):
    """It does not work out; what was done towards it is undone."""


def take_or_take_back(
    db: Session,
    *,
    facility: Facility,
    poli: str,
    day: date,
    session: str,
    person_id: int,
    contact_id: int,
    via: str,
    now: datetime,
) -> Ticket:
    """A number as take_number gives it, or the very one that this contact gave back a moment ago; raises QueueRefused.

    Its place is still kept aside, so nobody is passed over and no number is wasted.
    """
    wait_for_turn(db, QUEUE_LOCK)
    kept = _kept_aside(db, poli, day, session, person_id=person_id, contact_id=contact_id, now=now)
    again = restore_number(db, kept, facility=facility, now=now) if kept is not None else None
    if again is not None:
        return replace(again, is_new=True)
    return take_number(
        db,
        facility=facility,
        poli=poli,
        day=day,
        session=session,
        person_id=person_id,
        contact_id=contact_id,
        via=via,
        now=now,
    )


def _kept_aside(
    db: Session, poli: str, day: date, session: str, *, person_id: int, contact_id: int, now: datetime
) -> int | None:
    """The number of that person there that this contact gave back and that is nobody else's yet."""
    mine = (
        QueueEntry.poli == poli,
        QueueEntry.day == day,
        QueueEntry.session == session,
        QueueEntry.person_id == person_id,
        QueueEntry.contact_id == contact_id,
        QueueEntry.state == "cancelled",
        QueueEntry.held_until > now,
    )
    return db.scalar(select(QueueEntry.id).where(*mine).order_by(QueueEntry.id.desc()).limit(1))


def move_number(
    db: Session,
    entry_id: int,
    *,
    facility: Facility,
    day: date,
    session: str,
    contact_id: int,
    via: str,
    now: datetime,
) -> Ticket | None:
    """Give the old number back and take one for another day or session; None when it does not wait any more.

    Raises QueueRefused, and then the old number stands as if nothing had happened. It is kept aside as any number that
    is given back. A number that the person holds there already is returned with `is_new` False; the old one stays.
    """
    wait_for_turn(db, QUEUE_LOCK)
    entry = entry_by_id(db, entry_id)
    if entry is None:
        return None
    try:
        with db.begin_nested():
            if cancel_number(db, entry_id, facility=facility, now=now) is None:
                return None
            new = take_or_take_back(
                db,
                facility=facility,
                poli=entry.poli,
                day=day,
                session=session,
                person_id=entry.person_id,
                contact_id=contact_id,
                via=via,
                now=now,
            )
            if not new.is_new:
                raise _Undone
    except _Undone:
        pass
    return new


def move_back(db: Session, *, old_id: int, new_id: int, facility: Facility, now: datetime) -> Ticket | None:
    """Undo a move: the old number again, the new one given up and free at once; None: the new one stays as it is."""
    try:
        with db.begin_nested():
            if cancel_number(db, new_id, facility=facility, now=now, keep=False) is None:
                return None
            old = restore_number(db, old_id, facility=facility, now=now)
            if old is None:
                raise _Undone
            return old
    except _Undone:
        return None
