"""Merging: staff say that two records are one person; everything of the one moves to the other, and stays explained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from sqlalchemy import Column, Integer, and_, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from clinic.audit import record
from clinic.database import Base, rows_changed, wait_for_turn
from clinic.merging_doubles import drop_double_rows
from clinic.people import Person
from clinic.queue_table import HOLDS_A_NUMBER, QUEUE_LOCK, QueueEntry
from clinic.told_apart import ToldApart, move_pairs

OF_A_PERSON = "person.id"
Reason = Literal["same_record", "unknown", "merged_already", "other_nik", "two_numbers", "choose", "busy", "changed"]
Side = Literal["keep", "gone"]
Field = Literal["name", "birth_date", "sex", "card", "record_number"]
FIELDS: tuple[Field, ...] = ("name", "birth_date", "sex", "card", "record_number")


@dataclass(frozen=True)
class TwoNumbers:
    """Both records hold a live number of one poli and day."""

    poli: str
    day: date
    keep_number: int
    gone_number: int


class MergeRefused(Exception):
    """Nothing was changed.

    same_record, unknown, merged_already (by somebody else meanwhile), other_nik (two people), two_numbers (give one
    back first), choose (`fields` say different things, staff choose), busy or changed (something was written of one of
    them in this moment: try again).
    """

    def __init__(self, reason: Reason, *, numbers: tuple[TwoNumbers, ...] = (), fields: tuple[Field, ...] = ()) -> None:
        super().__init__(reason)
        self.reason, self.numbers, self.fields = reason, numbers, fields


@dataclass
class MergeResult:
    """What a merge did: rows moved and doubles dropped, by table, and what the kept record took over."""

    keep: int
    gone: int
    moved: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, tuple[int, ...]] = field(default_factory=dict)
    taken_over: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """For the audit: tables, counts and ids, no data of the patient."""
        moved = " ".join(f"{table}={count}" for table, count in sorted(self.moved.items()))
        dropped = " ".join(f"{table}={','.join(map(str, ids))}" for table, ids in sorted(self.dropped.items()))
        parts = {"gone": str(self.gone), "moved": moved, "dropped": dropped, "taken": ",".join(self.taken_over)}
        return "; ".join(f"{name}: {value}" for name, value in parts.items() if value)


def merge_people(
    db: Session, *, keep: int, gone: int, actor: str, now: datetime, choices: Mapping[Field, Side] | None = None
) -> MergeResult:
    """Move everything of `gone` to `keep`; raises MergeRefused, with nothing changed.

    What `keep` does not know is taken from `gone`; where both know something different, `choices` say which counts. An
    exact birth date beats an estimated one without being chosen. `gone` stays, points to `keep`, and is found no more.
    """
    wait_for_turn(db, QUEUE_LOCK)
    kept, left = _both(db, keep, gone)
    _refuse_two_people(kept, left, choices or {})
    numbers = _double_numbers(db, keep=keep, gone=gone)
    if numbers:
        raise MergeRefused("two_numbers", numbers=numbers)
    result = MergeResult(keep=keep, gone=gone)
    try:
        with db.begin_nested():
            result.taken_over = tuple(_take_over(db, kept, left, choices or {}))
            result.dropped = drop_double_rows(db, keep=keep, gone=gone)
            move_pairs(db, keep=keep, gone=gone, now=now)
            result.moved = _move(db, keep=keep, gone=gone)
            left.merged_into_id = keep
            db.flush()
    except IntegrityError as error:
        raise MergeRefused("changed") from error
    record(db, actor=actor, action="merge_people", subject=f"person:{keep}", detail=result.summary, now=now)
    db.expire_all()
    return result


def differences(kept: Person, left: Person) -> tuple[Field, ...]:
    """What both records know, and know differently, so that staff have to choose."""
    found: list[Field] = []
    both_exact = kept.is_birth_date_exact and left.is_birth_date_exact
    if both_exact and _differ(kept.birth_date, left.birth_date):
        found.append("birth_date")
    if _differ(kept.sex, left.sex):
        found.append("sex")
    if _differ(kept.card_hash, left.card_hash):
        found.append("card")
    if _differ(kept.record_number, left.record_number):
        found.append("record_number")
    return tuple(found)


def fields_to_choose(db: Session, one: int, other: int) -> tuple[Field, ...]:
    """The same for two records by id, to ask staff before they merge."""
    mine, theirs = db.get(Person, one), db.get(Person, other)
    return differences(mine, theirs) if mine is not None and theirs is not None else ()


def _both(db: Session, keep: int, gone: int) -> tuple[Person, Person]:
    """Both records, locked against whoever would write rows of theirs now; never waits, so nobody waits for us."""
    if keep == gone:
        raise MergeRefused("same_record")
    here = select(Person).where(Person.id.in_((keep, gone)))
    known = db.scalar(select(func.count(Person.id)).where(Person.id.in_((keep, gone))))
    locked = here.order_by(Person.id).with_for_update(skip_locked=True).execution_options(populate_existing=True)
    people = {each.id: each for each in db.scalars(locked)}
    if known != 2:
        raise MergeRefused("unknown")
    if len(people) != 2:
        raise MergeRefused("busy")
    if any(each.merged_into_id is not None for each in people.values()):
        raise MergeRefused("merged_already")
    return people[keep], people[gone]


def _refuse_two_people(kept: Person, left: Person, choices: Mapping[Field, Side]) -> None:
    if _differ(kept.nik_hash, left.nik_hash):
        raise MergeRefused("other_nik")
    open_ones = tuple(each for each in differences(kept, left) if each not in choices)
    if open_ones:
        raise MergeRefused("choose", fields=open_ones)


def _double_numbers(db: Session, *, keep: int, gone: int) -> tuple[TwoNumbers, ...]:
    mine, theirs = aliased(QueueEntry), aliased(QueueEntry)
    same = and_(mine.poli == theirs.poli, mine.day == theirs.day, theirs.person_id == gone)
    rows = db.execute(
        select(mine.poli, mine.day, mine.number, theirs.number)
        .join(theirs, same)
        .where(mine.person_id == keep, mine.state.in_(HOLDS_A_NUMBER), theirs.state.in_(HOLDS_A_NUMBER))
        .order_by(mine.day, mine.poli)
    )
    return tuple(TwoNumbers(*row) for row in rows)


def _take_over(db: Session, kept: Person, left: Person, choices: Mapping[Field, Side]) -> Iterator[str]:
    """Fill and replace what the kept record says; identity numbers leave the other one first, as they are unique."""
    if kept.nik_hash is None and left.nik_hash is not None:
        number = left.nik_encrypted, left.nik_hash
        left.nik_encrypted = left.nik_hash = None
        db.flush()
        kept.nik_encrypted, kept.nik_hash = number
        yield "nik"
    if left.card_hash is not None and (kept.card_hash is None or choices.get("card") == "gone"):
        _swap_cards(db, kept, left)
        yield "card"
    if left.birth_date is not None and _is_better_birth_date(kept, left, choices):
        kept.birth_date, kept.is_birth_date_exact = left.birth_date, left.is_birth_date_exact
        yield "birth_date"
    if left.sex is not None and (kept.sex is None or choices.get("sex") == "gone"):
        kept.sex = left.sex
        yield "sex"
    if left.record_number is not None and (kept.record_number is None or choices.get("record_number") == "gone"):
        kept.record_number, left.record_number = left.record_number, kept.record_number
        yield "record_number"
    if choices.get("name") == "gone":
        kept.name, left.name = left.name, kept.name
        yield "name"


def _swap_cards(db: Session, kept: Person, left: Person) -> None:
    """The other card stays with the merged record: who shows it is still found."""
    mine, theirs = (kept.card_encrypted, kept.card_hash), (left.card_encrypted, left.card_hash)
    kept.card_encrypted = kept.card_hash = left.card_encrypted = left.card_hash = None
    db.flush()
    (kept.card_encrypted, kept.card_hash), (left.card_encrypted, left.card_hash) = theirs, mine


def _is_better_birth_date(kept: Person, left: Person, choices: Mapping[Field, Side]) -> bool:
    if kept.birth_date is None:
        return True
    if kept.is_birth_date_exact != left.is_birth_date_exact:
        return left.is_birth_date_exact
    return choices.get("birth_date") == "gone"


def _move(db: Session, *, keep: int, gone: int) -> dict[str, int]:
    moved: dict[str, int] = {}
    for column in columns_of_people():
        count = rows_changed(db, update(column.table).where(column == gone).values({column.name: keep}))
        if count:
            moved[column.table.name] = moved.get(column.table.name, 0) + count
    return moved


def columns_of_people() -> Iterator[Column[Integer]]:
    """Every column that says whose a row is, those of tables to come included."""
    for table in Base.metadata.tables.values():
        for column in table.columns:
            is_of_a_person = any(key.target_fullname == OF_A_PERSON for key in column.foreign_keys)
            if is_of_a_person and table.name != ToldApart.__tablename__:
                yield column


def _differ(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other
