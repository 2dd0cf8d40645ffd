"""Doubles: pairs of records that may be one person, for staff to look at; nobody is merged by this."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.contacts import PersonLink
from clinic.name_likeness import are_nearly_the_same, may_be_one, name_words
from clinic.people import Person
from clinic.told_apart import Pair, pair_of, told_apart

Reason = Literal["birth_date", "phone", "age"]
AGE_MAY_BE_OFF = 550
"""Days between an age that was said, kept as the first of July, and the birth date: a year and half a year."""
LARGEST_GROUP = 40
"""More people behind one phone are a school's or a posyandu's, not a family; their names are not compared."""


@dataclass(frozen=True)
class Double:
    """Two records that may be one person, and why; the lower id first."""

    one: int
    other: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class _Known:
    id: int
    name: str
    born: date | None
    is_exact: bool
    nik: str | None

    @property
    def exact(self) -> date | None:
        return self.born if self.is_exact else None


def doubles_of(db: Session, *, person_id: int | None = None, limit: int = 50) -> tuple[Double, ...]:
    """Records that may be one person, those with most reasons first; only those of `person_id` where it is given.

    The same birth date and a similar name; one phone, a similar name and no two birth dates; an age that fits another
    record's birth date and nearly the same name. Never two different NIK, nor a pair that staff told apart.
    """
    apart = told_apart(db)
    reasons: dict[Pair, list[Reason]] = defaultdict(list)
    for pair, reason in _suggestions(_people(db), _phones(db), person_id):
        if pair not in apart and reason not in reasons[pair]:
            reasons[pair].append(reason)
    found = sorted(reasons.items(), key=lambda each: (-len(each[1]), each[0]))
    return tuple(Double(one, other, tuple(why)) for (one, other), why in found[:limit])


def _suggestions(
    people: dict[int, _Known], phones: dict[int, list[int]], only: int | None
) -> Iterator[tuple[Pair, Reason]]:
    by_date: dict[date, list[_Known]] = defaultdict(list)
    for each in people.values():
        if each.exact is not None:
            by_date[each.exact].append(each)
    for one, other in _pairs(by_date.values(), only):
        if may_be_one(one.name, other.name):
            yield pair_of(one.id, other.id), "birth_date"
    families = ([people[each] for each in ids if each in people] for ids in phones.values())
    for one, other in _pairs((each for each in families if len(each) <= LARGEST_GROUP), only):
        if _may_be_one_of_a_phone(one, other):
            yield pair_of(one.id, other.id), "phone"
    for one, other in _around_ages(people.values(), only):
        if _fits(one, other) and are_nearly_the_same(one.name, other.name):
            yield pair_of(one.id, other.id), "age"


def _around_ages(people: Iterable[_Known], only: int | None) -> Iterator[tuple[_Known, _Known]]:
    """Everybody of whom only an age is known, with all who were born around then and whose words begin alike."""
    groups: dict[tuple[int, str], list[_Known]] = defaultdict(list)
    guessed = []
    for each in people:
        if each.born is not None:
            groups[each.born.year, _initials(each.name)].append(each)
            guessed += [] if each.is_exact else [each]
    for one in guessed:
        assert one.born is not None
        for year in (one.born.year - 1, one.born.year, one.born.year + 1):
            for other in groups.get((year, _initials(one.name)), ()):
                if one.id != other.id and only in (None, one.id, other.id) and not _are_two(one, other):
                    yield one, other


def _initials(name: str) -> str:
    return "".join(sorted(word[0] for word in name_words(name)))


def _may_be_one_of_a_phone(one: _Known, other: _Known) -> bool:
    """A family shares a phone, and mother and daughter may share a name: two birth dates are two people mostly."""
    if one.exact and other.exact and one.exact != other.exact:
        return are_nearly_the_same(one.name, other.name) and _is_one_slip(one.exact, other.exact)
    return may_be_one(one.name, other.name) and _fits(one, other)


def _is_one_slip(one: date, other: date) -> bool:
    """Day and month swapped, or one of day, month and year written wrongly."""
    if (one.day, one.month, one.year) == (other.month, other.day, other.year):
        return True
    return sum((one.day == other.day, one.month == other.month, one.year == other.year)) == 2


def _fits(one: _Known, other: _Known) -> bool:
    """Whether both may be born on one day: true where one of them is not known."""
    if one.born is None or other.born is None:
        return True
    if one.is_exact and other.is_exact:
        return one.born == other.born
    return abs((one.born - other.born).days) <= AGE_MAY_BE_OFF


def _pairs(groups: Iterable[list[_Known]], only: int | None) -> Iterator[tuple[_Known, _Known]]:
    """Every two of a group, or those with `only`, who may be one by their NIK."""
    for group in groups:
        if only is not None and all(each.id != only for each in group):
            continue
        for one, other in combinations(group, 2):
            if one.id != other.id and only in (None, one.id, other.id) and not _are_two(one, other):
                yield one, other


def _are_two(one: _Known, other: _Known) -> bool:
    return one.nik is not None and other.nik is not None and one.nik != other.nik


def _people(db: Session) -> dict[int, _Known]:
    columns = (Person.id, Person.name, Person.birth_date, Person.is_birth_date_exact, Person.nik_hash)
    rows = db.execute(select(*columns).where(Person.merged_into_id.is_(None)).order_by(Person.id))
    return {row[0]: _Known(*row) for row in rows}


def _phones(db: Session) -> dict[int, list[int]]:
    phones: dict[int, list[int]] = defaultdict(list)
    links = select(PersonLink.contact_id, PersonLink.person_id).where(PersonLink.unlinked_at.is_(None))
    for contact_id, person_id in db.execute(links.order_by(PersonLink.id)):
        phones[contact_id].append(person_id)
    return phones
