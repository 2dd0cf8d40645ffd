"""Reads the time of day: "jam 8 pagi" is 08:00, "sore" is a part of the day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from nlu import lexicon
from nlu.calendar_words import FULL_MONTHS, PARTS, PRAYERS, WEEKDAYS
from nlu.phrases import around
from nlu.time_places import is_no_visit, is_routine, without_greeting
from nlu.value_words import value_words, without_marks
from nlu.wishes import Weight, order, weigh

_ANY_PART = "|".join((*PARTS, *PRAYERS))
_DAY = "|".join(WEEKDAYS)
_MONTH = "|".join(FULL_MONTHS)
_PART = rf"(?: (?:di |hari )?({_ANY_PART})\b(?! (?:{_DAY})\b))?"
_ZONE = r"(?: (?:wita|wib|wit|tepat|teng|lah|menit))*"
_MORE = r"(?: (lewat|lebih|kurang)(?: (\d{1,2}|seperempat|setengah))?\b(?! (?:lebih|kurang))(?: menit)?)?"
_TO = r"(?:(?:-| sampai | - )(?:jam )?\d{1,2}(?:[.:]\d{2})?\b)?"
_CLOCK = re.compile(
    rf"\bjam (?:sekitar |kira kira |kira |kurang lebih |tepat )?(setengah |1/2 )?(\d{{1,2}})"
    rf"(?:[.:](\d{{2}})| ([0-5][05])(?! (?:menit|orang|{_MONTH})\b)|(\d{{2}}))?\b"
    rf"{_TO}(?: an\b)?{_ZONE}{_MORE}{_ZONE}{_PART}"
)
_HALF = re.compile(rf"\b(setengah )(\d{{1,2}})()()()\b(?: an\b)?{_ZONE}()(){_PART}")
_COLON = re.compile(rf"(?<![\d/.:-])()(\d{{1,2}}):(\d{{2}})()()(?![\d/.:]){_ZONE}()(){_PART}")
_WITH_PART = re.compile(
    rf"(?<![\d/.:-])\b()(\d{{1,2}})(?:\.(\d{{2}}))?()()(?:-\d{{1,2}})?(?: an\b)?{_ZONE}()() ({_ANY_PART})\b"
)
_DOTTED = re.compile(rf"(?<![\d/.:-])()(0[5-9]|1\d|2[0-2]|[7-9])\.([0-5][05])()()(?![\d/.:-]){_ZONE}()(){_PART}")
_NEAR_BEFORE = re.compile(
    rf"\b({_ANY_PART})"
    rf"(?: (?:ini|nanti|sekitar|kira|pas|mulai|saja|ya|di|tanggal|hari|besok|lusa|\d{{1,2}}|{_DAY})){{0,4}} $"
)
_NEAR_AFTER = re.compile(rf"^(?: (?:besok|lusa|hari|ini|nanti|tanggal|saja|\d{{1,2}}|{_DAY})){{0,4}} ({_ANY_PART})\b")
_DAY_BEFORE = re.compile(rf"\b(?:besok|lusa|nanti|{_DAY}|{_MONTH}|tanggal \d{{1,2}})(?: jam)? $")
_NUMBERED = re.compile(rf"\b(?:{around('numbered')}) $")
_MEASURED = re.compile(rf"\b(?:{around('measured')}) (?:\S+ )?$")
_FEW_UNITS = re.compile(rf" (?:{around('few_units')})\b")
_MOST = 20
_NAMED = re.compile(rf"\b(?:(sebelum) )?({_ANY_PART})\b")


@dataclass(frozen=True)
class _Found:
    value: str
    start: int
    end: int


def read_time(text: str) -> str | None:
    """ "HH:MM" when an hour is named, else "pagi", "siang", "sore" or "malam", else None.

    An hour without a part of the day is read as a puskesmas keeps hours: 1 to 5 is the afternoon.
    """
    return read_time_in(value_words(text))


def read_time_in(words: list[str]) -> str | None:
    """As read_time, for a text that is already in plain words (see value_words)."""
    plain = without_marks(without_greeting(words))
    for found in (_best(plain, _clocks(plain)), _best(plain, _named_parts(plain))):
        if found is not None:
            return found.value
    return None


def _best(plain: str, found: Iterator[_Found]) -> _Found | None:
    """What is chosen, beside a day, and early or late as wishes go, comes first."""
    ranked: list[tuple[int, bool, int, _Found]] = []
    for one in islice(found, _MOST):
        weight = weigh(plain, one.start, one.end, may_be_left=False)
        if weight is not Weight.REFUSED:
            weight_first, position = order(weight, one.start)
            ranked.append((weight_first, not _is_of_a_day(plain, one), position, one))
    return min(ranked, key=lambda rank: rank[:3])[3] if ranked else None


def _is_of_a_day(plain: str, found: _Found) -> bool:
    """ "besok pagi" tells more of the wish than another "pagi"."""
    return _DAY_BEFORE.search(plain[max(0, found.start - 30) : found.start]) is not None


def _clocks(plain: str) -> Iterator[_Found]:
    """Hours by "jam"; only without one those that show it by their form."""
    is_named = False
    for found in _CLOCK.finditer(plain):
        is_named = True
        yield from _clock(plain, found)
    if is_named:
        return
    for pattern in (_HALF, _COLON, _WITH_PART, _DOTTED):
        for found in pattern.finditer(plain):
            if not _is_other_number(plain, found, pattern):
                yield from _clock(plain, found)


def _clock(plain: str, found: re.Match[str]) -> Iterator[_Found]:
    half, hour, dotted, spaced, glued, direction, offset, part = found.groups()
    if is_no_visit(plain, found.start(), found.end()):
        return
    minutes = int(dotted or spaced or glued or 0) + _offset(direction, offset)
    value = _on_the_clock(int(hour), minutes - (30 if half else 0), part=_part_of(part) or _near_part(plain, found))
    if value is not None and int(dotted or spaced or glued or 0) < 60:
        yield _Found(value, found.start(), found.end())


def _near_part(plain: str, found: re.Match[str]) -> str | None:
    """The part of the day that stands a few words away: "besok malam jam 7"."""
    before = _NEAR_BEFORE.search(plain[max(0, found.start() - 50) : found.start()])
    after = _NEAR_AFTER.search(plain[found.end() : found.end() + 50])
    near = after or before
    return _part_of(near[1]) if near else None


def _is_other_number(plain: str, found: re.Match[str], pattern: re.Pattern[str]) -> bool:
    """ "tanggal 5 pagi" is a date, "2 malam" two nights, "hb 9.50" a measure."""
    before = plain[max(0, found.start() - 30) : found.start()]
    if pattern is _WITH_PART:
        is_nights = found[8] == "malam" and int(found[2]) < 6
        return is_nights or _NUMBERED.search(before) is not None
    if pattern is _DOTTED:
        return bool(_FEW_UNITS.match(plain, found.end()) or _MEASURED.search(before))
    return False


def _named_parts(plain: str) -> Iterator[_Found]:
    """Parts of the day that are no habit, no dose and not gone by."""
    plain = _CLOCK.sub(lambda clock: "_" * len(clock[0]), plain)
    for found in _NAMED.finditer(plain):
        if not is_no_visit(plain, found.start(), found.end()) and not is_routine(plain, found.start(), found.end()):
            value = _before_part(found[2]) if found[1] else _part_of(found[2])
            if value is not None:
                yield _Found(value, found.start(), found.end())


def _offset(direction: str | None, offset: str | None) -> int:
    minutes = {"seperempat": 15, "setengah": 30}.get(offset or "0") or int(offset or 0)
    return -minutes if direction == "kurang" else minutes


def _on_the_clock(hour: int, minutes: int, *, part: str | None) -> str | None:
    """The 24-hour time, or None for an hour that no clock shows."""
    if not 0 <= hour <= 24:
        return None
    total = (_by_part(hour, part) * 60 + minutes) % (24 * 60)
    return f"{total // 60:02d}:{total % 60:02d}"


def _by_part(hour: int, part: str | None) -> int:
    if hour > 12 or part == "pagi":
        return hour % 24
    if part == "malam":
        return 0 if hour == 12 else hour + 12 if hour >= 6 else hour
    if part == "sore":
        return hour + 12 if hour < 12 else hour
    return hour + 12 if 1 <= hour <= 5 else hour


def _part_of(word: str | None) -> str | None:
    return word if word is None or word in PARTS else _prayers()[word][1]


def _before_part(word: str) -> str | None:
    """ "sebelum dzuhur" is the morning; "sebelum siang" too."""
    if word in PRAYERS:
        return _prayers()[word][0]
    return {"siang": "pagi", "sore": "siang", "malam": "sore"}.get(word)


@cache
def _prayers() -> dict[str, tuple[str, str]]:
    """Prayer hour -> the part of the day before it, and after it."""
    parts = {prayer: written.split() for prayer, written in lexicon.load("values")["prayers"].items()}
    return {prayer: (before, after) for prayer, (before, after) in parts.items()}
