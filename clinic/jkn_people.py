"""JKN, people: who a card and NIK of Mobile JKN are here; numbers are never replaced, only a blank card is filled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.cases import Case, open_case
from clinic.database import rows_changed, wait_for_turn
from clinic.identity import IdentityKeeper
from clinic.people import LONGEST_NAME, Person, add_person, standing_id
from clinic.sent import CASE_LOCK

MISMATCH = "jkn_mismatch"


@dataclass(frozen=True)
class Match:
    """One person, nobody, or several records (or one with other numbers) that staff have to look at."""

    person_id: int | None = None
    mismatched: tuple[int, ...] = ()


def match_person(db: Session, *, card: str, nik: str, keeper: IdentityKeeper) -> Match:
    """Who has this card and this NIK.

    A record that knows one of the two and leaves the other blank is that person; one that knows another card or NIK
    is not: BPJS may be right, but whoever wrote the record may be somebody else.
    """
    by_card = _find(db, Person.card_hash == keeper.hash(card))
    by_nik = _find(db, Person.nik_hash == keeper.hash(nik))
    if by_card is None and by_nik is None:
        return Match()
    if by_card is not None and by_nik is not None:
        same = by_card.id == by_nik.id
        return Match(person_id=by_card.id) if same else Match(mismatched=tuple(sorted((by_card.id, by_nik.id))))
    if by_card is not None:
        fits = by_card.nik_hash in (None, keeper.hash(nik))
        return Match(person_id=by_card.id) if fits else Match(mismatched=(by_card.id,))
    assert by_nik is not None
    return _with_card(db, by_nik, card, keeper=keeper)


def person_of_card(db: Session, card: str, *, keeper: IdentityKeeper) -> int | None:
    """Whose card this is."""
    found = _find(db, Person.card_hash == keeper.hash(card))
    return None if found is None else found.id


def register_person(
    db: Session, *, card: str, nik: str, name: str, sex: str, birth_date: date, keeper: IdentityKeeper, now: datetime
) -> int | None:
    """A new patient; None when card or NIK are somebody's already, of this moment too."""
    try:
        with db.begin_nested():
            new = add_person(
                db,
                name=name[:LONGEST_NAME],
                birth_date=birth_date,
                sex=sex,
                nik=nik,
                card=card,
                keeper=keeper,
                now=now,
            )
    except IntegrityError:
        return None
    return new.id


def ask_staff(db: Session, text: str, *, now: datetime, due_hours: int) -> bool:
    """A case about records that do not fit; False while the same question is open."""
    wait_for_turn(db, CASE_LOCK)
    same = select(Case.id).where(Case.topic == MISMATCH, Case.text == text, Case.state != "closed")
    if db.scalar(same.limit(1)) is not None:
        return False
    open_case(db, kind="error", topic=MISMATCH, text=text, contact_id=None, now=now, due_hours=due_hours)
    return True


def _with_card(db: Session, person: Person, card: str, *, keeper: IdentityKeeper) -> Match:
    """The NIK is theirs and no card is known yet: this one is, so that it finds them from now on."""
    blank = (Person.id == person.id, Person.card_hash.is_(None))
    filled = {"card_encrypted": keeper.encrypt(card), "card_hash": keeper.hash(card)}
    try:
        with db.begin_nested():
            is_filled = rows_changed(db, update(Person).where(*blank).values(filled)) > 0
    except IntegrityError:  # given to somebody else a moment ago
        is_filled = False
    return Match(person_id=person.id) if is_filled else Match(mismatched=(person.id,))


def _find(db: Session, has: Any) -> Person | None:
    """The person, or whom staff merged them into; who is being merged at this moment is waited for."""
    found = db.scalar(select(Person.id).where(has))
    if found is None:
        return None
    same = select(Person).where(Person.id == standing_id(db, found))
    return db.scalars(same, execution_options={"populate_existing": True}).one()
