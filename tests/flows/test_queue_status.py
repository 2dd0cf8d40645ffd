"""Where am I: what is said of a number that waits, was called, was skipped, or is somebody else's."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from flows.late import says_late
from tests.flows.queue_phone import Phone

MONDAY = date(2026, 11, 23)
HOW_LONG = {"reads": "queue_status"}


@pytest.fixture
def phone(database: Database, facility: Facility, keeper: IdentityKeeper) -> Phone:
    return Phone(database, facility, keeper)


def test_before_the_first_call_a_range_from_the_opening_on_is_said(phone: Phone) -> None:
    phone.at("2026-11-23T07:30+08:00")
    phone.happens(line_at="umum", session="pagi", people=3)
    phone.writes("antri umum hari ini pagi buat budi")

    said = phone.writes("brp lagi", **HOW_LONG) or ""

    assert said.startswith(
        "Antrian Budi di poli Umum: A4. Belum ada yang dipanggil. 3 orang lebih dulu, kira-kira jam 8."
    )


def test_a_doctor_who_comes_late_moves_the_beginning_and_nothing_is_promised_before(phone: Phone) -> None:
    phone.happens(begins_late="umum", session="pagi", minutes=90)
    phone.happens(line_at="umum", session="pagi", people=2)
    taken = phone.writes("antri umum hari ini pagi buat budi") or ""

    said = phone.writes("brp lagi", **HOW_LONG) or ""

    assert "Senin 23 Nov, mundur ke jam 9.30 pagi." in taken
    assert said.startswith(
        "Antrian Budi di poli Umum: A3. Maaf, mundur ke jam 9.30 pagi. 2 orang lebih dulu, kira-kira jam 9."
    )


def test_a_late_session_that_has_begun_is_late_no_more(phone: Phone) -> None:
    phone.happens(begins_late="umum", session="pagi", minutes=30)
    phone.at("2026-11-23T08:40+08:00")

    assert "Senin 23 Nov, sebelum jam 11 siang." in (phone.writes("antri umum hari ini pagi buat budi") or "")


def test_whose_session_was_called_off_is_offered_another_day(phone: Phone) -> None:
    phone.writes("antri gigi besok buat budi")
    phone.happens(closes="gigi", ahead=1)

    said = phone.writes("brp lagi", **HOW_LONG) or ""
    moved = phone.writes("1") or ""

    assert said.startswith("Maaf, poli Gigi tutup Selasa 24 Nov. Antrian B1 Budi mau pindah?\n1 Rabu 25 Nov pagi")
    assert "Rabu 25 Nov, jam 8 pagi." in moved
    assert ["cancelled", "waiting"] == [state for _, state in phone.states()]


def test_in_a_list_a_number_of_a_closed_poli_says_so(phone: Phone) -> None:
    phone.writes("antri gigi besok buat budi")
    phone.writes("antri umum besok pagi buat rohani")
    phone.happens(closes="gigi", ahead=1)

    assert "Antrian Ibu/Bapak:\nB1 Budi: poli tutup\nA1 Rohani: besok" == phone.writes("brp lagi", **HOW_LONG)


def test_a_number_that_nobody_called_before_closing_time_is_told_so(phone: Phone) -> None:
    phone.writes("antri umum hari ini pagi buat budi")
    phone.at("2026-11-23T15:05+08:00")

    said = phone.writes("brp lagi", **HOW_LONG)

    assert (
        said == "Hari ini puskesmas sudah tutup. Antrian A1 untuk Budi tidak terpanggil. Mau daftar lagi? Balas DAFTAR."
    )


@pytest.mark.parametrize("words", ["saya telat", "masih di jalan bu", "sy otw, macet", "nomor saya kelewat gimana"])
def test_who_is_late_hears_what_happens_then(phone: Phone, words: str) -> None:
    phone.happens(line_at="umum", session="pagi", people=5)
    phone.writes("antri umum hari ini pagi buat budi")

    said = phone.writes(words) or ""

    assert said.startswith("Antrian A6 untuk Budi: 5 orang lagi")
    assert said.endswith("Kalau lewat, lapor di loket. Lalu dipanggil setelah 3 orang.")


def test_who_has_no_number_today_is_not_late_for_it(phone: Phone) -> None:
    phone.writes("antri umum besok pagi buat budi")

    assert "loket" not in (phone.writes("saya telat, masih di jalan") or "")


def test_who_was_skipped_reports_at_the_counter_and_is_called_after_some(phone: Phone) -> None:
    phone.writes("antri umum hari ini pagi buat budi")
    phone.call("umum", MONDAY)
    phone.happens(skips="umum")
    phone.happens(line_at="umum", session="pagi", people=5)

    said = phone.writes("nomor saya terlewat")

    assert said == (
        "Antrian A1 untuk Budi sudah dipanggil, tapi belum datang. Lapor di loket. Lalu dipanggil setelah 3 orang."
    )


def test_a_skipped_number_needs_no_cancelling_and_another_one_stays(phone: Phone) -> None:
    phone.writes("antri umum hari ini pagi buat budi")
    phone.call("umum", MONDAY)
    phone.happens(skips="umum")
    phone.writes("antri gigi besok buat rohani")

    said = phone.writes("batalkan antrian A1", reads="cancel_queue")
    moved = phone.writes("pindahkan antrian A1 ke besok", reads="reschedule_queue") or ""

    assert said == "Antrian A1 untuk Budi sudah lewat. Tidak perlu batal. Masih mau periksa? Lapor di loket."
    assert moved.startswith("Antrian A1 untuk Budi sudah dipanggil, tapi belum datang.")
    assert ["skipped", "waiting"] == [state for _, state in phone.states()]


def test_salah_works_as_long_as_a_number_is_kept_aside(
    database: Database, facility: Facility, keeper: IdentityKeeper
) -> None:
    phone = Phone(database, facility, keeper, settings={"queue": {"undo_minutes": 3}})
    phone.writes("antri gigi besok buat budi")
    phone.at("2026-11-23T08:02+08:00")
    taken_back = phone.writes("SALAH") or ""
    phone.writes("antri gigi besok buat rohani")
    phone.at("2026-11-23T08:06+08:00")

    assert taken_back.startswith("Baik. Antrian B1 untuk Budi sudah batal.")
    assert (phone.writes("SALAH") or "").startswith("Tidak ada yang perlu diubah.")


def test_a_number_that_was_called_cannot_be_given_back_or_moved(phone: Phone) -> None:
    phone.writes("antri umum hari ini pagi buat budi")
    phone.call("umum", MONDAY)
    refused = "Antrian A1 untuk Budi sudah dipanggil. Jadi tidak bisa batal atau ganti. Perlu petugas? Balas 9."

    assert [refused, refused] == [
        phone.writes("batalkan antrian"),
        phone.writes("pindah ke besok", reads="reschedule_queue"),
    ]
    assert [(MONDAY, "called")] == phone.states()


def test_a_number_called_between_question_and_answer_is_not_given_back(phone: Phone) -> None:
    phone.writes("antri umum hari ini pagi buat budi")
    phone.writes("batalkan antrian")
    phone.call("umum", MONDAY)

    assert (phone.writes("ya") or "").startswith("Antrian A1 untuk Budi sudah dipanggil.")
    assert [(MONDAY, "called")] == phone.states()


def test_a_number_of_somebody_else_is_neither_cancelled_nor_moved(phone: Phone) -> None:
    phone.happens(line_at="umum", session="pagi", people=2)

    assert [
        "Antrian A2 bukan dari HP ini. Jadi tidak bisa batal dari sini. Perlu petugas? Balas 9.",
        [(MONDAY, "waiting"), (MONDAY, "waiting")],
    ] == [phone.writes("batalkan antrian A2"), phone.states()]


@pytest.mark.parametrize("words", ["batalkan antrian a2", "batal antrian A 2 ya"])
def test_another_number_is_refused_and_the_own_one_named(phone: Phone, words: str) -> None:
    phone.happens(line_at="umum", session="pagi", people=2)
    phone.writes("antri gigi hari ini pagi buat budi")

    said = phone.writes(words, reads="cancel_queue")

    assert said == "Antrian A2 bukan dari HP ini. Yang ada: B1 Budi. Mau batal yang ini? Balas BATAL."
    assert [(MONDAY, "waiting")] * 3 == phone.states()


@pytest.mark.parametrize(
    ("before", "said"),
    [
        pytest.param([], "Poli Umum: belum ada yang dipanggil. 0 orang menunggu.", id="nobody"),
        pytest.param(
            [{"line_at": "umum", "session": "pagi", "people": 4}],
            "Poli Umum: belum ada yang dipanggil. 4 orang menunggu.",
            id="nobody called",
        ),
        pytest.param(
            [{"line_at": "umum", "session": "pagi", "people": 4}, {"calls": "umum"}],
            "Poli Umum sekarang A1. 3 orang menunggu.",
            id="somebody called",
        ),
        pytest.param([{"closes": "umum"}], "Poli Umum hari ini tidak buka. Mau daftar hari lain?", id="closed"),
    ],
)
def test_anybody_may_ask_what_the_board_shows(phone: Phone, before: list[dict[str, Any]], said: str) -> None:
    for line in before:
        phone.happens(**line)

    assert (phone.writes("antrian poli umum sekarang berapa", **HOW_LONG) or "").startswith(said)


def test_after_hours_a_poli_is_over_and_not_called_closed(phone: Phone) -> None:
    phone.at("2026-11-23T15:20+08:00")

    said = phone.writes("antrian poli umum sekarang berapa", **HOW_LONG) or ""
    assert said.startswith("Poli Umum hari ini sudah selesai. Mau daftar hari lain?")


def test_who_asked_about_a_poli_can_book_it_at_once(phone: Phone) -> None:
    phone.writes("antrian poli lansia sekarang berapa", **HOW_LONG)

    assert (phone.writes("1") or "").startswith("Poli Lansia: mau hari apa?")


def test_one_of_several_numbers_is_told_by_the_poli(phone: Phone) -> None:
    phone.writes("antri umum hari ini pagi buat budi")
    phone.writes("antri gigi besok buat rohani")

    said = phone.writes("antrian gigi sampai mana", **HOW_LONG)

    assert said == "Antrian Rohani di poli Gigi: B1. Itu untuk Selasa 24 Nov, jam 8 pagi."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("saya telat", True, id="late"),
        pytest.param("msh dijalan", True, id="on the way"),
        pytest.param("antrian saya terlewat", True, id="missed"),
        pytest.param("blm sampai bu", True, id="not there yet"),
        pytest.param("telat haid 2 minggu", False, id="about something else"),
        pytest.param("telat suntik kb", False, id="an injection"),
        pytest.param("telat, batalkan saja", False, id="cancelled"),
        pytest.param("dokternya telat ya?", False, id="the doctor"),
        pytest.param("telat ga klo daftar skrg", False, id="booking"),
        pytest.param("jalan cendana di mana", False, id="a street"),
    ],
)
def test_being_late_is_told_from_other_matters(text: str, expected: bool) -> None:
    assert expected is says_late(text)
