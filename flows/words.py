"""How days, times and people are said in Indonesian, for people who read with difficulty."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Protocol

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
OLD_AFTER = timedelta(days=330)
LETTERS_OF_A_FIRST_NAME = 3
LONGEST_CALLED = 20
"""Letters: a longer name is cut, so that no name makes two SMS of one."""


class Named(Protocol):
    """Somebody with a name and an id, such as a LinkedPerson."""

    @property
    def person_id(self) -> int: ...

    @property
    def name(self) -> str: ...


def say_date(day: date) -> str:
    """Weekday and date, without a year: "Selasa 24 Nov"."""
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


def say_day(day: date, *, today: date) -> str:
    """ "hari ini", "besok", or weekday and date."""
    if day == today:
        return "hari ini"
    return "besok" if day == today + timedelta(days=1) else say_date(day)


def say_as_of(day: date, *, today: date) -> str:
    """How old knowledge is: a day, or that it is about a year old or more."""
    if today - day > OLD_AFTER:
        return "tahun lalu"
    return "hari ini" if day == today else f"{day.day} {MONTHS[day.month - 1]}"


def part_of_day(clock: time) -> str:
    """ "pagi", "siang", "sore" or "malam"."""
    if 3 <= clock.hour < 11:
        return "pagi"
    if 11 <= clock.hour < 15:
        return "siang"
    return "sore" if 15 <= clock.hour < 18 else "malam"


def say_time(clock: time | str) -> str:
    """ "jam 8 pagi", "jam 1.30 siang"; takes "08:00" too."""
    clock = _as_time(clock)
    return f"jam {_on_the_dial(clock)} {part_of_day(clock)}"


def say_span(opens: time | str, closes: time | str) -> str:
    """From when until when: "jam 8-11", over noon "jam 8 pagi-2 siang"."""
    opens, closes = _as_time(opens), _as_time(closes)
    if part_of_day(opens) == "pagi" and closes <= time(12):
        return f"jam {_on_the_dial(opens)}-{_on_the_dial(closes)}"
    ends = f"{_on_the_dial(closes)} {part_of_day(closes)}"
    if part_of_day(opens) == part_of_day(closes):
        return f"jam {_on_the_dial(opens)}-{ends}"
    return f"{say_time(opens)}-{ends}"


def say_coming(day: date, *, opens: time, closes: time, now: datetime) -> str:
    """When to come: "jam 8 pagi", or "sebelum jam 11 siang" once that session has begun. `now` is local."""
    if day == now.date() and now.time().replace(tzinfo=None) >= opens:
        return f"sebelum {say_time(closes)}"
    return say_time(opens)


def say_waiting(before: int | None) -> str:
    """How many come first: "4 orang lagi"; None when it is one's turn."""
    if before is None:
        return "giliran sekarang"
    return f"{before} orang lagi" if before else "habis ini"


def first_name(name: str) -> str:
    """What a person is called: the first word that is no initial or title ("M. Rizky", "Hj. Rohani")."""
    words = name.split()
    for place, word in enumerate(words, 1):
        if len(word.strip(".")) >= LETTERS_OF_A_FIRST_NAME and not word.endswith("."):
            return " ".join(words[:place])[:LONGEST_CALLED]
    return name[:LONGEST_CALLED]


def short_names(people: Sequence[Named]) -> dict[int, str]:
    """Person id -> first name, or as much of the full name as may be said where two share a first name."""
    firsts = [first_name(person.name).casefold() for person in people]
    return {
        person.person_id: first_name(person.name) if firsts.count(first) == 1 else person.name[:LONGEST_CALLED]
        for person, first in zip(people, firsts, strict=True)
    }


def _as_time(clock: time | str) -> time:
    return time.fromisoformat(clock) if isinstance(clock, str) else clock


def _on_the_dial(clock: time) -> str:
    hour = clock.hour % 12 or 12
    return f"{hour}.{clock.minute:02}" if clock.minute else str(hour)
