"""How hard a text is to read, measured on texts whose measure is known."""

from __future__ import annotations

import pytest

from flows.text_gate import filtered_in, lix, officialese_in, sentences, words


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        pytest.param(1.0, "Baik.", id="one short word"),
        pytest.param(101.0, "Pemberitahuan.", id="one long word"),
        pytest.param(2 + 25, "Ibu datang. Bawa pemberitahuan.", id="one of four is long"),
        pytest.param(0.0, "", id="nothing"),
        pytest.param(3.0, "Siapa namanya Ibu", id="the ending -nya counts for nothing"),
        pytest.param(2.0, "Petugas puskesmas.", id="words on every door"),
    ],
)
def test_lix_is_words_per_sentence_plus_the_share_of_long_words(expected: float, text: str) -> None:
    assert lix(text) == pytest.approx(expected)


def test_names_do_not_count_as_long() -> None:
    text = "Antrian untuk Abdurrahman."

    assert lix(text, names=["Abdurrahman"]) < lix(text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        pytest.param(("Baik", "Kita mulai lagi"), "Baik. Kita mulai lagi.", id="full stop"),
        pytest.param(("Mau apa", "Balas 0"), "Mau apa?\nBalas 0", id="line break"),
        pytest.param(("Buka jam 7.30 pagi",), "Buka jam 7.30 pagi.", id="a time is not split"),
        pytest.param(("Ada dr Rina di Jl Mawar",), "Ada dr. Rina di Jl. Mawar.", id="abbreviations are not split"),
        pytest.param(("Balas 1 Umum", "2 Gigi", "3 KIA"), "Balas 1 Umum, 2 Gigi, 3 KIA.", id="numbered choices"),
        pytest.param(("Alamat", "Samarinda"), "Alamat: Samarinda", id="colon"),
    ],
)
def test_a_sentence_ends_where_a_reader_pauses(expected: tuple[str, ...], text: str) -> None:
    assert sentences(text) == expected


def test_words_are_counted_as_they_are_read() -> None:
    assert words("Ibu/Bapak, Senin-Sabtu jam 8-11.") == ("Ibu", "Bapak", "Senin-Sabtu", "jam", "8-11")


def test_officialese_is_found_whatever_its_case() -> None:
    assert officialese_in("MOHON isi Formulir") == ("MOHON", "Formulir")


@pytest.mark.parametrize(
    "text",
    [
        "Antrian 1234",
        "11-12-2026",
        "11/12/26",
        "Rp 500",
        "Rp35.000",
        "https://x",
        "www.x",
        "buka sapa.id",
        "Kode B",
        "PIN",
    ],
)
def test_what_operators_drop_is_found(text: str) -> None:
    assert filtered_in(text) != ()


@pytest.mark.parametrize(
    "text", ["Antrian Gigi: B12. Sabtu 12 Des, jam 9 pagi.", "Telepon 119 ext 8.", "jam 7.30-11.30"]
)
def test_what_operators_let_pass_is_left_alone(text: str) -> None:
    assert filtered_in(text) == ()
