"""Name likeness: whether two spellings may be one person's name, as names are written at Indonesian counters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

TITLES = frozenset("h hj haji hajjah ny nyonya tn tuan nn nona bpk bapak ibu bu pak an sdr sdri dr drg".split())
NEWBORN = frozenset("by bayi".split())
"""A newborn is written down under the mother's name, and is not the mother."""
SHORT_FORMS = {
    **dict.fromkeys("st sti siti".split(), "siti"),
    **dict.fromkeys("m mh moh muh mohd muhd mhd muchamad mochamad mochammad".split(), "muhammad"),
    **dict.fromkeys("mohamad mohammad muhamad muhammad mohamed moch much".split(), "muhammad"),
    **dict.fromkeys("abd abdul".split(), "abdul"),
    **dict.fromkeys("nur noor".split(), "nur"),
}
LIKE_ENOUGH = 0.8
SHORTEST_LIKE = 4
"""Letters; shorter words have to be the same, as Dina and Dini are two."""
SHORTEST_SURE = 3


@lru_cache(maxsize=100_000)
def name_words(name: str) -> tuple[str, ...]:
    """The words that name somebody: without titles, short forms written out."""
    words = re.findall(r"[^\W\d_]+", name.casefold().replace("'", "").replace("`", ""))
    found = tuple(SHORT_FORMS.get(word, word) for word in words if word not in TITLES)
    return found or tuple(words)


def may_be_one(name: str, other: str) -> bool:
    """Every word of the shorter name has its like in the longer one: "St. Aminah" and "Siti Aminah Putri"."""
    shorter, longer = sorted((name_words(name), name_words(other)), key=len)
    return _all_found(shorter, longer)


def are_nearly_the_same(name: str, other: str) -> bool:
    """The same words on both sides but for letters: "Siti Aminah" and "St. Aminnah"."""
    mine, theirs = name_words(name), name_words(other)
    return len(mine) == len(theirs) and _all_found(mine, theirs)


def _all_found(shorter: Sequence[str], longer: Sequence[str]) -> bool:
    if bool(NEWBORN & set(shorter)) != bool(NEWBORN & set(longer)):
        return False
    left, is_sure = list(longer), False
    for word in shorter:
        match = next((each for each in left if each == word), None) or next((w for w in left if _alike(word, w)), None)
        if match is None:
            return False
        left.remove(match)
        is_sure = is_sure or min(len(word), len(match)) >= SHORTEST_SURE
    return is_sure


def _alike(word: str, other: str) -> bool:
    if min(len(word), len(other)) == 1:
        return word[0] == other[0]
    if min(len(word), len(other)) < SHORTEST_LIKE:
        return False
    return SequenceMatcher(None, word, other).ratio() >= LIKE_ENOUGH
