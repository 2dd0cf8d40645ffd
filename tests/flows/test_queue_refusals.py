"""Why a day or an hour cannot be booked: the true reason is said, and the next two sessions with room are offered."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from flows.why_not import LONGEST_REASON, may_say
from tests.flows.queue_phone import EIGHT, Phone

RAMADAN = {
    "name": "Ramadan",
    "day": date(2027, 2, 8),
    "until": date(2027, 3, 8),
    "hours": {"senin": "08:00-10:00", "selasa": "08:00-12:00", "jumat": "tutup"},
}


@pytest.fixture
def phone(database: Database, facility: Facility, keeper: IdentityKeeper) -> Phone:
    return Phone(database, facility, keeper)


@pytest.mark.parametrize(
    ("now", "settings", "wish", "reason"),
    [
        pytest.param(EIGHT, {}, "hari minggu", "Minggu 29 Nov puskesmas tutup.", id="weekly"),
        pytest.param(
            "2026-12-23T08:00+08:00", {}, "jumat", "Jumat 25 Des tutup: Hari Raya Natal.", id="a national holiday"
        ),
        pytest.param(
            "2026-12-23T08:00+08:00",
            {"collective_leave": "ya"},
            "besok",
            "Kamis 24 Des tutup: Cuti Bersama Hari Raya Natal.",
            id="cuti bersama",
        ),
        pytest.param(
            "2026-12-28T08:00+08:00", {}, "kamis", "Kamis 31 Des tutup: Tutup buku akhir tahun.", id="own closure"
        ),
        pytest.param(
            EIGHT,
            {"closures": [{"day": date(2026, 11, 24), "reason": "Rapat " * 20}]},
            "besok",
            "Selasa 24 Nov puskesmas tutup.",
            id="a reason too long to say",
        ),
        pytest.param(
            EIGHT,
            {"closures": [{"day": date(2026, 11, 24), "reason": "Posyandu", "poli": "gigi"}]},
            "besok",
            "Selasa 24 Nov poli Gigi tutup: Posyandu.",
            id="one poli closed",
        ),
        pytest.param(
            "2027-02-18T08:00+08:00",
            {"special_hours": [RAMADAN]},
            "besok",
            "Jumat 19 Feb tutup: Ramadan.",
            id="closed by special hours",
        ),
        pytest.param(
            "2027-02-14T08:00+08:00",
            {"special_hours": [RAMADAN]},
            "besok siang",
            "Jam Ramadan.",
            id="an hour that special hours cut off",
        ),
        pytest.param(EIGHT, {}, "jumat siang", "Poli Gigi Jumat 27 Nov: hanya jam 8-11.", id="no afternoon on Friday"),
        pytest.param(
            EIGHT,
            {"queue": {"friday_break": "10:00-13:00"}},
            "jumat siang",
            "Poli Gigi Jumat 27 Nov: hanya jam 8-10.",
            id="a session cut by the Friday break",
        ),
        pytest.param(EIGHT, {}, "minggu depan", "Minggu depan poli Gigi bisa: 1 Senin 30 Nov pagi", id="next week"),
        pytest.param(EIGHT, {}, "22 nov", "Minggu 22 Nov sudah lewat.", id="yesterday without a year"),
        pytest.param(EIGHT, {}, "tgl 31", "Kamis 31 Des masih terlalu jauh.", id="no 31st this month"),
        pytest.param(EIGHT, {}, "29 feb", "Selasa 29 Feb masih terlalu jauh.", id="a leap day"),
        pytest.param(EIGHT, {"booking_days_ahead": 0}, "besok", "Selasa 24 Nov masih terlalu jauh.", id="today only"),
        pytest.param(
            "2026-11-23T12:00+08:00", {}, "hari ini pagi", "Senin 23 Nov pagi sudah lewat.", id="this morning at noon"
        ),
        pytest.param("2026-11-23T14:30+08:00", {}, "hari ini", "Poli Gigi hari ini sudah tutup.", id="after hours"),
    ],
)
def test_the_true_reason_is_said_and_others_offered(
    database: Database,
    facility: Facility,
    keeper: IdentityKeeper,
    now: str,
    settings: dict[str, Any],
    wish: str,
    reason: str,
) -> None:
    phone = Phone(database, facility, keeper, now=now, settings=settings)

    said = phone.writes(f"antri gigi {wish} buat budi")

    assert said is not None
    assert (reason, True) == (said[: len(reason)], "1 " in said)
    assert phone.states() == []


def test_a_weekday_that_does_not_fit_its_date_is_asked_about(phone: Phone) -> None:
    said = phone.writes("antri gigi rabu tgl 26 buat budi")

    assert said == ("Hari dan tanggalnya tidak cocok.\nPoli Gigi: 1 Rabu 25 Nov pagi, 2 Kamis 26 Nov\nPilih yang mana?")
    assert "Kamis 26 Nov, jam 8 pagi" in (phone.writes("2") or "")


def test_a_session_that_staff_closed_is_called_off_and_others_stay(phone: Phone) -> None:
    phone.happens(closes="umum", ahead=1, session="pagi")

    said = phone.writes("antri umum besok pagi buat budi") or ""

    assert said.startswith("Maaf, poli Umum Selasa 24 Nov pagi tidak jadi buka.\nMasih ada: 1 Besok siang")


def test_a_poli_that_staff_closed_today_is_called_off(phone: Phone) -> None:
    phone.happens(closes="gigi")

    said = phone.writes("antri gigi hari ini buat budi") or ""

    assert said.startswith("Maaf, poli Gigi Senin 23 Nov tidak jadi buka.\nMasih ada: 1 Besok, 2 Rabu 25 Nov pagi")


def test_a_session_that_staff_opened_again_can_be_booked(phone: Phone) -> None:
    from_then_on = "Antrian Gigi: B1. Budi. Selasa 24 Nov, jam 8 pagi."
    phone.happens(closes="gigi", ahead=1)
    with phone.database.transaction() as db:
        db.connection().exec_driver_sql("UPDATE session_change SET undone_at = created_at")

    assert (phone.writes("antri gigi besok buat budi") or "").startswith(from_then_on)


def test_a_session_closed_while_the_answer_was_written_is_told(phone: Phone) -> None:
    phone.writes("antri gigi besok")
    phone.happens(closes="gigi", ahead=1)

    assert (phone.writes("2") or "").startswith("Maaf, poli Gigi Selasa 24 Nov tidak jadi buka.")


def test_a_place_lost_in_one_session_does_not_make_the_day_full(phone: Phone) -> None:
    phone.writes("antri umum besok pagi")
    phone.fill("umum", date(2026, 11, 24), "pagi")

    said = phone.writes("2") or ""

    assert said.startswith("Poli Umum Selasa 24 Nov pagi sudah penuh.\nMasih ada: 1 Besok siang")


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        pytest.param("Hari Raya Natal", True, id="a holiday"),
        pytest.param("a" * LONGEST_REASON, True, id="just short enough"),
        pytest.param("a" * (LONGEST_REASON + 1), False, id="one letter over"),
        pytest.param("Hari Ibu – libur", False, id="letters that cost a second SMS"),
        pytest.param("Undian juta rupiah", False, id="a word that operators drop"),
    ],
)
def test_only_a_reason_that_fits_an_sms_is_said(reason: str, expected: bool) -> None:
    assert expected is may_say(reason)
