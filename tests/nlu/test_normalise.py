"""Spelling: what people type becomes plain Indonesian words."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu import lexicon
from nlu.normalise import LONGEST, normalise


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        pytest.param("sy mo daftar bsk", "saya mau daftar besok", id="abbreviations"),
        pytest.param("anak2 sdh sembuh", "anak sudah sembuh", id="doubling by digit"),
        pytest.param("anak-anaknya rewel", "anak rewel", id="doubling by hyphen"),
        pytest.param("jam8 tgl24", "jam 8 tanggal 24", id="a number behind a word is no doubling"),
        pytest.param("iyaaaa maaaaf bangettt", "iya maaf sangat", id="stretched letters"),
        pytest.param("antriannya brpx", "antrian berapa", id="endings nya and x"),
        pytest.param("hanya tanya apakah", "hanya tanya apakah", id="words that only look like endings"),
        pytest.param("antrigigi gabisa", "antrian gigi tidak bisa", id="joined words"),
        pytest.param("fotokopi dan kacamata", "fotokopi dan kacamata", id="long words stay whole"),
        pytest.param("jdwl dr umum", "jadwal dokter umum", id="dr is a doctor beside a poli"),
        pytest.param("baru dtg dr rumah", "baru datang dari rumah", id="dr is from elsewhere"),
        pytest.param("vaksin td", "vaksin td", id="td is the vaccine behind vaksin"),
        pytest.param("td malam", "tadi malam", id="td is earlier elsewhere"),
        pytest.param("tiba-tiba tibatiba tiba2", "mendadak mendadak mendadak", id="suddenly in three spellings"),
        pytest.param("ulun handak badaftar", "saya mau daftar", id="Banjar"),
        pytest.param("kulo mboten saged sesuk", "saya tidak bisa besok", id="Javanese"),
        pytest.param("de' elo' baja", "tidak mau besok", id="Bugis"),
        pytest.param("etam endik", "kami tidak", id="Kutai"),
        pytest.param("ulun garing, parut sakit, muak", "saya sakit perut sakit muntah", id="Banjar traps"),
        pytest.param("krupuk garing, muak antri", "krupuk garing muak antrian", id="the same words in Indonesian"),
        pytest.param("5/12 jam 8.30", "5/12 jam 8.30", id="dates and times stay"),
        pytest.param("tol\u200bong\ufffd \U0001f600 dok\u0301", "tolong dokter", id="broken and invisible signs"),
        pytest.param("anak²", "anak", id="a small raised two"),
        pytest.param("", "", id="empty"),
        pytest.param("\U0001f600\U0001f64f", "", id="emoji only"),
    ],
)
def test_a_message_becomes_plain_words(written: str, plain: str) -> None:
    assert normalise(written) == plain


def test_reading_a_plain_text_again_changes_nothing_more() -> None:
    once = normalise("sy mw dftr antrean gg bsk pgi utk ank sy, gmn caranya dok?")
    assert once == normalise(once)


@given(st.text(max_size=300))
def test_any_text_is_read_without_error(text: str) -> None:
    assert "  " not in normalise(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("1" * 1000, id="1,000 digits"),
        pytest.param("a" * 100_000, id="one endless word"),
        pytest.param("\ud800 anak \udfff", id="lone surrogates"),
        pytest.param("\x00\x1b[31m", id="control signs"),
    ],
)
def test_odd_texts_stay_within_bounds(text: str) -> None:
    assert len(normalise(text)) <= LONGEST


@pytest.mark.parametrize("part", ["words", "banjar", "javanese", "bugis", "kutai", "traps"])
def test_no_spelling_stands_for_two_words(part: str) -> None:
    listed = lexicon.load("spelling" if part == "words" else "regional")[part]
    meanings = Counter(form for written in listed.values() for form in set(str(written).split()))
    assert [] == [form for form, count in meanings.items() if count > 1]


def test_the_list_is_not_a_handful() -> None:
    assert len(lexicon.spelling()) >= 400
