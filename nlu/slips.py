"""Mends a slip by where the word stands: what follows "poli" is a poli, what stands before "saya" may be a relation."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache

from nlu import lexicon
from nlu.calendar_words import PARTS, WEEKDAYS
from nlu.fuzzy import is_one_slip, same_consonants

_BESIDE = frozenset((*WEEKDAYS, *PARTS, "besok", "lusa", "jam", "tanggal", "hari"))
_OWNERS = frozenset("saya aku kami ulun unda kula".split())
_MORE_PEOPLE = ("ayah", "mama", "tante", "ponakan")
_SHORTEST = 3


def mended_by_place(words: list[str]) -> list[str]:
    """The plain words with those mended that are no words, by what may stand in their place."""
    plain = list(words)
    for at, word in enumerate(words):
        if not word.isalpha() or len(word) < _SHORTEST or word in lexicon.left_alone() or word in _known_forms():
            continue
        before = plain[at - 1] if at else ""
        after = words[at + 1] if at + 1 < len(words) else ""
        earlier = plain[at - 2] if at > 1 else ""
        for choices in _choices(word, earlier=earlier, before=before, after=after):
            meant = _near(word, choices)
            if meant is not None:
                plain[at] = meant
                break
    return plain


def _choices(word: str, *, earlier: str, before: str, after: str) -> Iterable[str]:
    """The names of the lists that this word may be from."""
    if before == "poli":
        yield "polis"
    if before in ("jam", "tanggal", "setengah"):
        yield "numbers"
    if before in _listed("numbers") and earlier in ("jam", "tanggal", "lewat", "kurang"):
        yield "tens"
    if before in ("belas", "puluh"):
        yield "numbers"
    if after in ("belas", "puluh"):
        yield "numbers"
    is_counted = earlier[:1].isdigit() or earlier in _listed("numbers")
    if before == "seminggu" or (before in ("hari", "minggu") and is_counted):
        yield "again"
    if after in ("lagi", "depan", "ini"):
        yield "units"
    if after in _OWNERS and len(word) > _SHORTEST:
        yield "people"
    if after[:1].isdigit() or (before == "jam" and after):
        yield "clock"
    if before in _BESIDE or after in _BESIDE:
        yield "parts"


@lru_cache(maxsize=10_000)
def _near(word: str, choices: str) -> str | None:
    """The one word of this list that is a slip away."""
    listed = [choice for choice in _listed(choices) if abs(len(choice) - len(word)) <= 3]
    alike = [choice for choice in listed if choice[0] == word[0] and same_consonants(word, choice)]
    slipped = [choice for choice in listed if len(choice) > _SHORTEST and is_one_slip(word, choice)]
    for found in (alike, slipped):
        if len(set(found)) == 1:
            return found[0]
    return None


@cache
def _listed(choices: str) -> tuple[str, ...]:
    if choices == "polis":
        forms = ",".join(lexicon.load("poli")["after_poli"].values()).split(",")
        return tuple(form.strip() for form in forms if " " not in form.strip() and len(form.strip()) > _SHORTEST)
    if choices == "people":
        return tuple(person for person in (*lexicon.load("person")["people"], *_MORE_PEOPLE) if len(person) > _SHORTEST)
    if choices == "numbers":
        return tuple(str(forms).split()[0] for forms in lexicon.load("values")["numbers"].values())[:12]
    return {
        "tens": ("belas", "puluh"),
        "again": ("lagi",),
        "units": ("hari", "minggu", "seminggu", *WEEKDAYS, *PARTS, "bulan"),
        "clock": ("setengah", "tanggal", "pukul", "lewat", "kurang", "seperempat"),
        "parts": (*PARTS, "lusa", "besok", *WEEKDAYS, "setengah"),
    }[choices]


@cache
def _known_forms() -> frozenset[str]:
    """Words that a list names as they are, right or short."""
    lists = ("polis", "people", "numbers", "tens", "units", "clock", "parts")
    forms = {form for name in lists for form in _listed(name)}
    values = lexicon.load("values")
    for section in ("words", "beside", "numbers"):
        forms |= {form for written in values[section].values() for form in str(written).split()}
    return frozenset(forms | set(lexicon.load("person")["owners"].replace(",", " ").split()))
