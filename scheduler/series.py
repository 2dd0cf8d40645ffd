"""Series: which doses of a child are open, from when until when, and which of them make one visit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from scheduler.durations import Duration
from scheduler.programme import Programme, Repeat, Rule


@dataclass(frozen=True)
class OpenItem:
    """Something not yet done: a dose, or the next control visit."""

    code: str
    lay: str
    earliest: date
    limit: date | None
    """Never on this day or after it."""

    def fits(self, day: date) -> bool:
        """Whether it may still be done on that day."""
        return day >= self.earliest and (self.limit is None or day < self.limit)


@dataclass(frozen=True)
class Appointment:
    """What one invitation is about, before it is put on an open day."""

    code: str
    due: date
    items: tuple[OpenItem, ...]
    words: str
    """For staff: "at 9 months"."""


QuestionKind = Literal["too_old", "late_start", "not_recorded", "said_done"]


@dataclass(frozen=True)
class StaffQuestion:
    """Something we invite nobody for: staff look at it."""

    item: str
    kind: QuestionKind
    codes: tuple[str, ...]
    since: date
    """From this day on we stay silent about it."""
    why: str


def open_items(
    programme: Programme, *, birth: date, given: Mapping[str, date], enrolled_on: date
) -> tuple[OpenItem, ...]:
    """The doses that can be given next: not given yet, and the one before is given. A series never restarts.

    What was overdue when the child was enrolled is due from that day on.
    """
    return tuple(
        OpenItem(rule.code, rule.lay, max(earliest, enrolled_on), _limit(rule, birth))
        for rule in _next_rules(programme, given)
        if (earliest := _earliest(programme, rule, birth=birth, given=given)) is not None
    )


def staff_questions(
    programme: Programme, *, birth: date, given: Mapping[str, date], enrolled_on: date, today: date
) -> tuple[StaffQuestion, ...]:
    """Doses too late to invite for, those that a late start changes, and those asked for to no avail."""
    found = []
    for rule in _next_rules(programme, given):
        limit = _limit(rule, birth)
        if _starts_late(rule, birth, given):
            why = f"{rule.code}: {rule.prev} was given late, the number of doses may differ"
            found.append(StaffQuestion(rule.code, "late_start", (rule.code,), given[str(rule.prev)], why))
        elif limit is not None and rule.max_age is not None and limit <= today:
            why = f"{rule.code}: not from {rule.max_age.in_words()} on, no invitation since {limit}"
            found.append(StaffQuestion(rule.code, "too_old", (rule.code,), limit, why))
    items = open_items(programme, birth=birth, given=given, enrolled_on=enrolled_on)
    for visit in appointments(programme, items):
        silent_from = visit.due + timedelta(days=programme.offsets_days[-1] + 1)
        codes = tuple(item.code for item in visit.items if item.fits(today))
        if silent_from <= today and codes:
            why = f"{visit.code}: invited {visit.words}, still not recorded: {', '.join(codes)}; please call"
            found.append(StaffQuestion(visit.code, "not_recorded", codes, silent_from, why))
    return tuple(found)


def appointments(programme: Programme, items: Sequence[OpenItem]) -> tuple[Appointment, ...]:
    """Put doses that fall due within a few days on one visit, and older open ones with them."""
    waiting = sorted(items, key=lambda item: item.earliest)
    made: list[Appointment] = []
    while waiting:
        first = waiting[0].earliest
        last = first + timedelta(days=programme.group_within_days)
        own = [item for item in waiting if item.earliest <= last]
        waiting = waiting[len(own) :]
        due = max(item.earliest for item in own)
        older = [item for item in items if item.earliest < first]
        made.append(_appointment(programme, due=due, own=own, older=older))
    return tuple(made)


def control_visits(
    programme: Programme, *, anchor: date, given: Mapping[str, date], enrolled_on: date
) -> Iterator[Appointment]:
    """The next control visits, counted from the last one kept; as many as we invite for before staff call."""
    for repeat in programme.repeats:
        last = max(anchor, given.get(repeat.code, anchor))
        for times in range(1, repeat.give_up_after + 1):
            due = _nth_due(repeat, last=last, times=times, enrolled_on=enrolled_on)
            item = OpenItem(repeat.code, repeat.lay, due, None)
            words = f"{repeat.every.in_words()} after {last}" if times == 1 else f"invitation {times} since {last}"
            yield Appointment(repeat.code, due, (item,), words)


def control_questions(
    programme: Programme, *, anchor: date, given: Mapping[str, date], enrolled_on: date, today: date
) -> tuple[StaffQuestion, ...]:
    """Control visits that were invited for in vain so often that a person should call."""
    found = []
    for repeat in programme.repeats:
        last = max(anchor, given.get(repeat.code, anchor))
        due = _nth_due(repeat, last=last, times=repeat.give_up_after, enrolled_on=enrolled_on)
        silent_from = due + timedelta(days=programme.offsets_days[-1] + 1)
        if silent_from <= today:
            why = f"{repeat.code}: invited {repeat.give_up_after} times without a visit, please call"
            found.append(StaffQuestion(repeat.code, "not_recorded", (repeat.code,), silent_from, why))
    return tuple(found)


def _nth_due(repeat: Repeat, *, last: date, times: int, enrolled_on: date) -> date:
    """So many times the interval after the last visit; one overdue at enrolment is due then."""
    first = repeat.every.limit_on(last)
    start, steps = (last, times) if first >= enrolled_on else (enrolled_on, times - 1)
    return Duration(repeat.every.months * steps, repeat.every.days * steps).limit_on(start)


def _next_rules(programme: Programme, given: Mapping[str, date]) -> Iterator[Rule]:
    for rule in programme.rules:
        wanted = rule.enabled and rule.invite and rule.code not in given
        if wanted and (rule.prev is None or rule.prev in given):
            yield rule


def _earliest(programme: Programme, rule: Rule, *, birth: date, given: Mapping[str, date]) -> date | None:
    """max(due by age, given + interval); None when staff decide."""
    if _starts_late(rule, birth, given):
        return None
    days = [rule.due_age.passed_on(birth), rule.min_age.passed_on(birth)]
    if rule.prev is not None and rule.min_interval is not None:
        days.append(rule.min_interval.passed_on(given[rule.prev]))
    if rule.is_live and programme.live_gap is not None:
        live = [other.code for other in programme.rules if other.is_live and other.code in given]
        days += [programme.live_gap.interval.passed_on(given[code]) for code in live]
    return max(days)


def _starts_late(rule: Rule, birth: date, given: Mapping[str, date]) -> bool:
    if rule.ask_staff_if_prev_from is None or rule.prev is None or rule.prev not in given:
        return False
    return given[rule.prev] >= rule.ask_staff_if_prev_from.limit_on(birth)


def _limit(rule: Rule, birth: date) -> date | None:
    return rule.max_age.limit_on(birth) if rule.max_age else None


def _appointment(programme: Programme, *, due: date, own: Sequence[OpenItem], older: Sequence[OpenItem]) -> Appointment:
    """Named after the visit of its newest dose."""
    codes = {item.code for item in own}
    visit = [visit for visit in programme.visits if codes & set(visit.items)][-1]
    items = tuple(item for item in (*older, *own) if item.fits(due))
    return Appointment(visit.code, due, items, f"at {visit.age.in_words()}")
