"""Finds the poli that a message names, by its name, its nickname or what is done there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice

from nlu import lexicon
from nlu.calendar_words import PARTS, WEEKDAYS
from nlu.fuzzy import FuzzyWords
from nlu.phrases import plain, split
from nlu.wishes import Weight, order, weigh

_BY_NAME, _BY_WORD, _IN_A_BOOKING = range(3)
_WHEN = frozenset((*WEEKDAYS, *PARTS, "besok", "lusa", "tanggal", "jam", "hari", "sekarang"))
_MOST = 40


@dataclass(frozen=True)
class _Named:
    how: int
    start: int
    end: int
    poli: str


def find_poli(words: list[str]) -> str | None:
    """The poli named in these plain words; "umum", "anak" and "mata" only behind poli, dokter or a booking.

    Of several the one that is changed to, then the one called poli, then the first.
    """
    padded = f" {' '.join(_mended(word) for word in words)} "
    padded = _masked().sub(lambda found: f" {'_' * (len(found[0]) - 2)} ", padded)
    is_booking = bool(set(words) & (_listed("booking_words") | _WHEN))
    found = [named for named in islice(_named(padded), _MOST) if named.how < _IN_A_BOOKING or is_booking]
    weighed = [(weigh(padded, named.start, named.end, may_be_left=False), named) for named in found]
    wished = [(_rank(weight, named), named.poli) for weight, named in weighed if weight is not Weight.REFUSED]
    return min(wished)[1] if wished else None


def _rank(weight: Weight, named: _Named) -> tuple[int, int, int, int]:
    """What is chosen, called by its name, early and long comes first."""
    weight_first, position = order(weight, named.start)
    return (weight_first, named.how, position, -named.end)


def _named(padded: str) -> Iterator[_Named]:
    sections = ((_BY_NAME, "after_poli"), (_BY_WORD, "named"), (_IN_A_BOOKING, "booking"))
    for how, section in sections:
        pattern, polis = _pattern(section)
        for found in pattern.finditer(padded):
            yield _Named(how, found.start(1), found.end(1), polis[found[1]])


@cache
def _pattern(section: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """What to look for, and phrase -> poli, of one part of poli.yml."""
    polis = {plain(form): poli for poli, forms in lexicon.load("poli")[section].items() for form in split(forms)}
    phrases = "|".join(re.escape(phrase) for phrase in sorted(polis, key=len, reverse=True))
    before = r"(?<=\s)"
    if section == "after_poli":
        before = rf"(?<=\s)(?:{'|'.join(re.escape(word) for word in _ordered('poli_words'))}) (?:saya |nya )?"
    return re.compile(rf"{before}({phrases})(?=\s)"), polis


@cache
def _masked() -> re.Pattern[str]:
    """What only looks like a poli: "pasien umum", "dokter, anak saya"."""
    phrases = "|".join(re.escape(form) for form in _ordered("no_poli"))
    return re.compile(
        rf" (?:{phrases}|(?:dokter|dari) anak (?:saya|aku|kami|ku|ulun|umur|usia|\d)) ".replace("\\ ", " ")
    )


def _ordered(section: str) -> list[str]:
    return sorted((plain(form) for form in split(lexicon.load("poli")[section])), key=len, reverse=True)


@cache
def _listed(section: str) -> frozenset[str]:
    return frozenset(_ordered(section))


@cache
def _fuzzy() -> FuzzyWords:
    sections = ("named", "after_poli")
    return FuzzyWords(word for section in sections for phrase in _pattern(section)[1] for word in phrase.split())


@lru_cache(maxsize=10_000)
def _mended(word: str) -> str:
    if word in lexicon.left_alone() or word in _listed("right") or not word.isalpha():
        return word
    return _fuzzy().find(word) or word
