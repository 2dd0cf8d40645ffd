"""Days, times, birth dates and ages as people write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.births import read_age, read_birth_date
from nlu.dates import find_day, is_someday, read_day
from nlu.times import read_time

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        pytest.param("bsk pagi", date(2026, 11, 24), id="besok"),
        pytest.param("besok lusa", date(2026, 11, 25), id="besok lusa is lusa"),
        pytest.param("tulat", date(2026, 11, 26), id="tulat"),
        pytest.param("isuk", date(2026, 11, 24), id="Banjar tomorrow"),
        pytest.param("sesuk", date(2026, 11, 24), id="Javanese tomorrow"),
        pytest.param("baja", date(2026, 11, 24), id="Bugis tomorrow"),
        pytest.param("hr ini", MONDAY, id="today"),
        pytest.param("nanti sore", MONDAY, id="later today"),
        pytest.param("hari jum'at", date(2026, 11, 27), id="a weekday"),
        pytest.param("jumat besok", date(2026, 11, 27), id="jumat besok is Friday"),
        pytest.param("hari minggu", date(2026, 11, 29), id="hari minggu is Sunday"),
        pytest.param("hari minggu ini", date(2026, 11, 29), id="hari minggu ini is Sunday"),
        pytest.param("minggu ini hari kamis", date(2026, 11, 26), id="a weekday of this week"),
        pytest.param("minggu depan", date(2026, 11, 30), id="minggu depan is next week"),
        pytest.param("hari minggu depan", date(2026, 11, 29), id="hari minggu depan is a Sunday"),
        pytest.param("rabu minggu depan", date(2026, 12, 2), id="a weekday of next week"),
        pytest.param("senin depan", date(2026, 11, 30), id="senin depan on a Monday"),
        pytest.param("tgl 5", date(2026, 12, 5), id="a day of the month gone by is next month's"),
        pytest.param("tgl24", date(2026, 11, 24), id="glued to its word"),
        pytest.param("tgl 31", date(2026, 12, 31), id="November has no 31st"),
        pytest.param("5 des", date(2026, 12, 5), id="month in letters"),
        pytest.param("5/12", date(2026, 12, 5), id="day and month in digits"),
        pytest.param("05-12-2026", date(2026, 12, 5), id="in full"),
        pytest.param("2026-12-05", date(2026, 12, 5), id="ISO"),
        pytest.param("3 hari lagi", date(2026, 11, 26), id="days from now"),
        pytest.param("dua minggu lagi", date(2026, 12, 7), id="weeks from now, in words"),
        pytest.param("29 feb", date(2028, 2, 29), id="leap day waits for its year"),
        pytest.param("5/11/2024", date(2024, 11, 5), id="a past date with its year is given back"),
        pytest.param("lusanya", date(2026, 11, 25), id="with an ending"),
        pytest.param("rb pagi", date(2026, 11, 25), id="rb is Wednesday"),
        pytest.param("kms", date(2026, 11, 26), id="a weekday without vowels"),
        pytest.param("jemuah", date(2026, 11, 27), id="Javanese Friday"),
        pytest.param("sanayan depan", date(2026, 11, 30), id="Banjar Monday"),
        pytest.param("isuk", date(2026, 11, 24), id="isuk is tomorrow"),
        pytest.param("dino rebo isuk", date(2026, 11, 25), id="isuk is the morning for Java"),
        pytest.param("abdi bade enjing", date(2026, 11, 24), id="Sundanese tomorrow"),
        pytest.param("sangadi", date(2026, 11, 25), id="Bugis, the day after tomorrow"),
        pytest.param("tgl selikur", date(2026, 12, 21), id="Javanese twenty-one"),
        pytest.param("tanggal dua puluh satu", date(2026, 12, 21), id="number words"),
        pytest.param("tanggal dua lima", date(2026, 11, 25), id="figures said one by one"),
        pytest.param("rong dino maneh", date(2026, 11, 25), id="Javanese days from now"),
        pytest.param("seminggu lagi", date(2026, 11, 30), id="a week from now"),
        pytest.param("malam jumat", date(2026, 11, 26), id="malam jumat is Thursday"),
        pytest.param("kamis malam jumat", date(2026, 11, 26), id="Thursday said twice"),
        pytest.param("tgl 5 bulan depan", date(2026, 12, 5), id="a day of next month"),
        pytest.param("tgl 1 jan", date(2027, 1, 1), id="jan is a month behind a number"),
        pytest.param("24 11 2026", date(2026, 11, 24), id="spaces"),
        pytest.param("lahir 5 maret 2019, imunisasi besok", date(2026, 11, 24), id="a birth date beside it"),
        pytest.param("hpl 15 februari 2027, kontrol besok", date(2026, 11, 24), id="a due date beside it"),
        pytest.param("pindah dari senin ke kamis", date(2026, 11, 26), id="what it is changed to"),
        pytest.param("ga jadi senin, ganti rabu aja", date(2026, 11, 25), id="what it is not"),
        pytest.param("hari ini? eh besok aja", date(2026, 11, 24), id="said anew"),
        pytest.param("kerja senin sampai jumat, jadi sabtu", date(2026, 11, 28), id="a stretch of days is left"),
        pytest.param("hari ini kan senin, besok selasa", date(2026, 11, 24), id="what day it is today"),
        pytest.param("sekarang masih bisa berobat?", MONDAY, id="now, to come"),
    ],
)
def test_a_day_is_read(text: str, day: date) -> None:
    assert read_day(text, today=MONDAY) == day


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("besok2 aja", id="some other day"),
        pytest.param("daftar minggu ini", id="some day of this week"),
        pytest.param("kemarin", id="a day gone by"),
        pytest.param("senin lalu", id="last Monday"),
        pytest.param("minggu lalu", id="last week"),
        pytest.param("batuk 2 minggu", id="two weeks of coughing"),
        pytest.param("tiap minggu", id="every week"),
        pytest.param("31/2", id="no such day"),
        pytest.param("tgl 99", id="no such day of a month"),
        pytest.param("tensi 120/80", id="blood pressure"),
        pytest.param("1/2 tablet", id="half a tablet"),
        pytest.param("rt 5/12", id="a neighbourhood"),
        pytest.param("jam 8.30", id="a time"),
        pytest.param("5" * 1000, id="1,000 digits"),
        pytest.param("awal bulan", id="the beginning of the month"),
        pytest.param("akhir bulan", id="the end of the month"),
        pytest.param("tanggal tua", id="before payday"),
        pytest.param("lahir 5 maret 2019", id="a birth date"),
        pytest.param("ttl samarinda, 10 november 1988", id="a birth date behind its place"),
        pytest.param("haid terakhir tgl 12 oktober", id="a period"),
        pytest.param("bayar iuran paling lambat tgl 10", id="a bill"),
        pytest.param("jl. 17 agustus no 5", id="a street"),
        pytest.param("tiap hari senin", id="every Monday"),
        pytest.param("buka senin-sabtu?", id="a stretch of days"),
        pytest.param("30 rb", id="thirty thousand"),
        pytest.param("sudah berminggu-minggu", id="weeks and weeks"),
        pytest.param("nama saya senin wati", id="a name"),
        pytest.param("obat tinggal 3 hari lagi", id="how long the medicine lasts"),
        pytest.param("dulu aktif, sekarang kartunya tidak bisa", id="now, not to come"),
        pytest.param("jangan besok", id="not tomorrow"),
        pytest.param("jam besuk", id="visiting hours"),
        pytest.param("besoknya demam lagi", id="the day after that"),
    ],
)
def test_what_is_no_day_gives_none(text: str) -> None:
    assert read_day(text, today=MONDAY) is None


@pytest.mark.parametrize(("text", "expected"), [("besok2 aja", True), ("bsk-bsk", True), ("besok", False)])
def test_besok2_is_some_other_day(text: str, expected: bool) -> None:
    assert expected is is_someday(text)


@pytest.mark.parametrize(
    ("text", "is_sure"),
    [
        pytest.param("besok", True, id="besok"),
        pytest.param("senin", False, id="Monday said on a Monday"),
        pytest.param("rabu", True, id="another weekday"),
        pytest.param("kamis depan", False, id="this week's or next week's"),
        pytest.param("minggu depan", False, id="some day of next week"),
        pytest.param("minggu pagi", False, id="Sunday or week"),
        pytest.param("besok selasa", True, id="tomorrow is that day"),
        pytest.param("besok senin", False, id="tomorrow is not that day"),
        pytest.param("5 nov", False, id="a day gone by and a year off"),
    ],
)
def test_a_day_that_people_mean_differently_is_unsure(text: str, is_sure: bool) -> None:
    found = find_day(text, today=MONDAY)
    assert found is not None
    assert is_sure is found.is_sure


@pytest.mark.parametrize(
    ("text", "time"),
    [
        pytest.param("jam 8 pagi", "08:00", id="morning"),
        pytest.param("jam 8 malam", "20:00", id="evening"),
        pytest.param("jam 12 malam", "00:00", id="midnight"),
        pytest.param("jam 1 siang", "13:00", id="early afternoon"),
        pytest.param("jam 11 siang", "11:00", id="late morning is siang too"),
        pytest.param("jam 2", "14:00", id="a bare small hour is the afternoon"),
        pytest.param("jam8", "08:00", id="glued"),
        pytest.param("jam 9an", "09:00", id="about nine"),
        pytest.param("pukul 08.30", "08:30", id="with a dot"),
        pytest.param("13:15", "13:15", id="with a colon"),
        pytest.param("jam setengah 9", "08:30", id="half before nine"),
        pytest.param("jam 8 kurang 15", "07:45", id="a quarter to"),
        pytest.param("besok sore", "sore", id="a part of the day"),
        pytest.param("isukan", "pagi", id="Banjar morning"),
        pytest.param("jam 9 kurang seperempat", "08:45", id="a quarter to, in words"),
        pytest.param("jam 9 lewat 10", "09:10", id="ten past"),
        pytest.param("jm stgh sanga esuk", "08:30", id="Javanese half before nine"),
        pytest.param("jam wolu", "08:00", id="Javanese eight"),
        pytest.param("jam dua belas siang", "12:00", id="two words of a number"),
        pytest.param("besok malam jam 7", "19:00", id="the part of the day before"),
        pytest.param("jam 7 besok malam", "19:00", id="the part of the day a word away"),
        pytest.param("pukul 0800", "08:00", id="four figures"),
        pytest.param("pkl 14 wita", "14:00", id="with the zone"),
        pytest.param("bsk 07.30", "07:30", id="with a dot alone"),
        pytest.param("abis subuh", "pagi", id="after the first prayer"),
        pytest.param("habis dzuhur", "siang", id="after the second prayer"),
        pytest.param("ba'da ashar", "sore", id="after the third prayer"),
        pytest.param("abis magrib", "malam", id="after the fourth prayer"),
        pytest.param("sebelum jumatan", "pagi", id="before Friday's prayer"),
        pytest.param("dari jam 8 pindah ke jam 10", "10:00", id="what it is changed to"),
        pytest.param("pagi gak bisa, sore aja", "sore", id="what it is not"),
        pytest.param("puasa dari jam 10 malam, datang jam 7 pagi", "07:00", id="fasting before it"),
        pytest.param("nunggu dari jam 7 sampai jam 11", None, id="how long somebody waited"),
        pytest.param("diminum pagi dan malam", None, id="a dose"),
        pytest.param("tgl 5 pagi", "pagi", id="a date before it"),
        pytest.param("demam 2 malam", None, id="two nights"),
        pytest.param("hb 9.50", None, id="a measure"),
        pytest.param("siang dok, besok ada?", None, id="a greeting with whom it greets"),
        pytest.param("selamat pagi", None, id="a greeting"),
        pytest.param("pagi kak, mau daftar siang", "siang", id="a greeting and a time"),
        pytest.param("jam 99", None, id="no such hour"),
        pytest.param("buka 24 jam?", None, id="round the clock"),
        pytest.param("tadi pagi", None, id="this morning, gone"),
    ],
)
def test_a_time_is_read(text: str, time: str | None) -> None:
    assert read_time(text) == time


@pytest.mark.parametrize(
    ("text", "born"),
    [
        pytest.param("17 agustus 93", date(1993, 8, 17), id="two-digit year"),
        pytest.param("17-8-1993", date(1993, 8, 17), id="dashes"),
        pytest.param("17/8/93", date(1993, 8, 17), id="slashes"),
        pytest.param("17081993", date(1993, 8, 17), id="eight digits"),
        pytest.param("170893", date(1993, 8, 17), id="six digits"),
        pytest.param("1 1 80", date(1980, 1, 1), id="spaces and a two-digit year"),
        pytest.param("17 08 1993", date(1993, 8, 17), id="spaces"),
        pytest.param("lahir tgl 2 mei 01", date(2001, 5, 2), id="this century"),
        pytest.param("lahir 5 jan 1990", date(1990, 1, 5), id="jan is a month"),
        pytest.param("tujuh belas agustus 1993", date(1993, 8, 17), id="number words"),
        pytest.param("besok 24-11-2026, lahir 12-03-1990", date(1990, 3, 12), id="a visit beside it"),
        pytest.param("23-11-2026", MONDAY, id="born today"),
        pytest.param("24-11-2026", None, id="born tomorrow"),
        pytest.param("31 feb 1990", None, id="no such day"),
        pytest.param("1-1-1880", None, id="too old"),
        pytest.param("umur 33", None, id="an age"),
        pytest.param("17 agustus", None, id="no year"),
    ],
)
def test_a_birth_date_is_read_or_refused(text: str, born: date | None) -> None:
    assert read_birth_date(text, today=MONDAY) == born


@pytest.mark.parametrize(
    ("text", "age"),
    [
        pytest.param("umur 33", 33, id="umur"),
        pytest.param("33 thn", 33, id="years"),
        pytest.param("bayi 8 bulan", 0, id="months"),
        pytest.param("usia 18 bln", 1, id="a year and a half"),
        pytest.param("umur 400", None, id="too old"),
        pytest.param("tidak tahu", None, id="nothing"),
    ],
)
def test_an_age_is_read(text: str, age: int | None) -> None:
    assert read_age(text) == age


@given(st.text(max_size=120), st.dates(date(2020, 1, 1), date(2090, 1, 1)))
def test_any_text_is_read_without_error(text: str, today: date) -> None:
    born = read_birth_date(text, today=today)
    assert born is None or born <= today
    assert read_time(text) is None or len(read_time(text) or "") in (4, 5)
    found = find_day(text, today=today)
    assert found is None or found.phrase


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)))
def test_a_weekday_is_never_in_the_past(today: date) -> None:
    found = find_day("hari kamis", today=today)
    assert found is not None
    assert 0 <= (found.day - today).days <= 6
