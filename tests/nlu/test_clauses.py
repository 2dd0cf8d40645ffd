"""Where a message is cut into clauses, and where it is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.clauses import MOST_CLAUSES, clauses_of, head_and_rest, is_question


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        pytest.param("mau daftar gigi. jam buka berapa?", ["mau daftar gigi.", "jam buka berapa?"], id="a full stop"),
        pytest.param("mau daftar gigi\nbpjs aktif gak", ["mau daftar gigi", "bpjs aktif gak"], id="a line break"),
        pytest.param("dokternya siapa? bukanya kapan?", ["dokternya siapa?", "bukanya kapan?"], id="two questions"),
        pytest.param(
            "mau daftar gigi sekalian tanya jadwal kia",
            ["mau daftar gigi", "sekalian tanya jadwal kia"],
            id="sekalian, no mark",
        ),
        pytest.param(
            "cek antrian saya trus mau daftar kia", ["cek antrian saya", "trus mau daftar kia"], id="trus, no mark"
        ),
        pytest.param(
            "mau daftar gigi dan mau tanya syaratnya", ["mau daftar gigi", "dan mau tanya syaratnya"], id="dan mau"
        ),
    ],
)
def test_a_message_is_cut_where_both_sides_ask_something(text: str, clauses: list[str]) -> None:
    assert clauses == list(clauses_of(text))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("mau daftar gigi, besok pagi, untuk anak saya", id="values behind commas"),
        pytest.param("mau bicara sama petugas", id="sama joins people"),
        pytest.param("boleh minum obat sama susu?", id="sama joins things"),
        pytest.param("mau periksa dengan dr. Contoh Melati", id="the point of a title"),
        pytest.param("mau datang jam 8.30 bu", id="the point of an hour"),
        pytest.param("iuran nunggak terus", id="terus at the end"),
        pytest.param("anak demam dan batuk. mau daftar", id="a reason before the wish"),
        pytest.param("bulan lalu daftar di sini", id="lalu is past"),
        pytest.param("", id="nothing"),
        pytest.param("?!?!", id="marks only"),
    ],
)
def test_a_message_with_one_ask_is_not_cut(text: str) -> None:
    assert len(clauses_of(text)) <= 1


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("besok pagi, bawa apa aja ya", ("besok pagi", "bawa apa aja ya")),
        ("1. terus mau tanya jam buka", ("1", "terus mau tanya jam buka")),
        ("besok pagi aja ya bu", ("besok pagi aja ya bu", "")),
        ("Jl. Merdeka, rumah cat biru", ("Jl. Merdeka, rumah cat biru", "")),
    ],
)
def test_an_answer_is_parted_from_what_is_asked_behind_it(text: str, parts: tuple[str, str]) -> None:
    assert parts == head_and_rest(text)


@pytest.mark.parametrize("text", ["sudah aktif blm ya", "bisa ga bu", "kapan", "bsk buka?", "dipanggil kan ya"])
def test_a_question_is_known_without_its_mark(text: str) -> None:
    assert is_question(text)


@given(st.text(max_size=300))
def test_any_text_is_cut_into_few_parts_of_itself(text: str) -> None:
    parts = clauses_of(text)
    assert len(parts) <= MOST_CLAUSES
    assert all(part in text for part in parts)


@given(st.lists(st.sampled_from(["mau daftar", "?", "\n", "sekalian", "dan mau", "1", ",", "jam berapa", "."])))
def test_any_row_of_asks_is_cut_into_few_parts(words: list[str]) -> None:
    assert len(clauses_of(" ".join(words))) <= MOST_CLAUSES
