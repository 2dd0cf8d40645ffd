"""Doctors of sessions: named where two work at the same hour, picked by name, and nobody has to choose."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from flows.doctors import doctor_in, doctor_named, doctor_to_say, doctors_of, say_doctor
from flows.longest_values import day_labels
from flows.text_gate import label_faults
from tests.flows.queue_phone import Phone
from tests.transcripts.queue_day import with_settings

MELATI, KENANGA = "dr. Contoh Melati", "dr. Contoh Kenanga"
MONDAY = date(2026, 11, 23)
PAGI = {"days": "senin-kamis", "opens": "08:00", "closes": "11:00"}
TWO_DOCTORS: dict[str, Any] = {
    "doctors": [
        {"name": MELATI, "poli": "umum", **PAGI},
        {"name": KENANGA, "poli": "umum", **PAGI},
    ],
    "rooms": [],
    "polis": [
        {
            "id": "umum",
            "letter": "A",
            "name": "Umum",
            "sessions": [
                {"name": "pagi_melati", "quota": 1, "doctor": MELATI, **PAGI},
                {"name": "pagi_kenanga", "quota": 2, "doctor": KENANGA, **PAGI},
            ],
        }
    ],
}


@pytest.fixture
def two(facility: Facility) -> Facility:
    return with_settings(facility, TWO_DOCTORS)


@pytest.fixture
def phone(database: Database, facility: Facility, keeper: IdentityKeeper) -> Phone:
    return Phone(database, facility, keeper, settings=TWO_DOCTORS, now="2026-11-23T07:30+08:00")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("antri umum besok dr melati", MELATI, id="title and name"),
        pytest.param("sama dokter yang kenanga aja", KENANGA, id="words between"),
        pytest.param("dr. Contoh Kenanga", KENANGA, id="the whole name"),
        pytest.param("ke dokter umum buat melati", None, id="a patient of that name"),
        pytest.param("antri umum melati", None, id="no title"),
        pytest.param("dr contoh", None, id="a name that both have"),
        pytest.param("dokter siapa besok", None, id="no name"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_doctor_is_meant_only_behind_a_title(text: str, expected: str | None) -> None:
    assert expected == doctor_named(text, (MELATI, KENANGA))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param(MELATI, "dr. Melati", id="the name of its own"),
        pytest.param("dr. Siti Rahma, Sp.A", "dr. Siti", id="degrees are left out"),
        pytest.param("Wahyuningtyaswati", "Wahyuningtyasw", id="a long name without a title"),
    ],
)
def test_a_doctor_is_called_shortly(two: Facility, name: str, said: str) -> None:
    assert said == say_doctor(two, name)


def test_a_label_gives_its_doctor_back() -> None:
    assert ["dr. Melati", ""] == [doctor_in(label) for label in ("Besok pagi dr. Melati", "Besok pagi")]


def test_a_doctor_is_said_only_where_another_works_at_the_same_hour(two: Facility, facility: Facility) -> None:
    assert "dr. Melati" == doctor_to_say(two, "umum", MONDAY, "pagi_melati")
    assert doctor_to_say(facility, "umum", MONDAY, "pagi") is None


def test_whose_session_it_is_comes_from_the_session_or_the_doctors_hours(two: Facility, facility: Facility) -> None:
    morning = facility.sessions_on("umum", MONDAY)[0]

    assert (KENANGA,) == doctors_of(two, "umum", MONDAY, two.sessions_on("umum", MONDAY)[1])
    assert (MELATI,) == doctors_of(facility, "umum", MONDAY, morning)


def test_offers_name_the_doctors(phone: Phone) -> None:
    said = phone.writes("daftar umum buat budi") or ""

    assert "1 Hari ini dr. Melati, 2 Hari ini dr. Kenanga, 3 Besok dr. Melati" in said


def test_nobody_has_to_choose_a_doctor_and_the_emptier_session_is_taken(phone: Phone) -> None:
    first = phone.writes("antri umum besok pagi buat budi") or ""
    second = phone.writes("antri umum besok buat rohani") or ""

    assert ("dr. Kenanga" in first, "dr. Melati" in second) == (True, True)


def test_a_doctor_named_before_the_day_is_kept_in_mind(phone: Phone) -> None:
    phone.writes("mau daftar ke dr melati poli umum buat budi", reads="book_queue")

    assert "dr. Melati" in (phone.writes("rabu") or "")


def test_a_doctor_without_room_offers_other_days_of_the_same_doctor(phone: Phone) -> None:
    phone.writes("antri umum besok dr melati buat budi", reads="book_queue")

    said = phone.writes("antri umum besok dr melati buat rohani", reads="book_queue") or ""

    assert said.startswith(
        "Selasa 24 Nov tidak ada tempat di dr. Melati.\nMasih ada: 1 Rabu 25 Nov dr. Melati, 2 Kamis 26 Nov dr. Melati"
    )


def test_a_doctor_who_is_full_all_week_leaves_the_other_one(phone: Phone) -> None:
    for ahead in range(8):
        phone.happens(fills="umum", ahead=ahead, session="pagi_melati")

    said = phone.writes("antri umum besok dr melati buat rohani", reads="book_queue") or ""

    assert said.startswith("Maaf, tempat di dr. Melati penuh semua.\nPoli Umum ada: 1 Besok dr. Kenanga")


def test_the_hours_of_a_doctor_pick_the_session_where_sessions_name_none(
    database: Database, facility: Facility, keeper: IdentityKeeper
) -> None:
    phone = Phone(database, facility, keeper, now="2026-11-23T07:30+08:00")

    said = phone.writes("antri umum besok sama dr kenanga buat budi", reads="book_queue") or ""

    assert "Selasa 24 Nov, jam 12.30 siang" in said


@pytest.mark.parametrize(
    ("settings", "staff"),
    [
        pytest.param({}, {"closes": "gigi", "ahead": 1}, id="by staff for once"),
        pytest.param(
            {"closures": [{"day": date(2026, 11, 24), "reason": "Posyandu", "poli": "gigi"}]}, {}, id="in the settings"
        ),
    ],
)
def test_a_doctor_of_a_poli_that_is_closed_is_not_announced(
    database: Database, facility: Facility, keeper: IdentityKeeper, settings: dict[str, Any], staff: dict[str, Any]
) -> None:
    phone = Phone(database, facility, keeper, settings=settings)
    if staff:
        phone.happens(**staff)

    said = phone.writes("dokter gigi besok ada?", reads="doctor_schedule") or ""

    assert "besok" in said and "Rabu 25 Nov" in said


@pytest.mark.parametrize("limit", [20, 24])
def test_offers_with_doctors_fit_buttons_and_can_be_told_apart(two: Facility, limit: int) -> None:
    labels = day_labels(two)

    assert "dr. " in labels[0]
    assert () == label_faults(labels, limit=limit, may_be_cut=True)
