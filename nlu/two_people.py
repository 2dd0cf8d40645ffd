"""Two people in one booking, "daftarkan saya dan anak saya": the second is an ask of its own."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from nlu.extract import find_person
from nlu.normalise import normalise
from nlu.understanding import Entity, Understanding

_WORD = re.compile(r"[^\W\d_]+|[&+]")
_AND = frozenset("dan sama sm dengan dgn serta & +".split())
_OWNERS = frozenset("saya aku kami".split())
_IN_A_NAME = frozenset("poli kesehatan klinik buku dokter".split())
"""Before "ibu dan anak", the name of a poli."""


def for_two_people(whole: Understanding) -> tuple[Understanding, Understanding] | None:
    """A booking for each of the two people named side by side; None when it is for one."""
    words = list(_WORD.finditer(whole.text))
    for at, word in enumerate(words):
        if word[0].lower() not in _AND:
            continue
        first, second = _person_before(words, at), _person_at(words, at + 1)
        if first is not None and second is not None and first != second:
            rest = whole.text[words[at + 1].start() :]
            return _booked_for(whole, first, text=whole.text), _booked_for(whole, second, text=rest)
    return None


def _person_before(words: list[re.Match[str]], at: int) -> str | None:
    """The person whose word, or whose owner's ("anak saya"), stands right before."""
    last = at - 1
    if last > 0 and _plain(words, last) in _OWNERS and _person_at(words, last - 1) not in (None, "saya"):
        last -= 1
    return None if last > 0 and _plain(words, last - 1) in _IN_A_NAME else _person_at(words, last)


def _person_at(words: list[re.Match[str]], at: int) -> str | None:
    if not 0 <= at < len(words):
        return None
    word = _plain(words, at)
    return "saya" if word in _OWNERS else _relation(word)


def _plain(words: list[re.Match[str]], at: int) -> str:
    return normalise(words[at][0])


@lru_cache(maxsize=1000)
def _relation(word: str) -> str | None:
    return find_person(["untuk", *word.split(), "saya"]) if word else None


def _booked_for(whole: Understanding, person: str, *, text: str) -> Understanding:
    others = tuple(entity for entity in whole.entities if entity.entity != "person")
    return replace(whole, text=text, entities=(*others, Entity("person", person, person)), asks=())
