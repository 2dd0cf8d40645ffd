"""Person file: what staff see of one person, and completing or mending it, with what a NIK itself tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.audit import record
from clinic.contacts import Address, PersonLink
from clinic.facility import Facility
from clinic.identity import IdentityKeeper, mask
from clinic.membership import Membership
from clinic.people import LONGEST_NAME, Person, nik_birth_date, standing_id
from clinic.programmes import Enrolment
from clinic.queue_table import HOLDS_A_NUMBER, QueueEntry
from clinic.queue_turns import code_of
from clinic.registering import is_same_day, nik_makes_sense, sex_of

CARD = re.compile(r"[0-9]{13}")
LONGEST_RECORD_NUMBER = 20
Fault = Literal[
    "name", "born_ahead", "nik_shape", "nik_birth_date", "nik_sex", "nik_taken", "card_shape", "card_taken", "gone"
]


@dataclass(frozen=True)
class Phone:
    """A phone that speaks for the person; the number is masked."""

    address: str
    role: str
    proof: str


@dataclass(frozen=True)
class LiveNumber:
    """A number that the person holds."""

    code: str
    poli: str
    day: date


@dataclass(frozen=True)
class PersonFile:
    """One person for staff; identity numbers are masked."""

    id: int
    name: str
    birth_date: date | None
    is_birth_date_exact: bool
    sex: str | None
    nik: str | None
    card: str | None
    record_number: str | None
    created_at: datetime
    phones: tuple[Phone, ...]
    numbers: tuple[LiveNumber, ...]
    visits: int
    last_visit: date | None
    programmes: tuple[str, ...]
    has_membership: bool
    doubts: tuple[Fault, ...]
    """Where NIK and birth date or sex do not fit each other."""
    was: tuple[PersonFile, ...] = ()
    """The records that were merged into this one."""


@dataclass(frozen=True)
class PersonFacts:
    """What staff typed; None leaves a NIK, card or file number as it is."""

    name: str
    birth_date: date | None
    is_birth_date_exact: bool
    sex: str | None
    nik: str | None = None
    card: str | None = None
    record_number: str | None = None


class PersonRefused(Exception):
    """Nothing was written; `owner_id` is whose the number is."""

    def __init__(self, fault: Fault, *, owner_id: int | None = None) -> None:
        super().__init__(fault)
        self.fault, self.owner_id = fault, owner_id


def read_person(
    db: Session, person_id: int, *, facility: Facility, keeper: IdentityKeeper, today: date
) -> PersonFile | None:
    """The person, with the records that were merged into theirs; None when there is none or it was merged itself."""
    person = db.get(Person, person_id, populate_existing=True)
    if person is None or person.merged_into_id is not None:
        return None
    merged = db.scalars(select(Person).where(Person.merged_into_id == person_id).order_by(Person.id))
    was = tuple(_file(db, each, (), facility=facility, keeper=keeper, today=today) for each in merged)
    return _file(db, person, was, facility=facility, keeper=keeper, today=today)


def write_person(
    db: Session,
    person_id: int,
    facts: PersonFacts,
    *,
    keeper: IdentityKeeper,
    actor: str,
    now: datetime,
    today: date,
    is_sure: bool = False,
) -> tuple[str, ...]:
    """Write down what staff know; the names of what changed. Raises PersonRefused with nothing written.

    `is_sure`: staff looked at the card, and NIK and birth date or sex differ there too.
    """
    if standing_id(db, person_id) != person_id or db.get(Person, person_id, populate_existing=True) is None:
        raise PersonRefused("gone")
    person = db.get_one(Person, person_id)
    _check(person, facts, keeper=keeper, today=today, is_sure=is_sure)
    _refuse_taken(db, person, facts, keeper=keeper)
    changed = tuple(_changes(person, facts, keeper=keeper))
    try:
        with db.begin_nested():
            _write(person, facts, keeper=keeper)
            db.flush()
    except IntegrityError as error:  # given to somebody else in this moment
        db.refresh(person)
        raise PersonRefused("nik_taken" if facts.nik else "card_taken") from error
    if changed:
        record(db, actor=actor, action="edit_person", subject=f"person:{person_id}", detail=",".join(changed), now=now)
    return changed


def _check(person: Person, facts: PersonFacts, *, keeper: IdentityKeeper, today: date, is_sure: bool) -> None:
    if not facts.name.strip() or len(facts.name) > LONGEST_NAME:
        raise PersonRefused("name")
    if facts.birth_date is not None and facts.birth_date > today:
        raise PersonRefused("born_ahead")
    if facts.nik is not None and not nik_makes_sense(facts.nik, today=today):
        raise PersonRefused("nik_shape")
    if facts.card is not None and CARD.fullmatch(facts.card) is None:
        raise PersonRefused("card_shape")
    nik = facts.nik or (keeper.decrypt(person.nik_encrypted) if person.nik_encrypted else None)
    exact = facts.birth_date if facts.is_birth_date_exact else None
    doubts = nik_doubts(nik, birth_date=exact, sex=facts.sex, today=today)
    if doubts and not is_sure:
        raise PersonRefused(doubts[0])


def nik_doubts(nik: str | None, *, birth_date: date | None, sex: str | None, today: date) -> tuple[Fault, ...]:
    """What the record says and the NIK says otherwise; nothing where either is not known."""
    if nik is None or nik_birth_date(nik, century_of=today) is None:
        return ()
    doubts: list[Fault] = []
    if birth_date is not None and not is_same_day(birth_date, nik, today=today):
        doubts.append("nik_birth_date")
    if sex is not None and sex != sex_of(nik):
        doubts.append("nik_sex")
    return tuple(doubts)


def _refuse_taken(db: Session, person: Person, facts: PersonFacts, *, keeper: IdentityKeeper) -> None:
    """A merged record's old card is the person's own."""
    wanted: tuple[tuple[Fault, str | None, ColumnElement[bool]], ...] = (
        ("nik_taken", facts.nik, Person.nik_hash == keeper.hash(facts.nik or "")),
        ("card_taken", facts.card, Person.card_hash == keeper.hash(facts.card or "")),
    )
    for fault, number, has in wanted:
        owner = db.scalar(select(Person).where(has)) if number is not None else None
        if owner is not None and owner.merged_into_id == person.id:
            owner.card_encrypted = owner.card_hash = None
            db.flush()
        elif owner is not None and owner.id != person.id:
            raise PersonRefused(fault, owner_id=standing_id(db, owner.id))


def _changes(person: Person, facts: PersonFacts, *, keeper: IdentityKeeper) -> list[str]:
    """What would change, by name: the audit says no more."""
    same = {
        "name": person.name == facts.name,
        "birth_date": (person.birth_date, person.is_birth_date_exact) == (facts.birth_date, facts.is_birth_date_exact),
        "sex": person.sex == facts.sex,
        "nik": facts.nik is None or person.nik_hash == keeper.hash(facts.nik),
        "card": facts.card is None or person.card_hash == keeper.hash(facts.card),
        "record_number": facts.record_number is None or (person.record_number or "") == facts.record_number,
    }
    return [name for name, is_same in same.items() if not is_same]


def _write(person: Person, facts: PersonFacts, *, keeper: IdentityKeeper) -> None:
    person.name, person.sex = facts.name, facts.sex
    person.birth_date = facts.birth_date
    person.is_birth_date_exact = facts.is_birth_date_exact or facts.birth_date is None
    if facts.nik is not None:
        person.nik_encrypted, person.nik_hash = keeper.encrypt(facts.nik), keeper.hash(facts.nik)
    if facts.card is not None:
        person.card_encrypted, person.card_hash = keeper.encrypt(facts.card), keeper.hash(facts.card)
    if facts.record_number is not None:
        person.record_number = facts.record_number[:LONGEST_RECORD_NUMBER] or None


def _file(
    db: Session,
    person: Person,
    was: tuple[PersonFile, ...],
    *,
    facility: Facility,
    keeper: IdentityKeeper,
    today: date,
) -> PersonFile:
    nik = keeper.decrypt(person.nik_encrypted) if person.nik_encrypted else None
    card = keeper.decrypt(person.card_encrypted) if person.card_encrypted else None
    visits, last = db.execute(
        select(func.count(QueueEntry.id), func.max(QueueEntry.day)).where(
            QueueEntry.person_id == person.id, QueueEntry.state == "done"
        )
    ).one()
    running = select(Enrolment.programme).where(Enrolment.person_id == person.id, Enrolment.ended_at.is_(None))
    return PersonFile(
        id=person.id,
        name=person.name,
        birth_date=person.birth_date,
        is_birth_date_exact=person.is_birth_date_exact,
        sex=person.sex,
        nik=mask(nik) if nik else None,
        card=mask(card) if card else None,
        record_number=person.record_number,
        created_at=person.created_at,
        phones=_phones(db, person.id),
        numbers=_numbers(db, person.id, facility, today),
        visits=visits,
        last_visit=last,
        programmes=tuple(db.scalars(running.order_by(Enrolment.programme))),
        has_membership=db.get(Membership, person.id) is not None,
        doubts=nik_doubts(nik, birth_date=person.known_birth_date, sex=person.sex, today=today),
        was=was,
    )


def _phones(db: Session, person_id: int) -> tuple[Phone, ...]:
    rows = db.execute(
        select(Address.address, PersonLink.role, PersonLink.proof)
        .join(PersonLink, PersonLink.contact_id == Address.contact_id)
        .where(PersonLink.person_id == person_id, PersonLink.unlinked_at.is_(None))
        .order_by(PersonLink.id, Address.id)
    )
    seen = {address: Phone(mask(address), role, proof) for address, role, proof in rows}
    return tuple(seen.values())


def _numbers(db: Session, person_id: int, facility: Facility, today: date) -> tuple[LiveNumber, ...]:
    live = (QueueEntry.person_id == person_id, QueueEntry.day >= today, QueueEntry.state.in_(HOLDS_A_NUMBER))
    rows = db.execute(
        select(QueueEntry.poli, QueueEntry.number, QueueEntry.day).where(*live).order_by(QueueEntry.day, QueueEntry.id)
    )
    return tuple(LiveNumber(code_of(facility, poli, number), poli, day) for poli, number, day in rows)
