"""Opening moments and a poli's days in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from clinic.facility import Facility
from flows.opening import is_open_now, next_opening, open_day_from
from flows.timetable import first_poli, next_session_day, say_sessions, say_weekdays

FACILITY = Facility.model_validate(
    {
        "name": "Puskesmas Uji",
        "short_name": "PKM Uji",
        "address": "Jl. Uji 1",
        "timezone": "Asia/Makassar",
        "phone": "119",
        "hours": {"senin": "07:30-15:00", "selasa": "07:30-15:00", "jumat": "07:30-11:30", "minggu": "tutup"},
        "polis": [
            {
                "id": "gigi",
                "letter": "B",
                "name": "Gigi",
                "sessions": [{"name": "pagi", "days": "senin, jumat", "opens": "08:00", "closes": "11:00", "quota": 9}],
            }
        ],
        "closures": [{"day": date(2026, 11, 27), "reason": "Rapat"}],
    }
)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=FACILITY.zone)


@pytest.mark.parametrize(
    ("expected", "moment"),
    [
        pytest.param(False, "2026-11-23T07:29", id="a minute before"),
        pytest.param(True, "2026-11-23T07:30", id="on the minute"),
        pytest.param(True, "2026-11-23T14:59", id="a minute before closing"),
        pytest.param(False, "2026-11-23T15:00", id="at closing"),
        pytest.param(False, "2026-11-22T10:00", id="Sunday"),
        pytest.param(False, "2026-11-27T09:00", id="closed for a meeting"),
    ],
)
def test_the_doors_are_open_between_opening_and_closing(expected: bool, moment: str) -> None:
    assert is_open_now(FACILITY, _at(moment)) is expected


def test_the_hour_counts_where_the_health_centre_is() -> None:
    assert is_open_now(FACILITY, datetime(2026, 11, 22, 23, 30, tzinfo=UTC)) is True


@pytest.mark.parametrize(
    ("expected", "moment"),
    [
        pytest.param("2026-11-23T07:30", "2026-11-23T06:00", id="later today"),
        pytest.param("2026-11-24T07:30", "2026-11-23T16:00", id="tomorrow"),
        pytest.param("2026-11-30T07:30", "2026-11-24T16:00", id="past closed days and the meeting"),
    ],
)
def test_the_next_opening_is_the_first_one_still_to_come(expected: str, moment: str) -> None:
    assert next_opening(FACILITY, _at(moment)) == _at(expected)


def test_an_answer_is_promised_for_an_open_day() -> None:
    assert open_day_from(FACILITY, date(2026, 11, 24)) == date(2026, 11, 24)
    assert open_day_from(FACILITY, date(2026, 11, 27)) == date(2026, 11, 30)


def test_a_session_that_is_over_today_is_not_the_next_one() -> None:
    assert next_session_day(FACILITY, "gigi", _at("2026-11-23T10:59")) == date(2026, 11, 23)
    assert next_session_day(FACILITY, "gigi", _at("2026-11-23T11:00")) == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("expected", "days"),
    [
        ("Senin-Sabtu", (0, 1, 2, 3, 4, 5)),
        ("Selasa, Kamis, Sabtu", (1, 3, 5)),
        ("Senin, Selasa", (0, 1)),
        ("Senin-Rabu, Jumat", (0, 1, 2, 4)),
    ],
)
def test_three_days_in_a_row_are_said_as_from_to(expected: str, days: Sequence[int]) -> None:
    assert say_weekdays(days) == expected


def test_a_polis_week_is_its_days_and_hours() -> None:
    assert say_sessions(FACILITY.polis[0]) == "Senin, Jumat jam 8-11"


def test_the_first_poli_that_exists_is_taken() -> None:
    assert first_poli(FACILITY, ("imunisasi", "gigi")) is FACILITY.polis[0]
    assert first_poli(FACILITY, ("imunisasi",)) is None
