"""The danger word list, read once and made ready for matching: concepts, signs, look-alikes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from nlu import lexicon
from nlu.fuzzy import FuzzyWords
from nlu.normalise import normalise_word

# Concepts that danger_numbers.py reads from numbers, and danger_text.py from the length.
MEASURED = (
    *("fever40", "pressure160", "pressure180", "pressurelow", "sugarlow", "sugarhigh"),
    *("manypills", "younginfant", "short"),
)


@dataclass(frozen=True)
class Item:
    concept: str
    is_denied: bool = False


@dataclass(frozen=True)
class Group:
    """Concepts that stand close together; `in_order` when the sign says so."""

    items: tuple[Item, ...]
    in_order: bool = False


@dataclass(frozen=True)
class Sign:
    kind: str
    groups: tuple[Group, ...]
    unless: frozenset[str]
    unless_anywhere: frozenset[str]
    needs: frozenset[str]


@dataclass(frozen=True)
class HarmlessPhrase:
    """Words that stand side by side ("*" is any one word); `is_muted` says which of them lose their danger."""

    words: tuple[frozenset[str], ...]
    is_muted: tuple[bool, ...]


@dataclass(frozen=True)
class DangerWords:
    forms: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    signs: tuple[Sign, ...]
    can_end: frozenset[str]
    harmless: Mapping[str, tuple[HarmlessPhrase, ...]]
    context: Mapping[str, frozenset[str]]
    fuzzy: FuzzyWords
    vocabulary: frozenset[str]
    context_words: frozenset[str]
    context_fuzzy: FuzzyWords
    just_asking: tuple[str, ...]
    shorthand: Mapping[str, str]
    by_local_sound: Mapping[str, str]


def plain(form: str) -> tuple[str, ...]:
    """A form of the word list as the plain words that a message is turned into."""
    return tuple(" ".join(normalise_word(word) for word in form.split()).split())


def read_sign(kind: str, written: str) -> Sign:
    """Reads "a b, -c !d" as the head of danger.yml explains it."""
    groups: list[Group] = []
    unless: set[str] = set()
    unless_anywhere: set[str] = set()
    for part in written.split(","):
        words = part.replace(">", " ").split()
        unless_anywhere.update(word[2:] for word in words if word.startswith("!!"))
        unless.update(word[1:] for word in words if word.startswith("!") and not word.startswith("!!"))
        items = tuple(Item(word.lstrip("-"), word.startswith("-")) for word in words if not word.startswith("!"))
        groups.append(Group(items, in_order=">" in part))
    needs = frozenset(item.concept for group in groups for item in group.items)
    return Sign(kind, tuple(groups), frozenset(unless), frozenset(unless_anywhere), needs)


@lru_cache(maxsize=1)
def danger_words() -> DangerWords:
    data = lexicon.load("danger")
    signs = tuple(read_sign(kind, sign) for kind, entry in data["kinds"].items() for sign in entry["signs"])
    _refuse_unknown(signs, data["words"])
    forms = _forms(data["words"])
    context = {
        name: frozenset(word for form in _listed(listed) for word in plain(form))
        for name, listed in data["context"].items()
    }
    vocabulary = {word for entries in forms.values() for form, _ in entries for word in form}
    return DangerWords(
        forms=forms,
        signs=signs,
        can_end=frozenset(kind for kind, entry in data["kinds"].items() if entry.get("ends")),
        harmless=_harmless(data["harmless"]),
        context=context,
        fuzzy=FuzzyWords(vocabulary | _written_forms(vocabulary), others=lexicon.known_words()),
        vocabulary=frozenset(vocabulary),
        context_words=frozenset().union(*context.values()),
        context_fuzzy=FuzzyWords(frozenset().union(*context.values())),
        just_asking=tuple(" ".join(plain(phrase)) for phrase in _listed(data["context"]["just_asking"])),
        shorthand={form: str(word) for word, written in data["shorthand"].items() for form in str(written).split()},
        by_local_sound={word.replace("e", "a"): word for word in sorted(vocabulary) if len(word) >= 6 and "e" in word},
    )


def _listed(written: object) -> list[str]:
    return [form.strip() for form in str(written).split(",") if form.strip()]


def _forms(words: Mapping[str, object]) -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """First word of a form -> the forms that begin with it, longest first, and their concepts."""
    by_first: dict[str, set[tuple[tuple[str, ...], str]]] = {}
    for concept, written in words.items():
        for form in {plain(listed) for listed in _listed(written)}:
            by_first.setdefault(form[0], set()).add((form, concept))
    return {first: tuple(sorted(forms, key=lambda f: (-len(f[0]), f))) for first, forms in by_first.items()}


def _written_forms(vocabulary: set[str]) -> set[str]:
    """Other spellings of these words, so that a slip in "nafas" is seen as well as one in "napas"."""
    return {form for form, word in lexicon.spelling().items() if word in vocabulary}


def _harmless(written: list[str]) -> dict[str, tuple[HarmlessPhrase, ...]]:
    """First word -> the harmless phrases that begin with it."""
    by_first: dict[str, list[HarmlessPhrase]] = {}
    for phrase in written:
        items = phrase.split()
        row = tuple(_alternatives(item.lstrip("~")) for item in items)
        harmless = HarmlessPhrase(row, tuple(not item.startswith("~") for item in items))
        for first in row[0]:
            by_first.setdefault(first, []).append(harmless)
    return {first: tuple(rows) for first, rows in by_first.items()}


def _alternatives(item: str) -> frozenset[str]:
    return frozenset(word for option in item.split("|") for word in (plain(option) if option != "*" else "*"))


def _refuse_unknown(signs: tuple[Sign, ...], words: Mapping[str, object]) -> None:
    known = set(words) | set(MEASURED) | set(lexicon.load("danger")["context"])
    for sign in signs:
        for concept in sign.needs | sign.unless | sign.unless_anywhere:
            if concept not in known:
                raise ValueError(f"nlu/lexicon/danger.yml: {sign.kind} names an unknown concept {concept!r}")
