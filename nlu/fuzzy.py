"""Finds the listed word that a misspelt word stands for: one letter dropped, added, swapped or wrong."""

from __future__ import annotations

from collections.abc import Iterable

_VOWELS = frozenset("aeiou")
# From this length on two slips are forgiven.
_LONG = 7


class FuzzyWords:
    """An index of words of five letters or more; shorter ones have too many neighbours."""

    def __init__(self, words: Iterable[str], *, others: Iterable[str] = (), shortest: int = 5) -> None:
        """`others` are right words that are not looked for: what may be one of them is not taken for ours."""
        words = set(words)
        self._shortest = shortest
        self._by_bones: dict[str, list[str]] = {}
        for word in sorted(words | set(others)):
            self._by_bones.setdefault(_consonants(word), []).append(word)
        self._words: set[str] = {word for word in words if len(word) >= shortest}
        self._listed = words
        self._by_near_bones: dict[str, set[str]] = {}
        for word in self._words:
            bones = _consonants(word)
            if len(word) >= _LONG and len(bones) >= 4:
                for form in {bones} | _deletions(bones):
                    self._by_near_bones.setdefault(form, set()).add(word)
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

    def find_by_consonants(self, word: str) -> str | None:
        """The listed word that this one is when vowels are put back in: "dprkosa", "ktubn", "jth"."""
        bones = _consonants(word)
        if len(bones) < 3 or len(word) < 3:
            return None
        fits = [known for known in self._by_bones.get(bones, ()) if len(known) > len(word) and _is_within(word, known)]
        if not fits or any(known not in self._listed for known in fits):
            return None
        return min(fits, key=lambda known: (len(known), known))

    def find_far(self, word: str) -> str | None:
        """The listed long word within two slips, at most one of them in its consonants: "kwrngat" is keringat."""
        if len(word) < _LONG - 1:
            return None
        bones = _consonants(word)
        near: set[str] = set()
        for form in {bones} | _deletions(bones):
            near |= self._by_near_bones.get(form, set())
        close = [
            (slips, known)
            for known in near
            if (slips := _slips(word, known)) <= 2 and (word[0], word[-1]) == (known[0], known[-1])
        ]
        return min(close)[1] if close else None

    def _within_one(self, word: str) -> str | None:
        found: set[str] = set()
        for form in {word} | _deletions(word):
            found |= self._by_deletion.get(form, set())
        close = [known for known in found if is_one_slip(word, known) and _begin_alike(word, known)]
        if len(word) < self._shortest:
            close = [known for known in close if _consonants(known) == _consonants(word)]
        # A dropped vowel is the commonest slip: the same consonants go first.
        return min(close, key=lambda known: (_consonants(known) != _consonants(word), known), default=None)


def is_one_slip(first: str, second: str) -> bool:
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


def same_consonants(first: str, second: str) -> bool:
    """Whether two words differ in vowels and doubled letters only."""
    return _undoubled(_consonants(first)) == _undoubled(_consonants(second))


def _undoubled(word: str) -> str:
    return "".join(letter for at, letter in enumerate(word) if at == 0 or word[at - 1] != letter)


def _deletions(word: str) -> set[str]:
    return {word[:at] + word[at + 1 :] for at in range(len(word))}


def _consonants(word: str) -> str:
    return "".join(char for char in word if char not in _VOWELS)


def _is_within(word: str, known: str) -> bool:
    """The letters of the word stand in the known one in this order."""
    letters = iter(known)
    return word[0] == known[0] and all(letter in letters for letter in word)


def _slips(first: str, second: str) -> int:
    """How many letters must be added, dropped or changed."""
    row = list(range(len(second) + 1))
    for at, letter in enumerate(first, 1):
        above, row[0] = row[0], at
        for column, other in enumerate(second, 1):
            above, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, above + (letter != other))
    return row[-1]


def _begin_alike(word: str, known: str) -> bool:
    """The same first letter, or the first two swapped: "adrah" is darah, "marah" is not."""
    return word[0] == known[0] or word[:2] == known[1::-1]
