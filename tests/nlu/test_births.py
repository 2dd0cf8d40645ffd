"""Birth dates and ages in the words of people who type them on a small phone."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.births import FAULTS, Born, day_without_year, read_birth_year, read_born

MONDAY = date(2026, 11, 23)
DAYS = st.dates(date(1920, 1, 1), MONDAY)
FORMS = ("{0.day}-{0.month}-{0.year}", "{0.day}/{0.month}/{0.year}", "tgl {0.day} bln {0.month} th {0.year}")


@pytest.mark.parametrize(
    ("text", "born"),
    [
        pytest.param("17 agustus 93", date(1993, 8, 17), id="a month's name"),
        pytest.param("17 agust 1993 bu", date(1993, 8, 17), id="a month's name cut short"),
        pytest.param("17agustus93", date(1993, 8, 17), id="without spaces"),
        pytest.param("17-8-1993", date(1993, 8, 17), id="dashes"),
        pytest.param("17/8/93", date(1993, 8, 17), id="slashes"),
        pytest.param("17 - 8 - 93", date(1993, 8, 17), id="dashes with spaces"),
        pytest.param("17.8.93", date(1993, 8, 17), id="dots"),
        pytest.param("17, 8, 93", date(1993, 8, 17), id="commas"),
        pytest.param("17081993", date(1993, 8, 17), id="eight digits"),
        pytest.param("19930817", date(1993, 8, 17), id="year first"),
        pytest.param("08-17-1993", date(1993, 8, 17), id="month first, where only so it is a date"),
        pytest.param("tgl 17 bulan 8 th 93", date(1993, 8, 17), id="in words"),
        pytest.param("ttl samarinda, 17-08-93", date(1993, 8, 17), id="with the place"),
        pytest.param("12 mei tahun 1990", date(1990, 5, 12), id="the word for year"),
        pytest.param("5 maret 19", date(2019, 3, 5), id="two figures of this century"),
        pytest.param("5 maret 27", date(1927, 3, 5), id="two figures that would be ahead"),
        pytest.param("lahir kemarin", date(2026, 11, 22), id="yesterday"),
        pytest.param("baru lahir tadi pagi", MONDAY, id="this morning"),
        pytest.param("lahir kamis kemarin", date(2026, 11, 19), id="last Thursday"),
    ],
)
def test_a_birth_date_is_read_to_the_day(text: str, born: date) -> None:
    assert Born(born, is_exact=True) == read_born(text, today=MONDAY)


@pytest.mark.parametrize(
    ("text", "born"),
    [
        pytest.param("umur 33", date(1993, 7, 1), id="umur"),
        pytest.param("33 th", date(1993, 7, 1), id="years"),
        pytest.param("33", date(1993, 7, 1), id="a bare number"),
        pytest.param("tiga puluh tiga tahun", date(1993, 7, 1), id="number words"),
        pytest.param("umurnya sdh 70an", date(1956, 7, 1), id="about seventy"),
        pytest.param("setahun", date(2025, 7, 1), id="one year in one word"),
        pytest.param("7 bulan", date(2026, 4, 1), id="months"),
        pytest.param("1 th 3 bln", date(2025, 8, 1), id="years and months"),
        pytest.param("1,5 thn", date(2025, 5, 1), id="a year and a half in figures"),
        pytest.param("setahun setengah", date(2025, 5, 1), id="a year and a half in words"),
        pytest.param("bayi 2 minggu", date(2026, 11, 1), id="weeks"),
        pytest.param("baru 10 hari", date(2026, 11, 13), id="days"),
        pytest.param("kelahiran 93", date(1993, 7, 1), id="a year of birth"),
        pytest.param("1993", date(1993, 7, 1), id="a year alone"),
        pytest.param("mei 90", date(1990, 5, 1), id="month and year"),
        pytest.param("17 agustus, umur 33", date(1993, 8, 17), id="a day and an age"),
    ],
)
def test_an_age_is_a_birth_date_that_is_not_exact(text: str, born: date) -> None:
    assert Born(born, is_exact=False) == read_born(text, today=MONDAY)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("31 februari 1990", "no_such_day", id="no such day"),
        pytest.param("13/25/1990", "no_such_day", id="no such month"),
        pytest.param("29 feb 2023", "no_such_day", id="no leap year"),
        pytest.param("17-8-2030", "ahead", id="a year ahead"),
        pytest.param("24-11-2026", "ahead", id="tomorrow"),
        pytest.param("lahir besok", "ahead", id="tomorrow in words"),
        pytest.param("1-1-1880", "too_old", id="too long ago"),
        pytest.param("umur 400", "too_old", id="too old"),
        pytest.param("17 agustus", "no_year", id="no year"),
        pytest.param("tgl 17 bln 8", "no_year", id="no year, in words"),
    ],
)
def test_what_cannot_be_a_birth_date_says_why(text: str, fault: str) -> None:
    assert fault in FAULTS
    assert fault == read_born(text, today=MONDAY)


@pytest.mark.parametrize(
    "text",
    [
        "lupa bu",
        "tidak tahu",
        "93",
        "hamil 7 bulan",
        "6472015402880001",
        "oke",
        "",
        "hari ini aja",
        "yang kemarin itu dipindah bu",
    ],
)
def test_what_says_nothing_of_a_birth_is_no_birth_date(text: str) -> None:
    assert read_born(text, today=MONDAY) is None


def test_a_day_without_its_year_waits_for_the_year() -> None:
    assert (17, 8) == day_without_year("tgl 17 agustus bu")
    assert 1993 == read_birth_year("tahun 93", today=MONDAY)
    assert read_birth_year("2031", today=MONDAY) is None


def test_an_age_before_july_is_still_that_age() -> None:
    assert Born(date(1992, 7, 1), is_exact=False) == read_born("33 th", today=date(2026, 2, 1))


@given(DAYS, st.sampled_from(FORMS))
def test_every_day_is_read_as_it_was_written(day: date, form: str) -> None:
    assert Born(day, is_exact=True) == read_born(form.format(day), today=MONDAY)


@given(st.integers(0, 120), st.dates(date(2024, 1, 1), date(2090, 1, 1)))
def test_the_birth_date_of_an_age_has_that_age(age: int, today: date) -> None:
    said = read_born(f"umur {age} tahun", today=today)
    assert isinstance(said, Born)
    assert age == today.year - said.day.year - ((today.month, today.day) < (said.day.month, said.day.day))


@given(st.text(max_size=80), st.dates(date(2020, 1, 1), date(2090, 1, 1)))
def test_any_text_is_read_without_error(text: str, today: date) -> None:
    said = read_born(text, today=today)
    assert said is None or said in FAULTS or (isinstance(said, Born) and said.day <= today)
