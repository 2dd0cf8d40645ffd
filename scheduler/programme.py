"""What a reminder programme is: rules, visits and texts' settings, as its file states them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from scheduler.durations import Duration, read_duration

Length = Annotated[Duration, BeforeValidator(lambda value: read_duration(value))]
Confidence = Literal["several", "one", "memory", "choice"]
Problem = tuple[tuple[str | int, ...], str]
"""Where in the file, and what is wrong there."""


class Part(BaseModel):
    """A piece of a programme file: nothing unknown in it, and it never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Rule(Part):
    """One dose of a series, counted from birth."""

    code: str = Field(pattern=r"^[A-Z0-9_]{1,20}$")
    name: str
    lay: str
    """What parents call it: "suntik campak"."""
    enabled: bool = True
    invite: bool = True
    """False: it can be recorded, but nobody is invited for it."""
    is_live: bool = False
    """A live injection: another one waits live_gap."""
    min_age: Length
    due_age: Length
    ideal_until: Length
    max_age: Length | None
    """Never at or after this age."""
    prev: str | None
    min_interval: Length | None
    ask_staff_if_prev_from: Length | None = None
    """When the dose before was given at this age or later, staff decide and nobody is invited."""
    source: tuple[str, ...]
    confidence: Confidence
    notes: str = ""


class Visit(Part):
    """Doses that one invitation names together."""

    code: str = Field(pattern=r"^[A-Z0-9_]{1,20}$")
    age: Length
    items: tuple[str, ...] = Field(min_length=1)


class LiveGap(Part):
    """How far two live injections stay apart when they are not given on one day."""

    interval: Length
    source: tuple[str, ...]
    confidence: Confidence


class Repeat(Part):
    """A visit that comes again and again, counted from the last one."""

    code: str = Field(pattern=r"^[A-Z0-9_]{1,20}$")
    name: str
    lay: str
    every: Length
    grace: Length
    """So much later still counts as kept."""
    give_up_after: int = Field(ge=1, le=12)
    """After so many invitations without a visit, staff call instead."""
    source: tuple[str, ...]
    confidence: Confidence
    notes: str = ""


class StaffWords(Part):
    """What staff read in the inbox about somebody whom we do not invite; {dosis} is filled in."""

    too_old: str = Field(default="", pattern=r"^$|\{dosis\}")
    late_start: str = Field(default="", pattern=r"^$|\{dosis\}")
    not_recorded: str = Field(pattern=r"\{dosis\}")
    said_done: str = Field(pattern=r"\{dosis\}")


class Programme(Part):
    """A reminder programme: data that a clinician can read and sign."""

    name: str
    title: str
    anchor: Literal["birth", "last_event"]
    polis: tuple[str, ...] = Field(min_length=1)
    """Poli ids by preference: the first that the health centre has is where the visit is."""
    needs_signature: bool
    signed_by: str | None
    signed_on: date | None
    sources: dict[str, str]
    send_time: time
    offsets_days: tuple[int, ...] = Field(min_length=1)
    """Days before (negative) and after the visit on which a message goes out."""
    catch_up_days: int = Field(ge=0, le=7)
    """A message that an outage held up goes out so many days later at most."""
    lay_many: str
    """Said instead of the list when the list is too long for one SMS."""
    named: str = Field(pattern=r"\{nama\}")
    """How the text speaks of somebody with a first name: "Ibu/Bapak {nama}"."""
    unnamed: str
    """How it does when the name is none that an SMS can carry."""
    staff_words: StaffWords
    group_within_days: int = Field(default=0, ge=0, le=14)
    live_gap: LiveGap | None = None
    rules: tuple[Rule, ...] = ()
    visits: tuple[Visit, ...] = ()
    repeats: tuple[Repeat, ...] = ()

    def warning(self) -> str | None:
        """What to tell an administrator while no clinician has signed the schedule; None once signed."""
        if not self.needs_signature or (self.signed_by and self.signed_on):
            return None
        return (
            f"{self.name}: no clinician has signed this schedule yet; "
            f"fill in signed_by and signed_on in scheduler/programmes/{self.name}/programme.yml"
        )

    def name_of(self, code: str) -> str:
        """What staff call a dose or visit: "Campak-Rubela 1"."""
        names = {rule.code: rule.name for rule in self.rules} | {one.code: one.name for one in self.repeats}
        return names.get(code, code)

    def codes_of(self, item: str) -> tuple[str, ...]:
        """What a reminder's item stands for: the doses of a visit, or the control visit itself."""
        return next((visit.items for visit in self.visits if visit.code == item), (item,))

    @property
    def items(self) -> tuple[str, ...]:
        """Everything that can be recorded as given or kept."""
        return tuple(rule.code for rule in self.rules if rule.enabled) + tuple(r.code for r in self.repeats)

    def problems(self) -> Iterator[Problem]:
        """What the file says that cannot be meant, with its place."""
        yield from _head_problems(self)
        for index, rule in enumerate(self.rules):
            yield from (((("rules", index, key)), what) for key, what in _rule_problems(self, rule))
        yield from _visit_problems(self)


def _head_problems(programme: Programme) -> Iterator[Problem]:
    if programme.anchor == "birth" and not (programme.rules and programme.visits):
        yield ("anchor",), "a programme counted from birth needs rules and visits"
    if programme.anchor == "last_event" and not programme.repeats:
        yield ("anchor",), "a programme counted from the last visit needs repeats"
    if list(programme.offsets_days) != sorted(set(programme.offsets_days)):
        yield ("offsets_days",), "days must rise and none may stand twice"
    follow_ups = [days for days in programme.offsets_days if days > 0]
    if any(follow_ups and follow_ups[0] < _days(repeat.grace) for repeat in programme.repeats):
        yield ("offsets_days",), "nobody is asked before the grace of repeats has passed"
    codes = [rule.code for rule in programme.rules] + [repeat.code for repeat in programme.repeats]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield ("rules",), f"{code} stands twice"
    used = {key for rule in programme.rules for key in rule.source}
    used |= {key for repeat in programme.repeats for key in repeat.source}
    for key in sorted(used - set(programme.sources)):
        yield ("sources",), f"{key} is named by a rule but not explained here"


def _rule_problems(programme: Programme, rule: Rule) -> Iterator[tuple[str, str]]:
    ages = [rule.min_age, rule.due_age, rule.ideal_until] + ([rule.max_age] if rule.max_age else [])
    if [_days(age) for age in ages] != sorted(_days(age) for age in ages):
        yield "due_age", "ages must rise: min_age, due_age, ideal_until, max_age"
    before = {other.code: other for other in programme.rules}.get(rule.prev or "")
    if rule.prev is None:
        return
    if before is None:
        yield "prev", f"{rule.prev} is not a dose of this programme"
    elif rule.min_interval is None:
        yield "min_interval", f"how long after {rule.prev}?"
    elif _days(rule.due_age) - _days(before.due_age) < _days(rule.min_interval):
        yield "min_interval", f"longer than the time between {rule.prev} and {rule.code}"


def _visit_problems(programme: Programme) -> Iterator[Problem]:
    wanted = {rule.code for rule in programme.rules if rule.enabled and rule.invite}
    named = [item for visit in programme.visits for item in visit.items]
    for index, visit in enumerate(programme.visits):
        for item in visit.items:
            if item not in wanted:
                yield ("visits", index, "items"), f"{item} is not a dose that anybody is invited for"
            elif named.count(item) > 1:
                yield ("visits", index, "items"), f"{item} stands in two visits"
    for code in sorted(wanted - set(named)):
        yield ("visits",), f"{code} stands in no visit; add it or write invite: false"


def _days(duration: Duration) -> float:
    return duration.months * 30.44 + duration.days
