"""The plain words of the calendar and the day that the readers of values share."""

from __future__ import annotations

WEEKDAYS = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")
FULL_MONTHS = (
    "januari",
    "februari",
    "maret",
    "april",
    "mei",
    "juni",
    "juli",
    "agustus",
    "september",
    "oktober",
    "november",
    "desember",
)
PARTS = ("pagi", "siang", "sore", "malam")
PRAYERS = ("subuh", "dzuhur", "jumatan", "ashar", "maghrib", "isya")
MARK = ","
"""Stands where the writer paused: a comma, the end of a sentence, a new line."""
