"""Paper: what was done on paper while nothing ran is typed back; what does not fit is told, and nothing overwritten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.database import wait_for_turn
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.paper_blocks import blocks_of
from clinic.paper_lines import PaperConflict, PaperLine, Typed, fits_name, read_line, read_number, same_name
from clinic.people import Person, add_person
from clinic.queue import cancel_number
from clinic.queue_closing import CLOCK
from clinic.queue_events import note_event
from clinic.queue_places import take_place
from clinic.queue_table import QUEUE_LOCK, RANK_STEP, QueueEntry, QueueEvent
from clinic.queue_turns import code_of

KEPT, SAME, CONFLICT = "kept", "same", "conflict"
VIA = "paper"
AS_ONLINE = {"called": ("done", "skipped"), "serving": ("done",)}
"""What may become of a number that was called here, on paper too."""
PAPER_IS_RIGHT, ANOTHER_PERSON = "paper", "other"


@dataclass(frozen=True)
class LineResult:
    """What became of a line: kept, same (it says what is known) or conflict."""

    line: PaperLine
    outcome: str
    reason: str = ""
    about: str = ""
    choice: str = ""


@dataclass(frozen=True)
class _Desk:
    """What every line needs."""

    db: Session
    facility: Facility
    keeper: IdentityKeeper
    day: date
    now: datetime
    actor: str

    def note(self, entry: QueueEntry, kind: str, *, at: datetime | None = None, reason: str | None = None) -> None:
        note_event(self.db, entry, kind, facility=self.facility, actor=self.actor, now=at or self.now, reason=reason)


def type_back(
    db: Session,
    facility: Facility,
    day: date,
    lines: Sequence[PaperLine],
    *,
    keeper: IdentityKeeper,
    now: datetime,
    actor: str,
) -> tuple[LineResult, ...]:
    """Take over each line that fits; the same sheet again changes nothing.

    A line is taken over whole or not at all, and what conflicts leaves the others alone. Raises ValueError for a day
    that has not come yet.
    """
    if day > facility.today(now):
        raise ValueError(f"not come yet: {day}")
    wait_for_turn(db, QUEUE_LOCK)
    desk = _Desk(db, facility, keeper, day, now, actor)
    twice = _typed_twice(lines, facility)
    results: list[LineResult] = []
    seen: set[PaperLine] = set()
    for line in lines:
        bare = replace(line, row=0)
        results.append(LineResult(line, SAME) if bare in seen else _one(desk, line, twice))
        seen.add(bare)
    return tuple(results)


def _one(desk: _Desk, line: PaperLine, twice: frozenset[str]) -> LineResult:
    try:
        typed = read_line(line, desk.facility, desk.day, now=desk.now)
        if typed.code in twice:
            raise PaperConflict("typed_twice", typed.code)
        with desk.db.begin_nested():
            is_new = _take_over(desk, typed)
    except PaperConflict as conflict:
        return LineResult(line, CONFLICT, conflict.reason, conflict.about, conflict.choice)
    return LineResult(line, KEPT if is_new else SAME)


def _typed_twice(lines: Sequence[PaperLine], facility: Facility) -> frozenset[str]:
    """Numbers that stand on several lines which do not say the same."""
    codes: Counter[str] = Counter()
    for line in {replace(line, row=0) for line in lines}:
        try:
            poli, number = read_number(line.number, facility)
        except PaperConflict:
            continue
        codes[f"{poli.letter}{number}"] += 1
    return frozenset(code for code, count in codes.items() if count > 1)


def _take_over(desk: _Desk, typed: Typed) -> bool:
    """Whether anything changed."""
    number = (QueueEntry.poli == typed.poli.id, QueueEntry.day == desk.day, QueueEntry.number == typed.number)
    entry = desk.db.scalar(select(QueueEntry).where(*number), execution_options={"populate_existing": True})
    if entry is None:
        entry = _take_number(desk, typed)
        _set_outcome(desk, entry, typed)
        return True
    name = desk.db.scalar(select(Person.name).where(Person.id == entry.person_id)) or ""
    if typed.name and not fits_name(typed.name, name):
        raise PaperConflict("other_name", typed.code)
    if entry.state == typed.state:
        return _note_arrival(desk, entry, typed)
    _refuse_what_was_decided(desk, entry, typed)
    _set_outcome(desk, entry, typed)
    return True


def _take_number(desk: _Desk, typed: Typed) -> QueueEntry:
    """A number of a block becomes somebody's, who is new in the register: staff merge doubles, nobody else does."""
    if not any(typed.number in block.numbers for block in blocks_of(desk.db, desk.day, poli=typed.poli.id)):
        raise PaperConflict("not_in_block", typed.code)
    if typed.state == "cancelled":
        raise PaperConflict("nothing_to_cancel", typed.code)
    if not typed.name:
        raise PaperConflict("no_name", typed.code)
    if typed.decision != ANOTHER_PERSON:
        _refuse_second_number(desk, typed)
    person = add_person(
        desk.db,
        name=typed.name,
        birth_date=date(typed.birth_year, 7, 1) if typed.birth_year else None,
        is_birth_date_exact=False,
        keeper=desk.keeper,
        now=desk.now,
    )
    entry = QueueEntry(
        poli=typed.poli.id,
        day=desk.day,
        session=_session_at(desk, typed),
        number=typed.number,
        rank=typed.number * RANK_STEP,
        person_id=person.id,
        contact_id=None,
        via=VIA,
        state="waiting",
        taken_at=typed.arrived_at or typed.first_time or desk.now,
        arrived_at=typed.arrived_at or (desk.now if typed.state == "waiting" else typed.called_at),
        priority=typed.priority,
        calls=0,
    )
    entry.rank = max(entry.rank, _behind_earlier(desk, entry))
    take_place(desk.db, desk.facility, entry, quota=None, now=desk.now)
    desk.db.add(entry)
    desk.db.flush()
    desk.note(entry, "taken", reason=entry.priority)
    return entry


def _behind_earlier(desk: _Desk, entry: QueueEntry) -> int:
    """The rank behind everybody who had a number of that session before: the block is older than who is given it."""
    earlier = (QueueEntry.poli == entry.poli, QueueEntry.day == entry.day, QueueEntry.session == entry.session)
    last = select(func.max(QueueEntry.rank)).where(*earlier, QueueEntry.taken_at <= entry.taken_at)
    return (desk.db.scalar(last) or 0) + 1


def _refuse_second_number(desk: _Desk, typed: Typed) -> None:
    """Somebody of that name has a number there already, and no birth year tells the two apart."""
    others = desk.db.execute(
        select(QueueEntry.number, Person.name, Person.birth_date)
        .join(Person, Person.id == QueueEntry.person_id)
        .where(QueueEntry.poli == typed.poli.id, QueueEntry.day == desk.day, QueueEntry.state != "cancelled")
        .order_by(QueueEntry.number)
    )
    for number, name, born in others:
        is_told_apart = typed.birth_year and born is not None and born.year != typed.birth_year
        if same_name(typed.name, name) and not is_told_apart:
            code = code_of(desk.facility, typed.poli.id, number)
            raise PaperConflict("same_person", code, choice=ANOTHER_PERSON)


def _refuse_what_was_decided(desk: _Desk, entry: QueueEntry, typed: Typed) -> None:
    """What is known here says something else than the sheet: only staff may say that the sheet is right."""
    if entry.state == "waiting":
        return
    if typed.state in AS_ONLINE.get(entry.state, ()):
        return
    if typed.state != "waiting" and _was_closed_at_night(desk, entry):
        return
    is_on_paper = typed.state in ("done", "skipped")
    if is_on_paper and typed.decision == PAPER_IS_RIGHT:
        return
    reason = "other_outcome"
    if typed.state == "done" and entry.state in ("cancelled", "skipped"):
        reason = f"{entry.state}_but_served"
    raise PaperConflict(reason, entry.state, choice=PAPER_IS_RIGHT if is_on_paper else "")


def _was_closed_at_night(desk: _Desk, entry: QueueEntry) -> bool:
    """Whether the clock ended it because the day was over: nobody looked, so nobody is overruled."""
    ends = (QueueEvent.entry_id == entry.id, QueueEvent.kind.in_(("done", "skipped", "cancelled")))
    last = select(QueueEvent.actor).where(*ends).order_by(QueueEvent.id.desc()).limit(1)
    return desk.db.scalar(last) == CLOCK


def _note_arrival(desk: _Desk, entry: QueueEntry, typed: Typed) -> bool:
    if entry.state != "waiting" or entry.arrived_at is not None or typed.arrived_at is None:
        return False
    entry.arrived_at = typed.arrived_at
    desk.note(entry, "arrived", at=typed.arrived_at)
    return True


def _set_outcome(desk: _Desk, entry: QueueEntry, typed: Typed) -> None:
    """The outcome as the sheet has it, with the times that were written down: what nobody wrote stays unknown."""
    if typed.state == "waiting":
        return
    if typed.state != "cancelled":
        _close(desk, entry, typed)
    elif entry.state == "waiting":
        cancel_number(desk.db, entry.id, facility=desk.facility, now=desk.now, actor=desk.actor, keep=False)
    else:
        entry.state, entry.cancelled_at, entry.done_at = "cancelled", desk.now, None
        desk.note(entry, "cancelled")
    desk.note(entry, "paper", reason=typed.state)


def _close(desk: _Desk, entry: QueueEntry, typed: Typed) -> None:
    if entry.state == "cancelled":
        if entry.held_until is None:
            take_place(desk.db, desk.facility, entry, quota=None, now=desk.now)
        entry.cancelled_at, entry.held_until = None, None
        desk.note(entry, "restored")
    was_called = entry.called_at is not None
    entry.state = typed.state
    entry.arrived_at = entry.arrived_at or typed.arrived_at
    entry.called_at = entry.called_at or typed.called_at
    is_today = desk.day == desk.facility.today(desk.now)
    ended = typed.done_at or (desk.now if is_today and typed.called_at is None else None)
    entry.done_at = ended
    desk.db.flush()
    if typed.state == "done" and not was_called:
        desk.note(entry, "called", at=typed.called_at or typed.done_at, reason=entry.priority)
    desk.note(entry, typed.state, at=typed.done_at)


def _session_at(desk: _Desk, typed: Typed) -> str:
    """The session in which they were there: the one not over then, or the day's last."""
    sessions = desk.facility.sessions_on(typed.poli.id, desk.day)
    if not sessions:
        return typed.poli.sessions[0].name
    at = (typed.first_time or desk.now).astimezone(desk.facility.zone)
    over = [each for each in sessions if at.date() > desk.day or each.closes <= at.time()]
    return sessions[min(len(over), len(sessions) - 1)].name
