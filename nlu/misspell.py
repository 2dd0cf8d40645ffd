"""Misspells a sentence as people in chat do, always in the same way for the same seed: for training only."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from functools import cache

from nlu import lexicon

VOWELS = "aiueo"
# The keys beside each key of a phone's keyboard.
BESIDE = {
    "a": "sqz", "b": "vnh", "c": "xvd", "d": "sfe", "e": "wrd", "f": "dgr", "g": "fht", "h": "gjy", "i": "uok",
    "j": "hku", "k": "jli", "l": "kop", "m": "nj", "n": "bmh", "o": "ipl", "p": "ol", "q": "wa", "r": "etf",
    "s": "adw", "t": "ryg", "u": "yij", "v": "cbf", "w": "qes", "x": "zcs", "y": "tuh", "z": "xa",
}  # fmt: skip
SHORTEST = 4
JOINED_SHARE = 0.12
"""Of the words that are spelled anew, so many are also joined to the next."""


@cache
def written_forms() -> Mapping[str, tuple[str, ...]]:
    """Plain word -> how people write it, from the lexicon that normalising uses."""
    forms: dict[str, list[str]] = {}
    for form, word in lexicon.spelling().items():
        if " " not in word:
            forms.setdefault(word, []).append(form)
    return {word: tuple(sorted(written)) for word, written in forms.items()}


def misspell(text: str, *, share: float, seed: str) -> str:
    """The sentence with about `share` of its words (0 to 1) written as in a hurry; numbers stay as they are."""
    dice = random.Random(seed)
    spelled = []
    for written in text.lower().split():
        word = re.sub(r"[^\w'-]", "", written)
        spelled.append(misspell_word(word, dice) if word.isalpha() and dice.random() < share else word)
    joined = spelled[:1]
    for word in spelled[1:]:
        if dice.random() < share * JOINED_SHARE:
            joined[-1] += word
        else:
            joined.append(word)
    return " ".join(word for word in joined if word)


def misspell_word(word: str, dice: random.Random) -> str:
    """One word in another spelling: a common short form where there is one, else a slip of the thumb."""
    forms = written_forms().get(word)
    if forms and dice.random() < 0.7:
        return dice.choice(forms)
    if word.endswith("nya") and len(word) > SHORTEST and dice.random() < 0.5:
        return word[:-3] + dice.choice(("x", "ny", "nyaa"))
    if len(word) < SHORTEST:
        return word
    slip = dice.choice((_without_vowels, _without_vowels, _without_letter, _neighbour_key, _doubled, _swapped))
    return slip(word, dice)


def _without_vowels(word: str, dice: random.Random) -> str:
    inner = "".join(letter for letter in word[1:-1] if letter not in VOWELS or dice.random() < 0.35)
    return word[0] + inner + word[-1]


def _without_letter(word: str, dice: random.Random) -> str:
    place = dice.randrange(1, len(word))
    return word[:place] + word[place + 1 :]


def _neighbour_key(word: str, dice: random.Random) -> str:
    place = dice.randrange(len(word))
    return word[:place] + dice.choice(BESIDE.get(word[place], word[place])) + word[place + 1 :]


def _doubled(word: str, dice: random.Random) -> str:
    place = dice.randrange(len(word))
    return word[:place] + word[place] + word[place:]


def _swapped(word: str, dice: random.Random) -> str:
    place = dice.randrange(len(word) - 1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
