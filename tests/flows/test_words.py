"""How days, times and names are said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from flows.words import (
    first_name,
    say_as_of,
    say_coming,
    say_date,
    say_day,
    say_span,
    say_time,
    say_waiting,
    short_names,
)

MONDAY = date(2026, 11, 23)
SAMARINDA = ZoneInfo("Asia/Makassar")


@dataclass(frozen=True)
class Somebody:
    person_id: int
    name: str


def test_a_date_is_said_with_its_weekday_and_without_a_year() -> None:
    assert say_date(date(2027, 1, 5)) == "Selasa 5 Jan"


@pytest.mark.parametrize(
    ("day", "said"),
    [
        pytest.param(date(2026, 11, 23), "hari ini", id="today"),
        pytest.param(date(2026, 11, 24), "besok", id="tomorrow"),
        pytest.param(date(2026, 11, 25), "Rabu 25 Nov", id="later"),
        pytest.param(date(2026, 11, 22), "Minggu 22 Nov", id="yesterday"),
    ],
)
def test_near_days_are_said_in_words(day: date, said: str) -> None:
    assert said == say_day(day, today=MONDAY)


@pytest.mark.parametrize(
    ("clock", "said"),
    [
        pytest.param(time(8), "jam 8 pagi", id="morning"),
        pytest.param("07:30", "jam 7.30 pagi", id="half past, as text"),
        pytest.param(time(12), "jam 12 siang", id="noon"),
        pytest.param(time(13, 30), "jam 1.30 siang", id="early afternoon"),
        pytest.param(time(16), "jam 4 sore", id="late afternoon"),
        pytest.param(time(0, 5), "jam 12.05 malam", id="after midnight"),
    ],
)
def test_times_are_said_as_people_say_them(clock: time | str, said: str) -> None:
    assert said == say_time(clock)


@pytest.mark.parametrize(
    ("opens", "closes", "said"),
    [
        pytest.param("08:00", "11:00", "jam 8-11", id="in the morning"),
        pytest.param("12:30", "14:00", "jam 12.30-2 siang", id="in one part of the day"),
        pytest.param("07:30", "15:00", "jam 7.30 pagi-3 sore", id="through the day"),
    ],
)
def test_a_span_names_the_part_of_the_day_where_it_could_be_mistaken(opens: str, closes: str, said: str) -> None:
    assert said == say_span(opens, closes)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        pytest.param(datetime(2026, 11, 23, 7, 0, tzinfo=SAMARINDA), "jam 8 pagi", id="before it begins"),
        pytest.param(datetime(2026, 11, 23, 9, 30, tzinfo=SAMARINDA), "sebelum jam 11 siang", id="while it runs"),
        pytest.param(datetime(2026, 11, 22, 9, 30, tzinfo=SAMARINDA), "jam 8 pagi", id="the day before"),
    ],
)
def test_a_session_that_has_begun_is_said_by_its_end(now: datetime, said: str) -> None:
    assert said == say_coming(MONDAY, opens=time(8), closes=time(11), now=now)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        pytest.param(date(2026, 11, 23), "hari ini", id="today"),
        pytest.param(date(2026, 3, 2), "2 Mar", id="this year"),
        pytest.param(date(2025, 11, 20), "tahun lalu", id="a year ago"),
    ],
)
def test_old_knowledge_says_how_old_it_is(day: date, said: str) -> None:
    assert said == say_as_of(day, today=MONDAY)


@pytest.mark.parametrize(
    ("before", "said"),
    [(4, "4 orang lagi"), (0, "habis ini"), (None, "giliran sekarang")],
)
def test_waiting_is_said_in_people(before: int | None, said: str) -> None:
    assert said == say_waiting(before)


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Siti Aminah", "Siti"),
        ("M. Rizky Pratama", "M. Rizky"),
        ("Hj. Rohani", "Hj. Rohani"),
        ("Moh. Ali", "Moh. Ali"),
        ("Al", "Al"),
    ],
)
def test_people_are_called_by_their_first_name(name: str, called: str) -> None:
    assert called == first_name(name)


def test_two_people_with_one_first_name_are_called_by_their_full_names() -> None:
    people = [Somebody(1, "Siti Aminah"), Somebody(2, "siti Rohani"), Somebody(3, "Budi Santoso")]
    assert {1: "Siti Aminah", 2: "siti Rohani", 3: "Budi"} == short_names(people)
