"""People: patients and family members as the health centre knows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from clinic.database import Base
from clinic.identity import IdentityKeeper

LONGEST_NAME = 200


class Person(Base):
    """A patient. NIK and card number are kept encrypted and found by keyed hash (clinic.identity)."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    birth_date: Mapped[date | None]
    is_birth_date_exact: Mapped[bool] = mapped_column(default=True)
    """False where only an age was said: the date is then the first of July of that year, and proves nothing."""
    sex: Mapped[str | None] = mapped_column(String(1))
    """L (laki-laki) or P (perempuan), as on Indonesian identity cards."""
    nik_encrypted: Mapped[str | None] = mapped_column(String(400))
    nik_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    card_encrypted: Mapped[str | None] = mapped_column(String(400))
    card_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    record_number: Mapped[str | None] = mapped_column(String(20))
    """The centre's own number of the patient's file ("norm" at BPJS)."""
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """Staff found that this is the same person as that one, who holds everything now."""
    created_at: Mapped[datetime]

    @property
    def known_birth_date(self) -> date | None:
        """The birth date as far as it proves anything: None where only an age was said."""
        return self.birth_date if self.is_birth_date_exact else None


@dataclass(frozen=True)
class PersonView:
    """A patient with the numbers in clear: for staff and for looking up, never for logs or messages."""

    id: int
    name: str
    birth_date: date | None
    sex: str | None
    nik: str | None
    card_number: str | None
    is_birth_date_exact: bool = True

    @property
    def known_birth_date(self) -> date | None:
        """The birth date as far as it proves anything: None where only an age was said."""
        return self.birth_date if self.is_birth_date_exact else None


def add_person(
    db: Session,
    *,
    name: str,
    birth_date: date | None = None,
    is_birth_date_exact: bool = True,
    sex: str | None = None,
    nik: str | None = None,
    card: str | None = None,
    keeper: IdentityKeeper,
    now: datetime,
) -> PersonView:
    """A new person; raises IntegrityError when NIK or card number belong to somebody already."""
    person = Person(
        name=name[:LONGEST_NAME],
        birth_date=birth_date,
        is_birth_date_exact=is_birth_date_exact,
        sex=sex,
        nik_encrypted=keeper.encrypt(nik) if nik else None,
        nik_hash=keeper.hash(nik) if nik else None,
        card_encrypted=keeper.encrypt(card) if card else None,
        card_hash=keeper.hash(card) if card else None,
        created_at=now,
    )
    db.add(person)
    db.flush()
    return _view(person, keeper)


def standing_id(db: Session, person_id: int) -> int:
    """This person, or whom staff merged them into. Ask before writing a row of theirs: a merge under way is waited for.

    The row is locked against a merge, and only against that, until the transaction ends.
    """
    while True:
        found = select(Person.merged_into_id).where(Person.id == person_id)
        merged = db.scalar(found.with_for_update(read=True, key_share=True))
        if merged is None:
            return person_id
        person_id = merged


def person_by_id(db: Session, person_id: int, *, keeper: IdentityKeeper) -> PersonView | None:
    """One person, or whom staff merged them into; raises CannotDecrypt when the secret key has changed."""
    return _standing_view(db, db.get(Person, person_id), keeper)


def find_by_nik(db: Session, nik: str, *, keeper: IdentityKeeper) -> PersonView | None:
    """Who has this NIK."""
    return _standing_view(db, db.scalar(select(Person).where(Person.nik_hash == keeper.hash(nik))), keeper)


def find_by_card(db: Session, card: str, *, keeper: IdentityKeeper) -> PersonView | None:
    """Who has this card number."""
    return _standing_view(db, db.scalar(select(Person).where(Person.card_hash == keeper.hash(card))), keeper)


def find_by_number_key(db: Session, key: str, *, keeper: IdentityKeeper) -> PersonView | None:
    """Whose NIK or card number has this keyed hash."""
    has = or_(Person.nik_hash == key, Person.card_hash == key)
    return _standing_view(db, db.scalar(select(Person).where(has).limit(1)), keeper)


def looks_like_nik(text: str) -> bool:
    """Sixteen digits with a day and a month inside: not a proof that such a NIK was given out."""
    return re.fullmatch(r"[0-9]{16}", text) is not None and nik_birth_date(text, century_of=date.max) is not None


def nik_birth_date(nik: str, *, century_of: date) -> date | None:
    """The birth date inside a NIK (digits 7 to 12, women 40 on the day), no later than `century_of`; else None."""
    if re.fullmatch(r"[0-9]{16}", nik) is None:
        return None
    day, month, year = int(nik[6:8]), int(nik[8:10]), int(nik[10:12])
    day -= 40 if day > 40 else 0
    for century in (2000, 1900):
        try:
            born = date(century + year, month, day)
        except ValueError:
            continue
        if born <= century_of:
            return born
    return None


def _standing_view(db: Session, person: Person | None, keeper: IdentityKeeper) -> PersonView | None:
    while person is not None and person.merged_into_id is not None:
        person = db.get(Person, person.merged_into_id)
    return None if person is None else _view(person, keeper)


def _view(person: Person, keeper: IdentityKeeper) -> PersonView:
    return PersonView(
        id=person.id,
        name=person.name,
        birth_date=person.birth_date,
        sex=person.sex,
        nik=keeper.decrypt(person.nik_encrypted) if person.nik_encrypted else None,
        card_number=keeper.decrypt(person.card_encrypted) if person.card_encrypted else None,
        is_birth_date_exact=person.is_birth_date_exact,
    )
