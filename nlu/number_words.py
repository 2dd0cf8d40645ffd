"""Turns number words into figures: "dua puluh satu" and "selikur" are 21."""

from __future__ import annotations

from functools import cache

from nlu import lexicon

_BEFORE_A_FIGURE = ("jam", "tanggal", "setengah", "pukul")
_LAST_DAY = 31


def with_figures(words: list[str]) -> list[str]:
    """The words with figures for number words, every other word as it is."""
    plain: list[str] = []
    at = 0
    while at < len(words):
        before = plain[-1] if plain else ""
        value, taken = _number_at(words, at, before=before)
        if taken:
            plain.append(str(value))
        else:
            plain.append(words[at])
        at += max(taken, 1)
    return plain


def _number_at(words: list[str], at: int, *, before: str) -> tuple[int, int]:
    """The number that begins here and how many words it takes; (0, 0) where none begins."""
    value = _value(words[at], before=before)
    if value is None:
        return 0, 0
    after = words[at + 1] if at + 1 < len(words) else ""
    if 1 <= value <= 9:
        if after in _listed("teens"):
            return 10 + value, 2
        if after in _listed("twenties"):
            return 20 + value, 2
        if after in _listed("tens"):
            ones = _value(words[at + 2], before="") if at + 2 < len(words) else None
            is_whole = ones is None or not 1 <= ones <= 9 or _goes_on(words, at + 3)
            return (10 * value, 2) if is_whole else (10 * value + (ones or 0), 3)
        if after == "ribu":
            return _year(words, at, value)
        ones = _value(after, before="") if before == "tanggal" and not after.isdigit() else None
        if ones is not None and 1 <= ones <= 9 and not words[at].isdigit() and 10 * value + ones <= _LAST_DAY:
            return 10 * value + ones, 2
    return (0, 0) if words[at].isdigit() else (value, 1)


def _year(words: list[str], at: int, thousands: int) -> tuple[int, int]:
    """ "dua ribu dua puluh tujuh" is 2027; other thousands stay words."""
    if thousands != 2 or at + 2 >= len(words):
        return thousands, 1
    rest, taken = _number_at(words, at + 2, before="")
    if not taken and words[at + 2].isdigit() and len(words[at + 2]) <= 2:
        rest, taken = int(words[at + 2]), 1
    return (2000 + rest, 2 + taken) if taken and 1 <= rest <= 99 else (thousands, 1)


def _goes_on(words: list[str], at: int) -> bool:
    """Whether the number before belongs to what follows: "dua puluh | lima belas"."""
    return at < len(words) and words[at] in _listed("teens") | _listed("tens")


def _value(word: str, *, before: str) -> int | None:
    if word.isdigit() and len(word) == 1:
        return int(word)
    if before in _BEFORE_A_FIGURE and word in _numbers("numbers_of_the_clock"):
        return _numbers("numbers_of_the_clock")[word]
    return _numbers("numbers").get(word)


@cache
def _numbers(section: str) -> dict[str, int]:
    return {form: int(value) for value, forms in lexicon.load("values")[section].items() for form in forms.split()}


@cache
def _listed(section: str) -> frozenset[str]:
    return frozenset(lexicon.load("values")[section].split())
