"""Phrases of the word lists, as choices of a pattern and in plain spelling as a normalised message has them."""

from __future__ import annotations

from collections.abc import Iterable

from nlu import lexicon
from nlu.normalise import normalise_word


def split(written: str) -> list[str]:
    """The phrases of a list parted by commas."""
    return [form for part in written.split(",") if (form := " ".join(part.split()))]


def plain(form: str) -> str:
    """A phrase as normalising leaves it."""
    return " ".join(normalise_word(word) for word in form.split())


def alternatives(phrases: Iterable[str]) -> str:
    """The phrases as one choice of a pattern, the longest first."""
    return "|".join(sorted(phrases, key=len, reverse=True))


def around(name: str) -> str:
    """One list of around.yml as a choice of a pattern."""
    return alternatives(split(lexicon.load("around")[name]))
