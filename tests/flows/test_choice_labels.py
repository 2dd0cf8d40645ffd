"""Labels on buttons: cut between words, never two alike, and known again when they come back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.choice_labels import button_labels, listed_in, number_of
from flows.dialog import Choice
from flows.render import Prompt, offered
from flows.replies import ReplyText

POLIS = ("Umum", "Gigi", "Kesehatan Ibu Anak")


@pytest.mark.parametrize(
    ("labels", "limit", "shown"),
    [
        pytest.param(["Umum", "Gigi"], 20, ("1 Umum", "2 Gigi"), id="short ones"),
        pytest.param(["x", "y", "Kesehatan Ibu Anak"], 20, ("1 x", "2 y", "3 Kesehatan Ibu Anak"), id="just fits"),
        pytest.param(["Selasa 24 Nov siang"], 20, ("1 Selasa 24 Nov…",), id="one letter over"),
        pytest.param(
            ["Kesehatan Ibu Anak pagi", "Kesehatan Ibu Anak siang"],
            20,
            ("1 Kesehatan Ib… pagi", "2 Kesehatan I… siang"),
            id="alike when cut",
        ),
        pytest.param(["Kemerdekaanbangsaindonesia"], 20, ("1 Kemerdekaanbangsa…",), id="one long word"),
    ],
)
def test_labels_carry_their_number_and_are_cut_between_words(
    labels: list[str], limit: int, shown: tuple[str, ...]
) -> None:
    assert shown == button_labels(labels, limit)


@given(st.lists(st.text("abcdefgh ", min_size=1, max_size=60).filter(str.strip), min_size=2, max_size=10, unique=True))
def test_no_label_is_longer_than_its_limit_and_no_two_are_the_same(labels: list[str]) -> None:
    for limit in (20, 24):
        shown = button_labels(labels, limit)

        assert max(map(len, shown)) <= limit
        assert len(set(shown)) == len(labels)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        pytest.param("Batal?\n1 Ya, 2 Tidak", ("Ya", "Tidak"), id="in a line"),
        pytest.param("*1* Umum\n*2* Gigi", ("Umum", "Gigi"), id="one per line, bold"),
        pytest.param("Berhenti? 1 Ya, berhenti. 2 Tidak.", ("Ya", "Tidak"), id="a word behind it"),
        pytest.param("Jam 9 pagi. Balas 1 datang, 2 ganti hari", ("datang", "ganti hari"), id="a time is no choice"),
        pytest.param("Antrian {poli}: B12. Sabtu 12 Des, jam 9 pagi.", (), id="no choices"),
        pytest.param("Balas 0 = menu, 9 = petugas.", (), id="commands"),
        pytest.param("Ada 1 pesan", (), id="one number alone"),
        pytest.param("1 {poli}, 2 {nama}", (), id="values are no labels"),
    ],
)
def test_the_choices_that_a_text_lists_are_found(text: str, labels: tuple[str, ...]) -> None:
    assert labels == listed_in(text)


@pytest.mark.parametrize(
    ("said", "number"),
    [
        pytest.param("2 Gigi", 2, id="the button"),
        pytest.param("*2* gigi", 2, id="copied with its stars"),
        pytest.param("3 Kesehatan Ibu…", 3, id="cut by a phone"),
        pytest.param("Kesehatan Ibu A...", 3, id="cut, without its number"),
        pytest.param("Gigi", None, id="a label alone is the reader's"),
        pytest.param("2", None, id="a digit is the reader's"),
        pytest.param("2 Umum", None, id="number and label of different choices"),
        pytest.param("2 gigi saya sakit", None, id="more than the label"),
        pytest.param("...", None, id="nothing but dots"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_label_that_comes_back_is_known_again(said: str, number: int | None) -> None:
    assert number == number_of(said, POLIS, limits=(20, 24))


def test_what_is_cut_too_early_to_tell_is_nobodys() -> None:
    assert number_of("Selasa…", ("Selasa pagi", "Selasa siang"), limits=(20,)) is None


def test_a_message_offers_what_its_last_question_offers() -> None:
    replies = {"a.b": ReplyText("a.b", "Mau?\n1 Ya, 2 Tidak", "Mau?\n1 Ya, 2 Tidak", {})}
    with_choices = Prompt("a.b", choices=(Choice("x", "Umum"), Choice("y", "Gigi")))

    assert ("Umum", "Gigi") == offered(replies, [Prompt("a.b"), with_choices])
    assert ("Ya", "Tidak") == offered(replies, [with_choices, Prompt("a.b")])
    assert () == offered(replies, [])
