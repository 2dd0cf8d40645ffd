"""People, search: who on record may be the one at the counter, told apart without showing any identity number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from clinic.contacts import Address, PersonLink
from clinic.identity import IdentityKeeper
from clinic.people import Person
from clinic.queue_table import QueueEntry

SHORTEST = 2
"""Letters; fewer say nothing."""
SHORTEST_NUMBER = 4
WHOLE_NUMBERS = (13, 16)
"""Digits of a JKN card and of a NIK."""


@dataclass(frozen=True)
class FoundPerson:
    """Somebody on record: what tells two people of one name apart."""

    id: int
    name: str
    birth_date: date | None
    is_birth_date_exact: bool
    last_visit: date | None
    """The last day on which a number of theirs was served."""


def search_people(db: Session, text: str, *, keeper: IdentityKeeper, limit: int) -> tuple[FoundPerson, ...]:
    """Who has all these parts in the name, or this phone, file, card or identity number; those served lately first."""
    plain = " ".join(text.split())
    digits = re.sub(r"[\s.+-]", "", plain)
    if digits.isdecimal() and digits.isascii():
        fits = _has_number(digits, keeper) if len(digits) >= SHORTEST_NUMBER else None
    else:
        fits = _has_name(plain) if len(plain) >= SHORTEST else None
    if fits is None:
        return ()
    return _found(db, fits, limit=limit)


def people_named(db: Session, name: str, *, limit: int) -> tuple[FoundPerson, ...]:
    """Everybody with exactly this name, capitals aside."""
    return _found(db, func.lower(Person.name) == " ".join(name.split()).lower(), limit=limit)


def person_found(db: Session, person_id: int) -> tuple[FoundPerson, ...]:
    """The one with this id, as a search shows them."""
    return _found(db, Person.id == person_id, limit=1)


def people_born_on(db: Session, day: date, *, limit: int) -> tuple[FoundPerson, ...]:
    """Everybody with this birth date."""
    return _found(db, (Person.birth_date == day) & Person.is_birth_date_exact.is_(True), limit=limit)


def _has_name(plain: str) -> ColumnElement[bool]:
    fits: ColumnElement[bool] = Person.name.icontains(plain.split()[0], autoescape=True)
    for part in plain.split()[1:]:
        fits = fits & Person.name.icontains(part, autoescape=True)
    return fits


def _has_number(digits: str, keeper: IdentityKeeper) -> ColumnElement[bool]:
    """A phone is known by its end, so that 0812... and +62812... are one."""
    if len(digits) in WHOLE_NUMBERS:
        key = keeper.hash(digits)
        whole = or_(Person.nik_hash == key, Person.card_hash == key)
    else:
        whole = Person.record_number == digits
    end = digits.removeprefix("62").removeprefix("0")
    if len(end) < SHORTEST_NUMBER:
        return whole
    by_phone = (
        select(PersonLink.person_id)
        .join(Address, Address.contact_id == PersonLink.contact_id)
        .where(PersonLink.unlinked_at.is_(None), Address.address.endswith(end, autoescape=True))
    )
    return or_(whole, Person.id.in_(by_phone))


def _found(db: Session, fits: ColumnElement[bool], *, limit: int) -> tuple[FoundPerson, ...]:
    visit = (
        select(func.max(QueueEntry.day))
        .where(QueueEntry.person_id == Person.id, QueueEntry.state == "done")
        .correlate(Person)
        .scalar_subquery()
    )
    statement = (
        select(Person, visit.label("last_visit"))
        .where(fits, Person.merged_into_id.is_(None))
        .order_by(visit.is_(None), visit.desc(), func.lower(Person.name), Person.id)
        .limit(limit)
    )
    return tuple(_view(db.execute(statement).all()))


def _view(rows: Iterable[tuple[Person, date | None]]) -> Iterable[FoundPerson]:
    for person, last_visit in rows:
        yield FoundPerson(person.id, person.name, person.birth_date, person.is_birth_date_exact, last_visit)
