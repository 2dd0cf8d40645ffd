"""Durations in months and days, as schedules are written: added to a date in a way that never comes too early."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

PATTERN = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")


@dataclass(frozen=True)
class Duration:
    """Calendar months, then days: "P2M" is two months, "P28D" 28 days."""

    months: int = 0
    days: int = 0

    def passed_on(self, start: date) -> date:
        """The first day on which so much time has passed: one month after 31 January is 1 March, not 28 February."""
        first, day_wanted, last = self._month_after(start)
        day = first.replace(day=last) + timedelta(days=1) if day_wanted > last else first.replace(day=day_wanted)
        return day + timedelta(days=self.days)

    def limit_on(self, start: date) -> date:
        """The same, but the last day of a shorter month: what must happen before it is not late by a day."""
        first, day_wanted, last = self._month_after(start)
        return first.replace(day=min(day_wanted, last)) + timedelta(days=self.days)

    def _month_after(self, start: date) -> tuple[date, int, int]:
        """First day of the month so many months on, the day wanted there, and how many days it has."""
        count = start.year * 12 + start.month - 1 + self.months
        first = date(count // 12, count % 12 + 1, 1)
        return first, start.day, calendar.monthrange(first.year, first.month)[1]

    def in_words(self) -> str:
        """For staff and logs: "9 months", "28 days"."""
        parts = []
        if self.months or not self.days:
            parts.append(f"{self.months} month{'' if self.months == 1 else 's'}")
        if self.days:
            parts.append(f"{self.days} day{'' if self.days == 1 else 's'}")
        return " ".join(parts)


def read_duration(text: object) -> Duration:
    """Read ISO 8601 years, months, weeks and days ("P1M", "P28D"); raises ValueError for anything else."""
    match = PATTERN.fullmatch(text) if isinstance(text, str) and text != "P" else None
    if match is None:
        raise ValueError(f"{text!r} is not a duration; write P9M for nine months, P28D for 28 days")
    years, months, weeks, days = (int(part or 0) for part in match.groups())
    return Duration(months=12 * years + months, days=7 * weeks + days)
