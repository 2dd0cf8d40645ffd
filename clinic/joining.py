"""Joining: two contacts that turn out to be one person's phone become one, with all that belongs to either."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Column, Table, delete, select, update
from sqlalchemy.orm import Session

from clinic.database import Base, rows_changed

OF_A_CONTACT = "contact.id"
KNOWN_OF_A_PHONE = ("opted_out_at", "greeted_at", "travel_asked_at", "travel_minutes")
"""What the contact that stays takes over where it has nothing of its own."""
NOT_MOVED = ("conversation",)
"""Where a conversation stands is of the moment: that of the contact that stays goes on."""


def join_contacts(db: Session, *, keep: int, gone: int) -> bool:
    """Move everything of `gone` to `keep` and delete `gone`.

    False, with nothing changed, while a message of `gone` waits for its answer: the next one joins them.
    """
    db.flush()
    contact, conversation = _table("contact"), _table("conversation")
    talk = db.execute(select(conversation).where(conversation.c.contact_id == gone).with_for_update()).first()
    if talk is not None and (talk.has_unanswered or talk.claimed_by is not None):
        return False
    _drop_double_links(db, keep=keep, gone=gone)
    for column in _columns_of_contacts():
        rows_changed(db, update(column.table).where(column == gone).values({column.name: keep}))
    left = db.execute(select(contact).where(contact.c.id == gone)).first()
    for name in KNOWN_OF_A_PHONE:
        value = getattr(left, name, None)
        empty = (contact.c.id == keep, contact.c[name].is_(None))
        if value is not None:
            rows_changed(db, update(contact).where(*empty).values({name: value}))
    rows_changed(db, delete(conversation).where(conversation.c.contact_id == gone))
    rows_changed(db, delete(contact).where(contact.c.id == gone))
    db.expire_all()
    return True


def _columns_of_contacts() -> Iterator[Column[int]]:
    """Every column that says whose a row is."""
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if table.name not in NOT_MOVED and any(key.target_fullname == OF_A_CONTACT for key in column.foreign_keys):
                yield column


def _drop_double_links(db: Session, *, keep: int, gone: int) -> None:
    """A person for whom both may speak is linked once."""
    link = _table("person_link")
    known = select(link.c.person_id).where(link.c.contact_id == keep, link.c.unlinked_at.is_(None))
    double = (link.c.contact_id == gone, link.c.unlinked_at.is_(None), link.c.person_id.in_(known))
    rows_changed(db, delete(link).where(*double))


def _table(name: str) -> Table:
    return Base.metadata.tables[name]
