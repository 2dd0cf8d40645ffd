"""The line: in which order the waiting are called, by the rule that puskesmas.yml publishes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clinic.facility_queue import AT_ONCE, QueueRules
from clinic.queue_table import RANK_STEP


@dataclass(frozen=True)
class InLine:
    """One number that waits. `turn` is its session's place in the day, `rank` its place within the session."""

    id: int
    number: int
    turn: int
    rank: int
    priority: str | None = None
    is_present: bool = False

    @property
    def place(self) -> tuple[int, int, int]:
        """Where it stands before any priority."""
        return self.turn, self.rank, self.number


def in_order(waiting: Sequence[InLine], *, since_priority: int, rules: QueueRules) -> tuple[InLine, ...]:
    """Everybody who waits, in the order in which they are called if all of them come.

    An emergency first. Then, session by session, the regular ones by rank, and after every `regular_per_priority` of
    them one with priority; `since_priority` says how many regular ones were called since the last such one.
    """
    urgent = sorted((each for each in waiting if each.priority == AT_ONCE), key=lambda each: each.place)
    rest = sorted((each for each in waiting if each.priority != AT_ONCE), key=lambda each: each.place)
    return (*urgent, *_mixed(rest, since_priority, rules.regular_per_priority))


def as_called(waiting: Sequence[InLine], *, since_priority: int, rules: QueueRules) -> tuple[InLine, ...]:
    """Everybody who waits, as they are called if nobody else comes: those who are there, then the others.

    While nobody is known to be there, and without `check_in`, it is the order if all of them come.
    """
    there = [each for each in waiting if each.is_present and rules.check_in]
    away = [each for each in waiting if not (each.is_present and rules.check_in)]
    order = in_order(there, since_priority=since_priority, rules=rules)
    return order + in_order(away, since_priority=0 if there else since_priority, rules=rules)


def who_is_next(waiting: Sequence[InLine], *, since_priority: int, rules: QueueRules) -> InLine | None:
    """Whom to call now: the first of those who are there, or of all while nobody is known to be there."""
    return next(iter(as_called(waiting, since_priority=since_priority, rules=rules)), None)


def passed_over(called: InLine, waiting: Sequence[InLine], *, rules: QueueRules) -> int:
    """How many who could be called as well stood before this one."""
    could = [each for each in waiting if each.is_present or not (rules.check_in and called.is_present)]
    return sum(each.place < called.place for each in could)


def rank_behind(waiting: Sequence[InLine], late: InLine, *, rules: QueueRules) -> int:
    """The rank of somebody who came late: behind the next `late_back_after` who are there, in the same session.

    Who came late before them, and stands there already, stays before them.
    """
    there = [each for each in waiting if each.id != late.id and each.turn == late.turn]
    if rules.check_in and any(each.is_present for each in there):
        there = [each for each in there if each.is_present]
    ahead = sorted(there, key=lambda each: each.place)[: rules.late_back_after]
    rank = max([late.rank, *(each.rank + 1 for each in ahead)])
    if rank == late.rank:
        return rank
    return max([rank, *(each.rank + 1 for each in there if rank <= each.rank < _next_step(rank))])


def _next_step(rank: int) -> int:
    """The rank of the next one who did not come late."""
    return (rank // RANK_STEP + 1) * RANK_STEP


def _mixed(rest: Sequence[InLine], since_priority: int, regular_per_priority: int) -> Iterator[InLine]:
    for turn in sorted({each.turn for each in rest}):
        regular = [each for each in rest if each.turn == turn and each.priority is None]
        first = [each for each in rest if each.turn == turn and each.priority is not None]
        while regular or first:
            is_due = since_priority >= regular_per_priority
            if first and (is_due or not regular or first[0].place < regular[0].place):
                since_priority = 0
                yield first.pop(0)
            else:
                since_priority += 1
                yield regular.pop(0)
