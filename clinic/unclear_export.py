"""Unclear export: labelled messages that leave as candidate sentences, with the names that must be taken out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic.contacts import Contact, PersonLink
from clinic.database import rows_changed
from clinic.inbound_table import InboundMessage
from clinic.people import Person
from clinic.unclear_messages import UnclearMessage

AT_ONCE = 500
"""Ids in one statement; SQLite takes some thousands."""


@dataclass(frozen=True)
class LabelledMessage:
    """A message with its meaning, its words still as written."""

    id: int
    text: str
    label: str
    names: tuple[str, ...]
    """Whoever the message may speak of by name: the contact's profile name and the people ever linked to it."""


def labelled_messages(
    db: Session, *, since: datetime | None = None, is_all: bool = False
) -> tuple[LabelledMessage, ...]:
    """Labelled messages that did not leave yet (`is_all`: those too), oldest first; deleted words are left out."""
    query = (
        select(UnclearMessage.id, InboundMessage.text, UnclearMessage.label, InboundMessage.contact_id)
        .join(InboundMessage, InboundMessage.id == UnclearMessage.inbound_id)
        .where(UnclearMessage.state == "labelled", InboundMessage.text != "")
        .order_by(UnclearMessage.id)
    )
    if since is not None:
        query = query.where(UnclearMessage.labelled_at >= since)
    if not is_all:
        query = query.where(UnclearMessage.exported_at.is_(None))
    rows = db.execute(query).all()
    names = _names_of(db, {row.contact_id for row in rows})
    return tuple(LabelledMessage(row.id, row.text, row.label or "", names.get(row.contact_id, ())) for row in rows)


def mark_exported(db: Session, ids: Iterable[int], *, now: datetime) -> None:
    """These labels have left; the next export gives only what is new."""
    for part in _in_parts(ids):
        change = update(UnclearMessage).where(UnclearMessage.id.in_(part)).values(exported_at=now)
        rows_changed(db, change)


def all_names(db: Session) -> tuple[str, ...]:
    """The name of every person in the register."""
    return tuple(db.scalars(select(Person.name).distinct()))


def _names_of(db: Session, contacts: Collection[int]) -> Mapping[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {}
    for part in _in_parts(contacts):
        profiles = select(Contact.id, Contact.profile_name).where(Contact.id.in_(part))
        people = select(PersonLink.contact_id, Person.name).join(Person, Person.id == PersonLink.person_id)
        for query in (profiles, people.where(PersonLink.contact_id.in_(part))):
            for contact_id, name in db.execute(query):
                found.setdefault(contact_id, []).append(name or "")
    return {contact_id: tuple(filter(None, names)) for contact_id, names in found.items()}


def _in_parts(ids: Iterable[int]) -> Iterable[list[int]]:
    whole = sorted(ids)
    return (whole[start : start + AT_ONCE] for start in range(0, len(whole), AT_ONCE))
