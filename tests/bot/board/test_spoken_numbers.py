"""Numbers as they are said in Indonesian."""

from __future__ import annotations

import pytest

from bot.board.spoken import call_parts, every_part, number_parts, number_words
from clinic.facility import Facility
from tests.bot.board.waiting_room import TWO_ROOMS

DIGITS = {word: digit for digit, word in enumerate("satu dua tiga empat lima enam tujuh delapan sembilan".split(), 1)}
SCALES = {"puluh": 10, "ratus": 100, "ribu": 1000}
WHOLE = {"sepuluh": 10, "sebelas": 11, "seratus": 100, "seribu": 1000}


def value_of(words: str) -> int:
    """The number again, read word by word by the rules of a grammar book."""
    total, digit = 0, 0
    for word in words.split():
        if word in DIGITS:
            digit = DIGITS[word]
        elif word == "belas":
            total, digit = total + 10 + digit, 0
        elif word in SCALES:
            total, digit = total + digit * SCALES[word], 0
        else:
            total += WHOLE[word]
    return total + digit


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "satu"),
        (10, "sepuluh"),
        (11, "sebelas"),
        (12, "dua belas"),
        (19, "sembilan belas"),
        (20, "dua puluh"),
        (21, "dua puluh satu"),
        (99, "sembilan puluh sembilan"),
        (100, "seratus"),
        (101, "seratus satu"),
        (110, "seratus sepuluh"),
        (111, "seratus sebelas"),
        (115, "seratus lima belas"),
        (205, "dua ratus lima"),
        (999, "sembilan ratus sembilan puluh sembilan"),
        (1000, "seribu"),
        (1111, "seribu seratus sebelas"),
        (2012, "dua ribu dua belas"),
    ],
)
def test_a_number_is_said_as_people_say_it(number: int, words: str) -> None:
    assert words == number_words(number)


def test_every_number_up_to_two_thousand_is_said_in_words_that_mean_it() -> None:
    for number in range(1, 2001):
        words = number_words(number)
        assert number == value_of(words), words
        assert "satu puluh" not in words and "satu belas" not in words and "satu ratus" not in words


@pytest.mark.parametrize("number", [0, -1, 10_000])
def test_a_number_that_nobody_calls_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match=str(number)):
        number_parts(number)


def test_a_call_is_said_in_three_breaths() -> None:
    assert ("Nomor antrean B", "dua belas", "ke Poli Gigi") == call_parts("B", 12, "Poli Gigi")


def test_every_call_of_every_room_is_made_of_known_parts(facility: Facility) -> None:
    centre = facility.model_copy(update={"rooms": TWO_ROOMS})
    known = set(every_part(centre))
    for poli in centre.polis:
        for room in centre.rooms_of(poli.id):
            for number in (*range(1, 1000), 1000, 1234, 9999):
                assert set(call_parts(poli.letter, number, room.name)) <= known
