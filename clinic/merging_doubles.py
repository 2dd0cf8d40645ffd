"""Merging, doubles: rows that both records have and one person may have once; which stays, and which goes."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from clinic.contacts import PROOFS, PersonLink
from clinic.database import rows_changed
from clinic.membership import Membership
from clinic.outbox import OutboxMessage
from clinic.programmes import Dose, Enrolment, Reminder

SAID_NEARBY = timedelta(days=31)
"""A dose that a patient said was given, so near to one in the centre's books, is that one."""


def drop_double_rows(db: Session, *, keep: int, gone: int) -> dict[str, tuple[int, ...]]:
    """Make the rows of both fit into one record; the ids of those that went, by table."""
    dropped = {
        "person_link": _links(db, keep=keep, gone=gone),
        "enrolment": _enrolments(db, keep=keep, gone=gone),
        "dose": _doses(db, keep=keep, gone=gone),
        "reminder": _reminders(db, keep=keep, gone=gone),
        "membership": _membership(db, keep=keep, gone=gone),
    }
    db.flush()
    return {table: ids for table, ids in dropped.items() if ids}


def _links(db: Session, *, keep: int, gone: int) -> tuple[int, ...]:
    """A phone that speaks for both is linked once, with the stronger proof and the more telling role."""
    active = select(PersonLink).where(PersonLink.unlinked_at.is_(None))
    mine = {each.contact_id: each for each in db.scalars(active.where(PersonLink.person_id == keep))}
    ids = []
    for theirs in db.scalars(active.where(PersonLink.person_id == gone)):
        link = mine.get(theirs.contact_id)
        if link is None:
            continue
        link.proof = max(link.proof, theirs.proof, key=PROOFS.index)
        link.role = theirs.role if link.role == "other" or theirs.role == "self" else link.role
        ids.append(theirs.id)
    return _delete(db, PersonLink, ids)


def _enrolments(db: Session, *, keep: int, gone: int) -> tuple[int, ...]:
    """One that runs beats one that ended, then the kept record's own."""
    mine = {each.programme: each for each in db.scalars(select(Enrolment).where(Enrolment.person_id == keep))}
    ids = []
    for theirs in db.scalars(select(Enrolment).where(Enrolment.person_id == gone)):
        known = mine.get(theirs.programme)
        if known is not None:
            ids.append(known.id if known.ended_at is not None and theirs.ended_at is None else theirs.id)
    return _delete(db, Enrolment, ids)


def _doses(db: Session, *, keep: int, gone: int) -> tuple[int, ...]:
    """Given once, kept once: the one in the books before the one that was only said."""
    mine = list(db.scalars(select(Dose).where(Dose.person_id == keep)))
    ids: list[int] = []
    for theirs in db.scalars(select(Dose).where(Dose.person_id == gone)):
        same = [each for each in mine if (each.programme, each.item) == (theirs.programme, theirs.item)]
        for each in same:
            is_near = abs(each.given_on - theirs.given_on) <= SAID_NEARBY
            if each.given_on == theirs.given_on or (is_near and {each.proof, theirs.proof} == {"record", "said"}):
                ids.append(each.id if theirs.proof == "record" and each.proof == "said" else theirs.id)
    return _delete(db, Dose, ids)


def _reminders(db: Session, *, keep: int, gone: int) -> tuple[int, ...]:
    """Both were reminded of the same: the one with an answer stays; what was not sent yet is not sent twice."""
    mine = {_key(each): each for each in db.scalars(select(Reminder).where(Reminder.person_id == keep))}
    drop = []
    for theirs in db.scalars(select(Reminder).where(Reminder.person_id == gone)):
        known = mine.get(_key(theirs))
        if known is not None:
            drop.append(known if known.answer is None and theirs.answer is not None else theirs)
    unsent = (OutboxMessage.id.in_([each.outbox_id for each in drop]), OutboxMessage.state == "queued")
    rows_changed(db, update(OutboxMessage).where(*unsent).values(state="dropped", error_code="unwanted"))
    return _delete(db, Reminder, [each.id for each in drop])


def _key(reminder: Reminder) -> tuple[str, str, str]:
    return reminder.programme, reminder.item, reminder.occurrence


def _membership(db: Session, *, keep: int, gone: int) -> tuple[int, ...]:
    """What the register said last counts."""
    mine, theirs = db.get(Membership, keep), db.get(Membership, gone)
    if mine is None or theirs is None:
        return ()
    old = mine.person_id if theirs.as_of > mine.as_of else theirs.person_id
    rows_changed(db, delete(Membership).where(Membership.person_id == old))
    db.expunge(mine)
    db.expunge(theirs)
    return (old,)


def _delete(
    db: Session, table: type[PersonLink] | type[Enrolment] | type[Dose] | type[Reminder], ids: list[int]
) -> tuple[int, ...]:
    db.flush()
    rows_changed(db, delete(table).where(table.id.in_(ids)))
    return tuple(sorted(set(ids)))
