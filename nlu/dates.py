"""Reads days, times, birth dates and ages from the way people write them, without any library's guess."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from nlu.date_forms import DAY_MONTH, ISO, MONTHS, NUMERIC, full_year, make_date
from nlu.normalise import normalise

_WEEKDAYS = {
    day: number
    for number, forms in enumerate(("senin", "selasa", "rabu", "kamis", "jumat jumaat", "sabtu", "minggu ahad"))
    for day in forms.split()
}
_NUMBERS = {
    word: number
    for number, word in enumerate(
        ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh"]
    )
}
_NUMBER = r"(\d{1,2}|" + "|".join(_NUMBERS) + r")"
_SHORT = re.compile(r"(?<![\d/.-])(\d{1,2})[-/](\d{1,2})(?![\d/.-])")
_OF_MONTH = re.compile(r"\btanggal\s+(\d{1,2})(?![\d/.:-])")
_DAYS_ON = re.compile(rf"\b{_NUMBER}\s+hari\s+(?:lagi|kedepan|ke depan|mendatang)\b")
_WEEKS_ON = re.compile(rf"\b(?:{_NUMBER}\s+minggu|(seminggu))\s+(?:lagi|kedepan|ke depan|mendatang)\b")
_NEXT_WEEK = re.compile(r"\bminggu depan\b")
_SOMEDAY = re.compile(r"\b(?:besok|bsk)(?:2|-besok|-bsk|\s+besok)\b", re.IGNORECASE)
_WEEKDAY = re.compile(rf"\b(?:(hari)\s+)?({'|'.join(_WEEKDAYS)})\b(?:\s+(depan|ini|besok|nanti|lusa))?")
_NOT_A_DATE_BEFORE = re.compile(r"\b(?:rt|rw|tensi|gang|gg|nomor|no|umur|usia|blok|dosis)\s*$")
_NOT_A_DATE_AFTER = re.compile(r"^\s*(?:jam|hari|kali|x|bulan|tahun|minggu|tablet|sendok|kg|orang|menit|rb|ribu)\b")


@dataclass(frozen=True)
class DayReading:
    """`is_sure` is False where people mean different days by it: then name the date and ask."""

    day: date
    is_sure: bool
    phrase: str


def read_day(text: str, *, today: date) -> date | None:
    """The day meant, or None; see find_day."""
    found = find_day(text, today=today)
    return found.day if found is not None else None


def is_someday(text: str) -> bool:
    """Whether the text says "besok2": some other day, no day in particular."""
    return _SOMEDAY.search(text) is not None


def find_day(text: str, *, today: date) -> DayReading | None:
    """The first reading that fits.

    Days without a year lie ahead: "5 des" on 6 December is next year's, "tgl 5" the next month's. A weekday is the
    next one, today included (then it is unsure); "senin depan" is the next Monday after today, unsure within a week.
    A date with its year is given back as written, even if past. Days gone by ("kemarin"), "besok2" and "minggu ini",
    some day of this week, give None.
    """
    plain = normalise(_SOMEDAY.sub(" ", text))
    for read in _READERS:
        found = read(plain, today)
        if found is not None:
            return found
    return None


def _iso(text: str, today: date) -> DayReading | None:
    found = ISO.search(text)
    return found and _reading(make_date(*(int(part) for part in found.groups())), found)


def _numeric(text: str, today: date) -> DayReading | None:
    found = NUMERIC.search(text)
    if found is None:
        return None
    day, month, year = found.groups()
    return _reading(make_date(full_year(year, today, is_birth=False), int(month), int(day)), found)


def _day_month(text: str, today: date) -> DayReading | None:
    found = DAY_MONTH.search(text)
    if found is None:
        return None
    day, month, year = int(found[1]), MONTHS[found[2]], found[3]
    if year is not None and (len(year) == 4 or int(year) >= today.year % 100):
        return _reading(make_date(full_year(year, today, is_birth=False), month, day), found)
    return _ahead(day, month, today, found)


def _short(text: str, today: date) -> DayReading | None:
    for found in _SHORT.finditer(text):
        odd = _NOT_A_DATE_BEFORE.search(text[: found.start()]) or _NOT_A_DATE_AFTER.search(text[found.end() :])
        if not odd:
            ahead = _ahead(int(found[1]), int(found[2]), today, found)
            if ahead is not None:
                return ahead
    return None


def _of_month(text: str, today: date) -> DayReading | None:
    found = _OF_MONTH.search(text)
    if found is None:
        return None
    year, month = today.year, today.month
    for _ in range(3):
        day = make_date(year, month, int(found[1]))
        if day is not None and day >= today:
            return _reading(day, found)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return None


def _days_on(text: str, today: date) -> DayReading | None:
    found = _DAYS_ON.search(text)
    return found and _reading(today + timedelta(days=_number(found[1])), found)


def _weeks_on(text: str, today: date) -> DayReading | None:
    found = _WEEKS_ON.search(text)
    if found is None:
        return None
    weeks = 1 if found[2] else _number(found[1])
    return _reading(today + timedelta(weeks=weeks), found)


def _near_words(text: str, today: date) -> DayReading | None:
    """lusa, tulat, besok, today; "besok senin" is Monday, and sure only if that is tomorrow."""
    if found := re.search(r"\b(?:besok )?lusa\b", text):
        return _reading(today + timedelta(days=2), found)
    if found := re.search(r"\btulat\b", text):
        return _reading(today + timedelta(days=3), found, is_sure=False)
    weekday = re.search(rf"\bbesok (?:hari )?({'|'.join(_WEEKDAYS)})\b", text)
    if weekday is not None:
        day = _coming(_WEEKDAYS[weekday[1]], today + timedelta(days=1))
        return _reading(day, weekday, is_sure=day == today + timedelta(days=1))
    if found := re.search(r"\bbesok\b(?! (?:minggu|bulan|tahun) depan)", text):
        is_weekday_too = re.search(rf"\b(?:{'|'.join(_WEEKDAYS)}) besok\b", text)
        return None if is_weekday_too else _reading(today + timedelta(days=1), found)
    now = r"\b(?:hari ini|sekarang|(?:pagi|siang|sore|malam) ini|nanti (?:pagi|siang|sore|malam))\b"
    found = re.search(now, text)
    return found and _reading(today, found)


def _next_week(text: str, today: date) -> DayReading | None:
    """ "minggu depan" is next week, some day of it; "hari minggu depan" is a Sunday and left to _weekday."""
    found = _NEXT_WEEK.search(text)
    if found is None or re.search(r"\bhari minggu depan\b", text):
        return None
    named = re.search(r"\b(senin|selasa|rabu|kamis|jumat|sabtu)\b", text)
    if named is None:
        return _reading(today + timedelta(weeks=1), found, is_sure=False)
    monday = today + timedelta(days=7 - today.weekday())
    return _reading(monday + timedelta(days=_WEEKDAYS[named[1]]), named, is_sure=True)


def _weekday(text: str, today: date) -> DayReading | None:
    for found in _WEEKDAY.finditer(text):
        before, after = text[: found.start()].split(), text[found.end() :].split()
        is_week = found[2] == "minggu" and _counts_weeks(found, before=before, after=after)
        is_past = found[3] is None and after[:1] in (["lalu"], ["kemarin"]) or before[-1:] == ["kemarin"]
        if is_week or is_past:
            continue
        number = _WEEKDAYS[found[2]]
        if found[3] == "depan":
            day = _coming(number, today + timedelta(days=1))
            return _reading(day, found, is_sure=day - today == timedelta(days=7))
        day = _coming(number, today)
        is_sure = day != today and (found[2] != "minggu" or found[1] is not None or found[3] is not None)
        return _reading(day, found, is_sure=is_sure)
    return None


def _counts_weeks(found: re.Match[str], *, before: list[str], after: list[str]) -> bool:
    """ "2 minggu", "tiap minggu", "minggu ini": a week, not Sunday."""
    last = before[-1] if before else ""
    return found[1] is None and (
        found[3] == "ini"
        or last in _NUMBERS
        or last.isdigit()
        or last in ("tiap", "setiap", "per", "berapa", "satu", "akhir", "se")
    )


_READERS: tuple[Callable[[str, date], DayReading | None], ...] = (
    _iso,
    _numeric,
    _day_month,
    _of_month,
    _short,
    _days_on,
    _weeks_on,
    _near_words,
    _next_week,
    _weekday,
)


def _reading(day: date | None, found: re.Match[str], *, is_sure: bool = True) -> DayReading | None:
    return DayReading(day, is_sure, found[0].strip()) if day is not None else None


def _next_month_day(day: int, month: int, today: date) -> date | None:
    """The next time this day of this month comes; 29 February waits for its year."""
    for year in range(today.year, today.year + 5):
        found = make_date(year, month, day)
        if found is not None and found >= today:
            return found
    return None


def _ahead(day: int, month: int, today: date, found: re.Match[str]) -> DayReading | None:
    """A day and month without a year; so far ahead that a day gone by may be meant, it is unsure."""
    next_one = _next_month_day(day, month, today)
    is_near = next_one is not None and next_one - today < timedelta(days=180)
    return _reading(next_one, found, is_sure=is_near)


def _coming(weekday: int, first: date) -> date:
    return first + timedelta(days=(weekday - first.weekday()) % 7)


def _number(written: str) -> int:
    return int(written) if written.isdigit() else _NUMBERS[written]
