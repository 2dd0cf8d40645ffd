"""Guesses the intent by words alone, for the time that the model is down."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from nlu import lexicon
from nlu.normalise import normalise


@dataclass(frozen=True)
class Guess:
    """One row of guess.yml: phrases of each set must stand in the message, none of `none_of` may."""

    intent: str
    sure: float
    all_of: tuple[frozenset[str], ...]
    none_of: frozenset[str]


def guess_intent(text: str) -> tuple[str, float] | None:
    """A rough reading, good enough for the main flows; None when no row fits."""
    plain = normalise(text)
    if not plain:
        return None
    words = plain.split()
    present = set(words) | _pairs(words, 2) | _pairs(words, 3)
    for guess in _guesses():
        if not guess.none_of & present and _all_differ(guess.all_of, present):
            return guess.intent, guess.sure
    return None


def _pairs(words: list[str], length: int) -> set[str]:
    return {" ".join(words[at : at + length]) for at in range(len(words) - length + 1)}


def _all_differ(all_of: tuple[frozenset[str], ...], present: set[str]) -> bool:
    """Each set is met by a phrase of its own; sets are few, so the smaller choice goes first."""
    used: set[str] = set()
    for options in sorted(all_of, key=lambda options: len(options & present)):
        found = min(options & present - used, default=None)
        if found is None:
            return False
        used.add(found)
    return True


@lru_cache(maxsize=1)
def _guesses() -> tuple[Guess, ...]:
    rows = lexicon.load("guess")["rows"]
    return tuple(Guess(row["intent"], row["sure"], *_read_words(row["words"])) for row in rows)


def _read_words(written: str) -> tuple[tuple[frozenset[str], ...], frozenset[str]]:
    items = written.split()
    wanted = [item for item in items if not item.startswith("-")]
    unwanted = [item[1:] for item in items if item.startswith("-")]
    none_of = frozenset(word for item in unwanted for word in _options(item))
    return tuple(_options(item) for item in wanted), none_of


def _options(item: str) -> frozenset[str]:
    """The alternatives as a message would have them: "gimana" and "bagaimana" are one word."""
    forms = [option.replace("_", " ") for option in item.split("|")]
    return frozenset(form for written in forms for form in (written, normalise(written)))
