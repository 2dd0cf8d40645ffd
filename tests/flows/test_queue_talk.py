"""Queue numbers by chat where places are scarce or the hour is late, through the whole turn and a real database."""

from __future__ import annotations

from datetime import date

import pytest

from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.programmes import Reminder
from tests.flows.queue_phone import Phone

MONDAY = date(2026, 11, 23)
TUESDAY = date(2026, 11, 24)
WEDNESDAY = date(2026, 11, 25)


@pytest.fixture
def phone(database: Database, facility: Facility, keeper: IdentityKeeper) -> Phone:
    return Phone(database, facility, keeper)


def test_a_full_day_offers_the_next_two_that_have_room(phone: Phone) -> None:
    phone.fill("gigi", TUESDAY, "pagi")
    said = phone.writes("antri gigi besok buat budi")
    assert (
        "Poli Gigi Selasa 24 Nov sudah penuh.\n"
        "Masih ada: 1 Rabu 25 Nov pagi, 2 Rabu 25 Nov siang\n"
        "Pilih yang mana?" == said
    )


def test_the_offer_taken_by_digit_gives_a_number_for_that_session(phone: Phone) -> None:
    phone.fill("gigi", TUESDAY, "pagi")
    phone.writes("antri gigi besok buat budi")
    assert "Antrian Gigi: B1. Budi. Rabu 25 Nov, jam 12.30 siang. Salah? Balas SALAH." == phone.writes("2")


def test_a_place_lost_while_answering_is_offered_elsewhere(phone: Phone) -> None:
    phone.writes("antri gigi besok")
    phone.fill("gigi", TUESDAY, "pagi")
    said = phone.writes("2")
    assert said is not None and said.startswith("Poli Gigi Selasa 24 Nov sudah penuh.")


def test_a_full_morning_offers_the_afternoon_of_the_same_day_first(phone: Phone) -> None:
    phone.fill("umum", TUESDAY, "pagi")
    said = phone.writes("antri umum besok pagi buat budi")
    assert said is not None and "1 Besok siang, 2 Rabu 25 Nov pagi" in said


def test_a_session_that_is_over_is_said_to_be_closed(phone: Phone) -> None:
    phone.at("2026-11-23T14:45+08:00")
    said = phone.writes("antri gigi hari ini buat budi")
    assert said is not None and said.startswith("Poli Gigi hari ini sudah tutup.\nMasih ada: 1 Besok")


def test_a_session_that_runs_is_told_with_its_end(phone: Phone) -> None:
    phone.at("2026-11-23T09:30+08:00")
    said = phone.writes("antri gigi hari ini pagi buat budi")
    assert "Antrian Gigi: B1. Budi. Senin 23 Nov, sebelum jam 11 siang. Salah? Balas SALAH." == said


@pytest.mark.parametrize(
    ("wish", "first_words"),
    [
        pytest.param("antri gigi tgl 22 november 2026 buat budi", "Minggu 22 Nov sudah lewat.", id="past"),
        pytest.param("antri gigi tgl 20 desember buat budi", "Minggu 20 Des masih terlalu jauh.", id="too far"),
        pytest.param("antri gigi hari minggu buat budi", "Minggu 29 Nov puskesmas tutup.", id="closed"),
        pytest.param("antri poli imunisasi rabu buat budi", "Rabu 25 Nov poli Imunisasi tidak buka.", id="day off"),
        pytest.param("antri gigi besok siang buat budi", "Poli Gigi Selasa 24 Nov: hanya jam 8-11.", id="not then"),
    ],
)
def test_a_day_that_will_not_do_is_explained_and_others_offered(phone: Phone, wish: str, first_words: str) -> None:
    said = phone.writes(wish)
    assert said is not None
    assert (first_words, True) == (said.splitlines()[0], "1 " in said)


def test_a_centre_without_any_room_says_so_and_offers_a_person(phone: Phone) -> None:
    for day in range(23, 31):
        for session in phone.facility.sessions_on("lansia", date(2026, 11, day)):
            phone.fill("lansia", date(2026, 11, day), session.name)
    said = phone.writes("antri poli lansia buat rohani")
    assert "Maaf, antrian poli Lansia sedang penuh semua. Coba lagi besok, atau balas 9 = petugas." == said


def test_the_queue_says_how_many_come_first(phone: Phone) -> None:
    for name in ("budi", "rohani", "siti aminah"):
        phone.writes(f"antri umum hari ini pagi buat {name}")
    phone.call("umum", MONDAY)
    said = phone.writes("antrian saya berapa lagi")
    lines = (said or "").splitlines()
    assert ["Antrian Ibu/Bapak:", "A1 Budi: giliran sekarang"] == lines[:2]
    assert lines[2].startswith("A2 Rohani: habis ini, kira-kira sebelum jam 8.")
    assert lines[3].startswith("A3 Siti: 1 orang lagi, kira-kira jam 8.")


def test_who_is_called_is_told_to_go_in(phone: Phone) -> None:
    phone.writes("antri umum hari ini pagi buat budi")
    phone.call("umum", MONDAY)
    said = phone.writes("antrian saya berapa lagi")
    assert "Sekarang giliran Budi, antrian A1. Masuk ke poli Umum." == said


def test_moving_to_a_full_day_keeps_the_old_number(phone: Phone) -> None:
    phone.writes("antri gigi besok buat budi")
    phone.fill("gigi", date(2026, 11, 26), "pagi")
    said = phone.writes("antrian gigi pindah ke kamis", reads="reschedule_queue")
    assert said is not None and said.startswith("Poli Gigi Kamis 26 Nov sudah penuh.")
    assert [(TUESDAY, "waiting")] == phone.states()


def test_moving_gives_the_old_number_back(phone: Phone) -> None:
    phone.writes("antri gigi besok buat budi")
    phone.writes("antrian gigi pindah ke kamis", reads="reschedule_queue")
    assert [(TUESDAY, "cancelled"), (date(2026, 11, 26), "waiting")] == phone.states()


def test_moving_to_another_hour_of_the_same_day_works(phone: Phone) -> None:
    phone.writes("antri umum besok pagi buat budi")
    said = phone.writes("antrian umum ganti siang aja", reads="reschedule_queue")
    assert said is not None and "Selasa 24 Nov, jam 12.30 siang." in said


def test_taking_back_a_wrong_name_forgets_the_new_person(
    database: Database, facility: Facility, keeper: IdentityKeeper
) -> None:
    phone = Phone(database, facility, keeper, given="none")
    phone.writes("antri gigi besok")
    phone.writes("Bdui")
    phone.writes("SALAH")
    assert "Siapa nama yang mau periksa?" == phone.writes("antri gigi besok")


def test_a_reminder_for_a_full_day_books_the_next_day_with_room(
    database: Database, facility: Facility, keeper: IdentityKeeper
) -> None:
    phone = Phone(database, facility, keeper, given="family with reminder")
    phone.fill("imunisasi", TUESDAY, "pagi")
    assert "Antrian Imunisasi: D1. Budi. Kamis 26 Nov, jam 8 pagi. Salah? Balas SALAH." == phone.writes("1")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        pytest.param("1", "coming", id="digit"),
        pytest.param("iya datang", "coming", id="words"),
        pytest.param("kamis aja ganti hari", "other_day", id="another day at once"),
        pytest.param("sudah", "done", id="done"),
    ],
)
def test_a_reminder_remembers_its_answer(
    database: Database, facility: Facility, keeper: IdentityKeeper, text: str, answer: str
) -> None:
    phone = Phone(database, facility, keeper, given="family with reminder")
    phone.writes(text)
    with database.transaction() as db:
        assert [answer] == [reminder.answer for reminder in db.query(Reminder)]


def test_a_question_is_not_taken_for_an_answer_to_a_reminder(
    database: Database, facility: Facility, keeper: IdentityKeeper
) -> None:
    phone = Phone(database, facility, keeper, given="family with reminder")
    phone.writes("apa bisa datang sore?", reads="facility_info")
    with database.transaction() as db:
        assert [None] == [reminder.answer for reminder in db.query(Reminder)]


def test_an_hour_said_for_one_day_is_no_condition_for_the_next(phone: Phone) -> None:
    phone.writes("antri gigi besok siang buat budi")
    assert "Antrian Gigi: B1. Budi. Kamis 26 Nov, jam 8 pagi. Salah? Balas SALAH." == phone.writes("kamis")


def test_an_hour_said_before_the_day_is_preferred(phone: Phone) -> None:
    phone.writes("mau daftar gigi siang buat budi")
    assert "Antrian Gigi: B1. Budi. Rabu 25 Nov, jam 12.30 siang. Salah? Balas SALAH." == phone.writes("rabu")


@pytest.mark.parametrize("said", [pytest.param("besok2", id="besok2"), pytest.param("minggu ini", id="this week")])
def test_no_day_in_particular_is_asked_for_again(phone: Phone, said: str) -> None:
    phone.writes("daftar gigi")

    assert (phone.writes(said) or "").startswith("Maaf, saya belum paham.\nPoli Gigi: mau hari apa?")
    assert phone.states() == []
