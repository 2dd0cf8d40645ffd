"""Finds the listed word that a misspelt word stands for: one letter dropped, added, swapped or wrong."""

from __future__ import annotations

from collections.abc import Iterable

_VOWELS = frozenset("aeiou")


class FuzzyWords:
    """An index of words of five letters or more; shorter ones have too many neighbours."""

    def __init__(self, words: Iterable[str], *, shortest: int = 5) -> None:
        self._shortest = shortest
        self._words: set[str] = {word for word in words if len(word) >= shortest}
        self._by_deletion: dict[str, set[str]] = {}
        self._by_consonants: dict[str, str | None] = {}
        for word in self._words:
            for form in {word} | _deletions(word):
                self._by_deletion.setdefault(form, set()).add(word)
            bones = _consonants(word)
            if len(bones) >= 4:
                self._by_consonants[bones] = None if bones in self._by_consonants else word

    def find(self, word: str) -> str | None:
        """The listed word within one slip of this one, else the one that has the same consonants."""
        if len(word) >= self._shortest - 1:
            near = self._within_one(word)
            if near is not None:
                return near
        if len(word) >= 4 and len(_consonants(word)) >= len(word) - 1:
            return self._by_consonants.get(_consonants(word))
        return None

    def _within_one(self, word: str) -> str | None:
        found: set[str] = set()
        for form in {word} | _deletions(word):
            found |= self._by_deletion.get(form, set())
        close = [known for known in found if _is_one_slip(word, known) and _begin_alike(word, known)]
        if len(word) < self._shortest:
            close = [known for known in close if _consonants(known) == _consonants(word)]
        # A dropped vowel is the commonest slip: the same consonants go first.
        return min(close, key=lambda known: (_consonants(known) != _consonants(word), known), default=None)


def _deletions(word: str) -> set[str]:
    return {word[:at] + word[at + 1 :] for at in range(len(word))}


def _consonants(word: str) -> str:
    return "".join(char for char in word if char not in _VOWELS)


def _is_one_slip(first: str, second: str) -> bool:
    """One letter more, less or other, or two neighbours swapped."""
    if abs(len(first) - len(second)) > 1:
        return False
    if len(first) != len(second):
        longer, shorter = (first, second) if len(first) > len(second) else (second, first)
        return shorter in _deletions(longer)
    wrong = [at for at in range(len(first)) if first[at] != second[at]]
    if len(wrong) <= 1:
        return True
    if len(wrong) != 2 or wrong[1] != wrong[0] + 1:
        return False
    return first[wrong[0]] == second[wrong[1]] and first[wrong[1]] == second[wrong[0]]


def _begin_alike(word: str, known: str) -> bool:
    """The same first letter, or the first two swapped: "adrah" is darah, "marah" is not."""
    return word[0] == known[0] or word[:2] == known[1::-1]
