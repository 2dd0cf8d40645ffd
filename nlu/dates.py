"""Reads the day that somebody wants from the way people write it, without any library's guess."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from nlu.day_places import is_no_wish, is_only_talk, is_written_elsewhere
from nlu.day_readers import NEXT_WEEK, READERS, Kind, NamedDay, days_of_month, weekdays, written_days
from nlu.value_words import is_someday, value_words
from nlu.wishes import Weight, order, weigh

__all__ = ["DayReading", "Week", "find_day", "find_day_in", "is_someday", "next_week", "read_day", "two_days"]

_MOST = 20
_LONG_PAST = 3
"""Years: a day further back is somebody's birth date."""


@dataclass(frozen=True)
class DayReading:
    """`is_sure` is False where people mean different days by it: then name the date and ask."""

    day: date
    is_sure: bool
    phrase: str


@dataclass(frozen=True)
class Week:
    """Next week, as "minggu depan" says it without naming a day: `day` is what find_day takes it for."""

    monday: date
    day: date


def next_week(text: str, *, today: date) -> Week | None:
    """Next week, where the text wishes for it and for no day of it; None for any other day or none."""
    found = find_day(text, today=today)
    if found is None or found.is_sure or NEXT_WEEK.fullmatch(found.phrase) is None:
        return None
    return Week(today + timedelta(days=7 - today.weekday()), found.day)


def two_days(text: str, *, today: date) -> tuple[date, date] | None:
    """The weekday and the date where the text says both and they differ: "rabu tgl 26" when the 26th is a Thursday."""
    plain = " ".join(value_words(text))
    named = list(islice(weekdays(plain, today), _MOST))
    for read in (written_days, days_of_month):
        for written in islice(read(plain, today), _MOST):
            for weekday in named:
                if _is_beside(weekday, written, plain) and weekday.day.weekday() != written.day.weekday():
                    return weekday.day, written.day
    return None


def _is_beside(weekday: NamedDay, written: NamedDay, plain: str) -> bool:
    """Whether the weekday stands right before the date or right behind it."""
    between = plain[weekday.end : written.start] if weekday.end <= written.start else plain[written.end : weekday.start]
    return between in (" ", " tanggal ", " hari ") and "malam" not in plain


def read_day(text: str, *, today: date) -> date | None:
    """The day meant, or None; see find_day."""
    found = find_day(text, today=today)
    return found.day if found is not None else None


def find_day(text: str, *, today: date) -> DayReading | None:
    """The day that is wished for: of several the one changed to, then the one said most exactly, then the first.

    Days without a year lie ahead: "5 des" on 6 December is next year's, "tgl 5" the next month's. A weekday is the
    next one, today included (then it is unsure); "senin depan" is the next Monday after today, unsure within a week;
    "malam jumat" is Thursday. A date with its year is given back as written, even if past, but not a birth date. Days
    gone by ("kemarin"), "besok2", "tiap senin" and "minggu ini", some day of this week, give None.
    """
    return find_day_in(" ".join(value_words(text)), today=today)


def find_day_in(plain: str, *, today: date) -> DayReading | None:
    """As find_day, for a text that is already in plain words (see value_words)."""
    found = [
        named for read in READERS for named in islice(read(plain, today), _MOST) if not _is_other(named, plain, today)
    ]
    found = [named for named in found if not any(_says_more(other, named) for other in found)]
    weighed = [(weigh(plain, named.start, named.end), named) for named in found]
    wished = [(weight, named) for weight, named in weighed if weight is not Weight.REFUSED]
    if not wished:
        return None
    best = min(wished, key=lambda pair: _rank(*pair, today=today))[1]
    return DayReading(best.day, best.is_sure, plain[best.start : best.end])


def _rank(weight: Weight, named: NamedDay, *, today: date) -> tuple[int, bool, int, int, int]:
    """What is chosen, ahead, exact, early and long comes first."""
    weight_first, position = order(weight, named.start)
    return (weight_first, named.day < today, named.kind, position, -named.end)


def _says_more(other: NamedDay, named: NamedDay) -> bool:
    """ "rabu minggu depan" says more than the "hari rabu" in it."""
    overlaps = other.start < named.end and named.start < other.end
    return overlaps and other.kind <= named.kind and other.end - other.start > named.end - named.start


def _is_other(named: NamedDay, plain: str, today: date) -> bool:
    start, end = named.start, named.end
    if named.kind is Kind.NOW:
        return is_only_talk(plain, start, end)
    if named.kind is Kind.NAMED:
        return is_no_wish(plain, start, end)
    return today.year - named.day.year > _LONG_PAST or is_written_elsewhere(plain, start, end)
