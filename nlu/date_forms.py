"""The written forms of a date that days and birth dates share."""

from __future__ import annotations

import re
from datetime import date

MONTHS = {
    month: number
    for number, forms in enumerate(
        (
            "januari jan",
            "februari feb pebruari peb febuari",
            "maret mar mrt",
            "april apr",
            "mei may",
            "juni jun",
            "juli jul",
            "agustus agus agu ags agt aug agst agust",
            "september sep sept",
            "oktober okt oct october",
            "november nov nop nopember",
            "desember des dec december",
        ),
        start=1,
    )
    for month in forms.split()
}
_MONTH = r"(" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")"
DAY_MONTH = re.compile(
    rf"(?<![\d/.:-])\b(\d{{1,2}})\s+(?:bulan\s+)?{_MONTH}\b(?:\s+(?:tahun\s+)?(\d{{4}}|\d{{2}})\b(?![/.:-]))?"
)
MONTH_DAY = re.compile(rf"\b{_MONTH}\s+tanggal\s+(\d{{1,2}})\b(?![/.:-])(?:\s+(?:tahun\s+)?(\d{{4}})\b)?")
SPACED = re.compile(r"(?<![\d/.:-])\b(\d{1,2})\s+(\d{1,2})\s+(20\d{2})\b(?![/.:-])")
ISO = re.compile(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b")
NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?![\d/.-])")


def make_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def full_year(year: str, today: date, *, is_birth: bool) -> int:
    """Two digits: this century for a visit; for a birth the latest year that is not ahead."""
    if len(year) == 4:
        return int(year)
    this_century = today.year // 100 * 100 + int(year)
    return this_century - 100 if is_birth and this_century > today.year else this_century
