"""The ways in which a day is written: each reader yields every day that the plain words of a text name its way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from nlu.calendar_words import WEEKDAYS
from nlu.date_forms import DAY_MONTH, ISO, MONTH_DAY, MONTHS, NUMERIC, SPACED, full_year, make_date
from nlu.day_places import is_measure

_NUMBER_OF = {day: number for number, day in enumerate(WEEKDAYS)}
_DAY_NAME = "|".join(WEEKDAYS)
_NEXT = r"depan|mendatang|berikut|berikutnya|yang akan datang"
_ON = r"(?:lagi|kedepan|ke depan|mendatang|dari sekarang|dari hari ini)"
_SHORT = re.compile(r"(?<![\d/.:-])(\d{1,2})([-/])(\d{1,2})(?![\d/.:-])")
_DOTTED = re.compile(r"\btanggal (\d{1,2})\.(\d{1,2})(?![\d/.:-])")
_OF_MONTH = re.compile(
    r"\b(?:bulan (depan|ini) )?tanggal (\d{1,2})(?![\d/.:])"
    rf"(?: (?:di )?bulan (depan|ini|\d{{1,2}}|{'|'.join(MONTHS)})\b)?"
)
_DAYS_ON = re.compile(rf"\b(?:(\d{{1,2}}) hari|sehari) {_ON}\b")
_WEEKS_ON = re.compile(rf"\b(?:(\d{{1,2}}) (?:minggu|pekan)|seminggu|sepekan) {_ON}\b")
_NEAR = re.compile(r"\b(?:besok )?(lusa)\b|\b(tulat)\b|\b(besok)\b(?! (?:minggu|bulan|tahun) depan)")
_TOMORROW_NAMED = re.compile(rf"\bbesok (?:hari )?({_DAY_NAME})\b")
_NOW = re.compile(
    r"\b(?:hari ini|sekarang|(?:pagi|siang|sore|malam|subuh|dzuhur|ashar|maghrib|isya) (?:ini|nanti)"
    r"|nanti (?:\S+ )?(?:pagi|siang|sore|malam|dzuhur|jumatan|ashar|maghrib|isya|jam \d+))\b"
)
_FRIDAY = 4
NEXT_WEEK = re.compile(rf"(?<!\bhari )\b(?:minggu|pekan) (?:{_NEXT})\b")
_NAMED_BEFORE = re.compile(r"\b(?:hari )?(senin|selasa|rabu|kamis|jumat|sabtu)(?: \S+)? $")
_NAMED_AFTER = re.compile(r"^(?: \S+){0,2}? (senin|selasa|rabu|kamis|jumat|sabtu)\b")
_WEEKDAY = re.compile(rf"\b(?:(hari) )?({_DAY_NAME})\b(?: ({_NEXT}|ini|besok|nanti|lusa)\b)?")
_EVE = re.compile(rf"\bmalam ({_DAY_NAME})\b")
_COUNTED_WEEK = re.compile(
    r"(?:\b\d+|\b(?:tiap|setiap|per|berapa|beberapa|akhir|se|berminggu|ke|pertama|kedua|pasar|dalam|selama)) $"
)
_FAR = timedelta(days=180)
_JUST_GONE = timedelta(days=330)


class Kind(IntEnum):
    """How much a way of naming a day says; the smaller the more."""

    WRITTEN = 0
    NAMED = 1
    NOW = 2


@dataclass(frozen=True)
class NamedDay:
    """A day as one reader found it at text[start:end]; `is_sure` as in DayReading."""

    day: date
    is_sure: bool
    kind: Kind
    start: int
    end: int


def written_days(text: str, today: date) -> Iterator[NamedDay]:
    """ "2026-12-05", "5/12/2026", "5 12 2026", "5 des", "des tanggal 5"."""
    for found in ISO.finditer(text):
        yield from _named(make_date(int(found[1]), int(found[2]), int(found[3])), found)
    for pattern in (NUMERIC, SPACED):
        for found in pattern.finditer(text):
            year = full_year(found[3], today, is_birth=False)
            yield from _named(make_date(year, int(found[2]), int(found[1])), found)
    for found in DAY_MONTH.finditer(text):
        yield from _day_month(found, int(found[1]), MONTHS[found[2]], found[3], today)
    for found in MONTH_DAY.finditer(text):
        yield from _day_month(found, int(found[2]), MONTHS[found[1]], found[3], today)


def short_days(text: str, today: date) -> Iterator[NamedDay]:
    """ "5/12", "tanggal 5.12"; "5-7" is from the fifth to the seventh where July is far."""
    for found in _DOTTED.finditer(text):
        yield from _ahead(int(found[1]), int(found[2]), today, found)
    for found in _SHORT.finditer(text):
        first, second = int(found[1]), int(found[3])
        is_date = text[: found.start()].endswith("tanggal ")
        if not is_date and is_measure(text, found.start(), found.end()):
            continue
        for named in _ahead(first, second, today, found):
            if named.is_sure or (found[2] == "/" and (is_date or named.day - today < _JUST_GONE)):
                yield named
            elif is_date and first < second:
                yield from _day_of_month(found, first, today.year, today.month, today)


def days_of_month(text: str, today: date) -> Iterator[NamedDay]:
    """ "tanggal 5", "tanggal 5 bulan depan", "bulan depan tanggal 5", "tanggal 5 bulan 12"."""
    for found in _OF_MONTH.finditer(text):
        if re.match(rf"-\d| (?:{'|'.join(MONTHS)})\b", text[found.end() :]):
            continue
        day, month = int(found[2]), found[1] or found[3]
        if month == "depan":
            year, following = _month_after(today.year, today.month)
            yield from _named(make_date(year, following, day), found)
        elif month == "ini":
            yield from _named(make_date(today.year, today.month, day), found)
        elif month is not None:
            yield from _ahead(day, MONTHS.get(month) or int(month), today, found)
        else:
            yield from _day_of_month(found, day, today.year, today.month, today)


def days_on(text: str, today: date) -> Iterator[NamedDay]:
    """ "3 hari lagi", "seminggu lagi"."""
    for pattern, days in ((_DAYS_ON, 1), (_WEEKS_ON, 7)):
        for found in pattern.finditer(text):
            yield from _named(today + timedelta(days=days * int(found[1] or 1)), found, kind=Kind.NAMED)


def near_days(text: str, today: date) -> Iterator[NamedDay]:
    """lusa, tulat, besok, today; "besok senin" is Monday, and sure only if that is tomorrow."""
    named = {found.start(): found for found in _TOMORROW_NAMED.finditer(text)}
    for found in named.values():
        day = _coming(_NUMBER_OF[found[1]], today + timedelta(days=1))
        is_tomorrow = day == today + timedelta(days=1)
        yield from _named(day, found, is_sure=is_tomorrow, kind=Kind.NAMED)
    for found in _NEAR.finditer(text):
        if found.start() not in named and not re.search(rf"\b(?:{_DAY_NAME}) $", text[: found.start()]):
            days = 2 if found[1] else 3 if found[2] else 1
            yield from _named(today + timedelta(days=days), found, is_sure=days < 3, kind=Kind.NAMED)
    for found in _NOW.finditer(text):
        if today.weekday() == _FRIDAY or not found[0].endswith("jumatan"):
            yield from _named(today, found, kind=Kind.NOW)


def days_of_next_week(text: str, today: date) -> Iterator[NamedDay]:
    """ "minggu depan" is next week, some day of it; "hari minggu depan" is a Sunday and left to weekdays."""
    for found in NEXT_WEEK.finditer(text):
        named = _NAMED_BEFORE.search(text[: found.start()]) or _NAMED_AFTER.search(text[found.end() :])
        if named is None:
            yield from _named(today + timedelta(weeks=1), found, is_sure=False, kind=Kind.NAMED)
            continue
        monday = today + timedelta(days=7 - today.weekday())
        start = found.start() if named.string == text[found.end() :] else named.start()
        end = found.end() + named.end() if named.string == text[found.end() :] else found.end()
        yield NamedDay(monday + timedelta(days=_NUMBER_OF[named[1]]), True, Kind.NAMED, start, end)


def weekdays(text: str, today: date) -> Iterator[NamedDay]:
    """ "kamis", "hari minggu", "senin depan"; "malam jumat" is Thursday's evening."""
    eves = {found.start(1) for found in _EVE.finditer(text)}
    for found in _WEEKDAY.finditer(text):
        if found[2] == "minggu" and _is_week(found, text):
            continue
        number, is_next = _NUMBER_OF[found[2]], found[3] not in (None, "ini", "nanti", "besok", "lusa")
        if found.start(2) in eves and found[1] is None:
            day = _coming((number - 1) % 7, today)
            yield from _named(day, found, is_sure=False, kind=Kind.NAMED)
            continue
        if found[3] == "besok" or is_next:
            day = _coming(number, today + timedelta(days=1))
            yield from _named(day, found, is_sure=found[3] == "besok" or day - today == timedelta(7), kind=Kind.NAMED)
            continue
        day = _coming(number, today)
        is_sure = day != today and (found[2] != "minggu" or found[1] is not None or found[3] is not None)
        yield from _named(day, found, is_sure=is_sure, kind=Kind.NAMED)


READERS: tuple[Callable[[str, date], Iterator[NamedDay]], ...] = (
    written_days,
    short_days,
    days_of_month,
    days_on,
    near_days,
    days_of_next_week,
    weekdays,
)


def _is_week(found: re.Match[str], text: str) -> bool:
    """ "2 minggu", "tiap minggu", "minggu ini", "minggu depan": a week, not Sunday."""
    if found[1] is not None:
        return False
    is_this = found[3] not in (None, "besok", "nanti", "lusa")
    return is_this or _COUNTED_WEEK.search(text[: found.start()]) is not None


def _named(
    day: date | None, found: re.Match[str], *, is_sure: bool = True, kind: Kind = Kind.WRITTEN
) -> Iterator[NamedDay]:
    if day is not None:
        yield NamedDay(day, is_sure, kind, found.start(), found.end())


def _day_month(found: re.Match[str], day: int, month: int, year: str | None, today: date) -> Iterator[NamedDay]:
    """With a year as written, else the next one; two figures are a year only when they can be one soon."""
    if year is not None and (len(year) == 4 or 0 <= int(year) - today.year % 100 <= 2):
        yield from _named(make_date(full_year(year, today, is_birth=False), month, day), found)
    else:
        yield from _ahead(day, month, today, found)


def _ahead(day: int, month: int, today: date, found: re.Match[str]) -> Iterator[NamedDay]:
    """A day and month without a year; so far ahead that a day gone by may be meant, it is unsure."""
    for year in range(today.year, today.year + 5):
        next_one = make_date(year, month, day)
        if next_one is not None and next_one >= today:
            yield from _named(next_one, found, is_sure=next_one - today < _FAR)
            return


def _day_of_month(found: re.Match[str], day: int, year: int, month: int, today: date) -> Iterator[NamedDay]:
    for _ in range(3):
        this = make_date(year, month, day)
        if this is not None and this >= today:
            yield from _named(this, found)
            return
        year, month = _month_after(year, month)


def _month_after(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def _coming(weekday: int, first: date) -> date:
    return first + timedelta(days=(weekday - first.weekday()) % 7)
