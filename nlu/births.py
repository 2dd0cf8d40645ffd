"""Reads birth dates and ages as people type them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from nlu.calendar_words import WEEKDAYS
from nlu.date_forms import DAY_MONTH, ISO, MONTHS, NUMERIC, full_year, make_date
from nlu.value_words import value_words, without_marks

Fault = Literal["ahead", "too_old", "no_such_day", "no_year"]
FAULTS: tuple[Fault, ...] = ("ahead", "too_old", "no_such_day", "no_year")
"""A day still to come, more than 120 years ago, no day of any calendar, or a day without its year."""

_OLDEST = 120
_BARE_AGE = 60
"""Above it two figures alone may be the year of birth as well."""
_BORN = re.compile(r"\b(?:lahir|ttl|kelahiran)\b")
_RUN = re.compile(r"(?<!\d)(\d{2})(\d{2})(\d{4}|\d{2})(?!\d)")
_ISO_RUN = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)")
_SPACED = re.compile(r"(?<!\d)(\d{1,2})\s+(\d{1,2})\s+(\d{4}|\d{2})(?!\d)")
_MONTH_BY_NUMBER = re.compile(r"(?<!\d)(\d{1,2}) bulan (\d{1,2})(?: tahun)? (\d{4}|\d{2})(?!\d)")
_AGE = re.compile(
    r"\b(?:umur|usia)\s*(?:nya|saya|dia|anak|sudah|baru|sekitar|kira)?\s*(\d{1,3})\s*(bulan|hari|minggu)?\b"
)
_YEARS = re.compile(r"(?<![\d/.-])(\d{1,3})\s*(?:tahun|th|yo)\b")
_MONTHS_OLD = re.compile(r"(?<![\d/.-])(\d{1,2})\s*bulan\b(?!\s+(?:lagi|lalu))")

_MONTH_NAME = "|".join(sorted(MONTHS, key=len, reverse=True))
_WITHOUT_YEAR = (
    re.compile(rf"(?<![\d/.-])(?P<day>\d{{1,2}})(?: bulan)? (?P<name>{_MONTH_NAME})\b"),
    re.compile(r"\btanggal (?P<day>\d{1,2}) bulan (?P<month>\d{1,2})\b"),
    re.compile(r"(?<![\d/.-])(?P<day>\d{1,2})[-/](?P<month>\d{1,2})(?![\d/.-])"),
)
_MONTH_AND_YEAR = (
    re.compile(rf"\b(?P<name>{_MONTH_NAME}) (?:tahun )?(?P<year>\d{{4}}|\d{{2}})(?![\d/.-])"),
    re.compile(r"\bbulan (?P<month>\d{1,2}) tahun (?P<year>\d{4}|\d{2})(?!\d)"),
)
_YEAR = re.compile(r"\b(?:(?:tahun|lahir|kelahiran) (\d{4}|\d{2})|((?:19|20)\d{2}))(?![\d/.-])")
_SAME = {
    "th": "tahun",
    "yo": "tahun",
    "tahunan": "tahun",
    "bulanan": "bulan",
    "setahun": "1 tahun",
    "sebulan": "1 bulan",
    "seminggu": "1 minggu",
    "sehari": "1 hari",
}
_HALF = re.compile(r"(?<!\d)(\d{1,3})(?:[.,]5| setengah) tahun\b|(?<!\d)(\d{1,3}) tahun setengah\b")
_COUNTED = re.compile(r"(?<![\d/.-])(\d{1,3}) (tahun|bulan|minggu|hari)\b(?! lagi)(?: (?:lebih )?(\d{1,2}) bulan\b)?")
_AGED = re.compile(
    r"\b(?:umur|usia)(?: (?:nya|saya|dia|anak|sudah|baru|sekitar|kira|kurang|lebih|hampir))* (\d{1,3})\b"
)
_AROUND_AN_AGE = frozenset("sudah baru sekitar kira lebih kurang hampir an jalan".split())
_ADDRESSED = frozenset("bu ibu pak bapak kak ya".split())
_AT_BIRTH = re.compile(r"\b(?:lahir|kelahiran|melahirkan|lahiran|bersalin)\b")
_FEW_WORDS = 3
"""Words: "kemarin" in a longer message that speaks of no birth is about something else."""
_LATELY = (
    (re.compile(r"\bkemarin (?:lusa|dulu)\b"), 2),
    (re.compile(r"\b(?:kemarin|semalam|tadi malam)\b"), 1),
    (re.compile(r"\b(?:hari ini|tadi|barusan|baru (?:saja )?lahir|baru melahirkan)\b"), 0),
)
_LAST_WEEKDAY = re.compile(rf"(?:\bhari (?=minggu)|\b(?!minggu))({'|'.join(WEEKDAYS)}) (?:kemarin|(?:yang )?lalu)\b")
_TO_COME = re.compile(r"\b(?:besok|lusa|nanti|depan)\b")
_LAST = re.compile(r"(?<!\d )\b(minggu|bulan|tahun) (?:kemarin|(?:yang )?lalu)\b")


@dataclass(frozen=True)
class Born:
    """When somebody was born; only about then where an age, a month or a year is all that was said."""

    day: date
    is_exact: bool


def read_born(text: str, *, today: date) -> Born | Fault | None:
    """The birth date or age written here, why it cannot be one, or None when neither is written.

    An age in years gives the first of July that fits it, one in months or weeks the first day of that month.
    """
    plain = _plain(text)
    behind = _BORN.search(plain)
    for part in ([plain[behind.end() :]] if behind else []) + [plain]:
        written = _full_date(part, today)
        if written is not None:
            return written
    lately = _lately(plain, today)
    if lately is not None or "hamil" in plain:
        return lately
    return _about(plain, today) or ("ahead" if behind and _TO_COME.search(plain) else None)


def read_birth_year(text: str, *, today: date) -> int | None:
    """The year alone, as an answer to the question for it: "93", "tahun 1993"."""
    found = re.search(r"(?<!\d)(\d{4}|\d{2})(?!\d)", _plain(text))
    year = full_year(found[1], today, is_birth=True) if found is not None else None
    return year if year is not None and today.year - _OLDEST <= year <= today.year else None


def date_in(year: int, month: int, day: int, *, today: date) -> Born | Fault:
    """That day as a birth date, or why it cannot be one."""
    found = make_date(year, month, day)
    if found is None:
        return "no_such_day"
    if found > today:
        return "ahead"
    return Born(found, is_exact=True) if today.year - found.year <= _OLDEST else "too_old"


def day_without_year(text: str) -> tuple[int, int] | None:
    """Day and month where a birth date is written without its year: "17 agustus", "17/8"."""
    plain = _plain(text)
    for pattern in _WITHOUT_YEAR:
        found = pattern.search(plain)
        if found is not None:
            return int(found["day"]), _month_of(found)
    return None


def read_birth_date(text: str, *, today: date) -> date | None:
    """The birth date written here, behind "lahir" first; None for an age, a day ahead, or more than 120 years ago."""
    plain = without_marks(value_words(text))
    behind = _BORN.search(plain)
    found = (_written(plain[behind.end() :], today) if behind else None) or _written(plain, today)
    if found is None or found > today or today.year - found.year > _OLDEST:
        return None
    return found


def read_age(text: str) -> int | None:
    """Whole years of age; 0 for a baby counted in days, weeks or months; None when no age is written."""
    plain = without_marks(value_words(text))
    if found := _AGE.search(plain):
        return _years(int(found[1]), found[2])
    if found := _YEARS.search(plain):
        return _years(int(found[1]), None)
    if found := _MONTHS_OLD.search(plain):
        return _years(int(found[1]), "bulan")
    return None


def _years(count: int, unit: str | None) -> int | None:
    if unit == "bulan":
        return count // 12
    if unit is not None:
        return 0
    return count if count <= _OLDEST else None


def _written(plain: str, today: date) -> date | None:
    if found := ISO.search(plain):
        return make_date(int(found[1]), int(found[2]), int(found[3]))
    for pattern in (NUMERIC, _SPACED, _RUN):
        if found := pattern.search(plain):
            year = full_year(found[3], today, is_birth=True)
            return make_date(year, int(found[2]), int(found[1]))
    found = DAY_MONTH.search(plain)
    if found is None or found[3] is None:
        return None
    return make_date(full_year(found[3], today, is_birth=True), MONTHS[found[2]], int(found[1]))


# --- any form ----------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """Plain words, where "th" is "tahun", "setahun" is "1 tahun" and "1,5 thn" stays one and a half."""
    halves = re.sub(r"(\d)\s?[.,]\s?5\s*(?=(?:th|thn|tahun)\b)", r"\1 setengah ", text, flags=re.I)
    words = without_marks(value_words(halves)).split()
    return " ".join(_SAME.get(word, word) for word in words)


def _full_date(plain: str, today: date) -> Born | Fault | None:
    """A day, a month and a year; where only the day could be the month, they were written the other way round."""
    if found := ISO.search(plain):
        return date_in(int(found[1]), int(found[2]), int(found[3]), today=today)
    for pattern in (_MONTH_BY_NUMBER, NUMERIC, _SPACED, _RUN):
        if found := pattern.search(plain):
            day, month, year = int(found[1]), int(found[2]), full_year(found[3], today, is_birth=True)
            backwards = _ISO_RUN.search(plain) if month > 12 else None
            if backwards is not None:
                return date_in(int(backwards[1]), int(backwards[2]), int(backwards[3]), today=today)
            day, month = (month, day) if month > 12 >= day else (day, month)
            return date_in(year, month, day, today=today)
    found = DAY_MONTH.search(plain)
    if found is None or found[3] is None:
        return None
    return date_in(full_year(found[3], today, is_birth=True), MONTHS[found[2]], int(found[1]), today=today)


def _lately(plain: str, today: date) -> Born | None:
    """Born today, yesterday, last Monday."""
    if found := _LAST_WEEKDAY.search(plain):
        back = (today.weekday() - WEEKDAYS.index(found[1])) % 7 or 7
        return Born(today - timedelta(days=back), is_exact=True)
    is_about_birth = _AT_BIRTH.search(plain) is not None
    if _LAST.search(plain) or (not is_about_birth and ("hari ini" in plain or len(plain.split()) > _FEW_WORDS)):
        return None
    for pattern, back in _LATELY:
        if pattern.search(plain):
            return Born(today - timedelta(days=back), is_exact=True)
    return None


def _about(plain: str, today: date) -> Born | Fault | None:
    """An age, a day without its year, a month and a year, or a year."""
    for pattern in _WITHOUT_YEAR:
        if found := pattern.search(plain):
            beside = _age(plain[: found.start()] + plain[found.end() :], today)
            return _birthday_at(found, beside, today) if isinstance(beside, Born) else "no_year"
    age = _age(plain, today)
    if age is not None:
        return age
    for pattern in _MONTH_AND_YEAR:
        if found := pattern.search(plain):
            said = date_in(full_year(found["year"], today, is_birth=True), _month_of(found), 1, today=today)
            return Born(said.day, is_exact=False) if isinstance(said, Born) else said
    found = _YEAR.search(plain)
    if found is None:
        return None
    year = full_year(found[1] or found[2], today, is_birth=True)
    said = date_in(year, 7 if date(today.year, 7, 1) <= today or year < today.year else 1, 1, today=today)
    return Born(said.day, is_exact=False) if isinstance(said, Born) else said


def _age(plain: str, today: date) -> Born | Fault | None:
    if found := _HALF.search(plain):
        return _months_ago(int(found[1] or found[2]) * 12 + 6, today)
    if "setengah tahun" in plain:
        return _months_ago(6, today)
    if found := _COUNTED.search(plain):
        return _old(int(found[1]), found[2], int(found[3] or 0), today)
    if found := _LAST.search(plain):
        return _old(1, found[1], 0, today)
    if found := _AGED.search(plain):
        return _old(int(found[1]), "tahun", 0, today)
    said = [word for word in plain.split() if word not in _ADDRESSED]
    words = [word for word in said if word not in _AROUND_AN_AGE]
    oldest = _BARE_AGE if said == words else _OLDEST
    is_bare = len(words) == 1 and words[0].isdigit() and int(words[0]) <= oldest
    return _old(int(words[0]), "tahun", 0, today) if is_bare else None


def _old(count: int, unit: str, months: int, today: date) -> Born | Fault:
    if unit == "hari":
        return Born(today - timedelta(days=count), is_exact=False)
    if unit == "minggu":
        return Born((today - timedelta(weeks=count)).replace(day=1), is_exact=False)
    if unit == "bulan" or months:
        return _months_ago(count + months if unit == "bulan" else count * 12 + months, today)
    if count > _OLDEST:
        return "too_old"
    this_year = date(today.year, 7, 1)
    return Born(this_year.replace(year=today.year - count - (today < this_year)), is_exact=False)


def _months_ago(months: int, today: date) -> Born | Fault:
    if months > _OLDEST * 12:
        return "too_old"
    years, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return Born(date(years, month + 1, 1), is_exact=False)


def _birthday_at(found: re.Match[str], age: Born, today: date) -> Born | Fault:
    """ "17 agustus, umur 33": the year follows, if the age is right."""
    years = today.year - age.day.year - (1 if (today.month, today.day) < (7, 1) else 0)
    day, month = int(found["day"]), _month_of(found)
    is_ahead = (month, day) > (today.month, today.day)
    said = date_in(today.year - years - is_ahead, month, day, today=today)
    return Born(said.day, is_exact=False) if isinstance(said, Born) else said


def _month_of(found: re.Match[str]) -> int:
    groups = found.groupdict()
    return MONTHS[groups["name"]] if groups.get("name") else int(groups["month"])
