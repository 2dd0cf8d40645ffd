"""Registering: what a newcomer tells in chat after the number is given: birth date, NIK or card, how far they live."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.cases import open_case
from clinic.contacts import Contact, LinkedPerson, PersonLink, link_person, people_of, unlink_person
from clinic.database import rows_changed
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.people import Person, nik_birth_date
from clinic.queue_table import HOLDS_A_NUMBER, QueueEntry

NIK_DIGITS, CARD_DIGITS = 16, 13
PROVINCES = range(11, 97)
"""First two digits of a NIK; which of them are given out changes, so that no list is kept."""
DOUBLE = "double"
POSSIBLE_DOUBLE = "possible_double"
SHORTEST_COMMON_NAME = 3
"""Letters that two names must share in one word to be of one person."""

Kept = Literal["kept", "linked", "double"]


@dataclass(frozen=True)
class Registered:
    """Whose the number is now: the newcomer's, or somebody's on record who turned out to be the same."""

    person_id: int
    how: Kept


def nik_makes_sense(nik: str, *, today: date) -> bool:
    """A province, a day that exists and is not ahead, and a serial that is not 0000: no proof that it was given out."""
    is_shaped = re.fullmatch(r"[0-9]{16}", nik) is not None and not nik.endswith("0000")
    return is_shaped and int(nik[:2]) in PROVINCES and nik_birth_date(nik, century_of=today) is not None


def is_same_day(birth_date: date, nik: str, *, today: date) -> bool:
    """Whether the NIK carries this birth date; of the year it holds two figures only."""
    inside = nik_birth_date(nik, century_of=today)
    return inside is not None and (inside.day, inside.month, inside.year % 100) == (
        birth_date.day,
        birth_date.month,
        birth_date.year % 100,
    )


def sex_of(nik: str) -> str:
    """P or L: women's days are counted from 41."""
    return "P" if int(nik[6:8]) > 40 else "L"


def newcomer(db: Session, contact_id: int, person_id: int) -> LinkedPerson | None:
    """The person, when all that ties them to this phone is that it said so."""
    linked = next((each for each in people_of(db, contact_id) if each.person_id == person_id), None)
    return linked if linked is not None and linked.proof == "claimed" else None


def keep_birth_date(
    db: Session, *, contact_id: int, person_id: int, birth_date: date | None, is_exact: bool = True
) -> bool:
    """Write down what was said of a newcomer, or take it back with None; False, with nothing done, for anybody else."""
    if newcomer(db, contact_id, person_id) is None:
        return False
    person = db.get_one(Person, person_id)
    person.birth_date, person.is_birth_date_exact = birth_date, is_exact
    db.flush()
    return True


def forget_number(db: Session, *, contact_id: int, person_id: int) -> None:
    """Take back the NIK or card number that was just said of a newcomer."""
    if newcomer(db, contact_id, person_id) is None:
        return
    person = db.get_one(Person, person_id)
    person.nik_encrypted = person.nik_hash = person.card_encrypted = person.card_hash = None
    db.flush()


def keep_number(
    db: Session,
    *,
    contact_id: int,
    person_id: int,
    entry_id: int,
    number: str,
    typed: date | None,
    facility: Facility,
    keeper: IdentityKeeper,
    now: datetime,
) -> Registered:
    """Write down a newcomer's NIK or card number.

    Where it belongs to somebody on record, nobody learns so. Who typed that person's birth date (`typed`, not read from
    the NIK) and a name like theirs is linked to the record, and the queue number goes there where nothing stands
    against it. Everything else is left as it is, with a case for staff: nobody is merged here.
    """
    said = newcomer(db, contact_id, person_id)
    if said is None:
        return Registered(person_id, "double")
    owner = _owner(db, number, keeper)
    if owner is None and _write(db, person_id, number, keeper):
        return Registered(person_id, "kept")
    owner = owner or _owner(db, number, keeper)
    if owner is not None and owner.id == person_id:
        return Registered(person_id, "kept")
    if owner is not None and _is_proven(owner, said, typed):
        link_person(
            db, contact_id=contact_id, person_id=owner.id, role=_role(db, contact_id, said), proof="matched", now=now
        )
        if _move(db, entry_id=entry_id, newcomer_id=person_id, owner_id=owner.id):
            unlink_person(db, contact_id=contact_id, person_id=person_id, now=now)
            return Registered(owner.id, "linked")
    _tell_staff(db, contact_id=contact_id, said=said, owner=owner, facility=facility, now=now)
    return Registered(person_id, "double")


# --- how far they live -------------------------------------------------------------------------------------------


def was_asked_travel(db: Session, contact_id: int) -> bool:
    """Whether this phone was asked how far they live: once is enough."""
    return db.scalar(select(Contact.travel_asked_at).where(Contact.id == contact_id)) is not None


def note_travel_asked(db: Session, contact_id: int, *, now: datetime) -> None:
    """They are asked with this reply."""
    rows_changed(db, update(Contact).where(Contact.id == contact_id).values(travel_asked_at=now))


def keep_travel(db: Session, contact_id: int, minutes: int | None) -> None:
    """How many minutes they are away; None takes the answer back."""
    rows_changed(db, update(Contact).where(Contact.id == contact_id).values(travel_minutes=minutes))


# --- a number that belongs to somebody ----------------------------------------------------------------------------


def _owner(db: Session, number: str, keeper: IdentityKeeper) -> Person | None:
    column = Person.nik_hash if len(number) == NIK_DIGITS else Person.card_hash
    return db.scalar(select(Person).where(column == keeper.hash(number)))


def _write(db: Session, person_id: int, number: str, keeper: IdentityKeeper) -> bool:
    """False when somebody else took the same number at the same moment."""
    person = db.get_one(Person, person_id)
    try:
        with db.begin_nested():
            if len(number) == NIK_DIGITS:
                person.nik_encrypted, person.nik_hash = keeper.encrypt(number), keeper.hash(number)
                person.sex = person.sex or sex_of(number)
            else:
                person.card_encrypted, person.card_hash = keeper.encrypt(number), keeper.hash(number)
            db.flush()
    except IntegrityError:
        return False
    return True


def _is_proven(owner: Person, said: LinkedPerson, typed: date | None) -> bool:
    """The birth date on record was typed, not guessed from the number, and the names have a word in common."""
    if owner.merged_into_id is not None or typed is None or owner.known_birth_date != typed:
        return False
    return bool(_name_words(owner.name) & _name_words(said.name))


def _name_words(name: str) -> set[str]:
    return {word for word in re.findall(r"[^\W\d_]+", name.casefold()) if len(word) >= SHORTEST_COMMON_NAME}


def _role(db: Session, contact_id: int, said: LinkedPerson) -> str:
    others = (each for each in people_of(db, contact_id) if each.person_id != said.person_id)
    return "other" if said.role == "self" and any(each.role == "self" for each in others) else said.role


def _move(db: Session, *, entry_id: int, newcomer_id: int, owner_id: int) -> bool:
    """The queue number for the person on record; False while the newcomer has more than this one number and this phone.

    Nor where the person on record holds a number there already: the database says so.
    """
    held = db.scalars(
        select(QueueEntry.id).where(QueueEntry.person_id == newcomer_id, QueueEntry.state.in_(HOLDS_A_NUMBER))
    )
    links = db.scalars(
        select(PersonLink.id).where(PersonLink.person_id == newcomer_id, PersonLink.unlinked_at.is_(None))
    )
    if list(held) != [entry_id] or len(list(links)) != 1:
        return False
    waiting = (QueueEntry.id == entry_id, QueueEntry.state == "waiting", QueueEntry.person_id == newcomer_id)
    try:
        with db.begin_nested():
            moved = rows_changed(db, update(QueueEntry).where(*waiting).values(person_id=owner_id))
    except IntegrityError:
        return False
    db.expire_all()
    return moved > 0


def _tell_staff(
    db: Session, *, contact_id: int, said: LinkedPerson, owner: Person | None, facility: Facility, now: datetime
) -> None:
    known = "" if owner is None else f" = {owner.name} (#{owner.id})?"
    open_case(
        db,
        kind=DOUBLE,
        topic=POSSIBLE_DOUBLE,
        text=f"{said.name} (#{said.person_id}){known}",
        contact_id=contact_id,
        now=now,
        due_hours=facility.limits.due_hours.of(DOUBLE),
    )
