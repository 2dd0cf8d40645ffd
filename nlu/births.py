"""Reads birth dates and ages as people type them."""

from __future__ import annotations

import re
from datetime import date

from nlu.date_forms import DAY_MONTH, ISO, MONTHS, NUMERIC, full_year, make_date
from nlu.value_words import value_words, without_marks

_OLDEST = 120
_BORN = re.compile(r"\b(?:lahir|ttl|kelahiran)\b")
_RUN = re.compile(r"(?<!\d)(\d{2})(\d{2})(\d{4}|\d{2})(?!\d)")
_SPACED = re.compile(r"(?<!\d)(\d{1,2})\s+(\d{1,2})\s+(\d{4}|\d{2})(?!\d)")
_AGE = re.compile(
    r"\b(?:umur|usia)\s*(?:nya|saya|dia|anak|sudah|baru|sekitar|kira)?\s*(\d{1,3})\s*(bulan|hari|minggu)?\b"
)
_YEARS = re.compile(r"(?<![\d/.-])(\d{1,3})\s*(?:tahun|th|yo)\b")
_MONTHS_OLD = re.compile(r"(?<![\d/.-])(\d{1,2})\s*bulan\b(?!\s+(?:lagi|lalu))")


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
