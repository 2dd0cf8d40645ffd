"""Messages that go on from something said before, and the values they name."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.ellipsis import is_ellipsis, values_named

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"poli": "gigi"}, "kalau yang gigi?"),
        ({"date": "2026-11-24"}, "klo bsk?"),
        ({"person": "anak"}, "utk anak sy"),
        ({"date": "2026-11-28"}, "yang sabtu"),
        ({"person": "ibu"}, "kalau ibu saya?"),
        ({"poli": "umum"}, "yg umum"),
        ({"poli": "kia"}, "lah kalo kia"),
        ({}, "kalau 9 bulan?"),
        (None, "trus bayarnya?"),
        (None, "kalau mau batal?"),
        (None, "kalau besok libur gak"),
        (None, "mau daftar gigi"),
        (None, "ya bu"),
        (None, ""),
        (None, "kalau yang gigi hari sabtu pagi untuk anak saya"),
    ],
)
def test_values_are_told_where_a_message_says_nothing_more(values: dict[str, str] | None, text: str) -> None:
    found = values_named(text, today=MONDAY)
    assert values == (None if found is None else {entity.entity: entity.value for entity in found})


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (True, "trus bayarnya?"),
        (True, "kalau penuh"),
        (True, "bawa apa"),
        (False, "oh gitu"),
        (False, "kalau misalnya besok hujan deras saya datang"),
    ],
)
def test_a_short_message_that_goes_on_is_known(expected: bool, text: str) -> None:
    assert expected is is_ellipsis(text)


@given(st.text(max_size=100))
def test_any_text_is_read_without_an_error(text: str) -> None:
    is_ellipsis(text)
    values_named(text, today=MONDAY)
