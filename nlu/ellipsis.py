"""Tells messages that say too little to be read alone: "kalau yang sabtu?", "utk anak sy", "trus yg gigi"."""

from __future__ import annotations

from datetime import date

from nlu.extract import extract
from nlu.normalise import normalise
from nlu.understanding import Entity

MOST_WORDS = 5
VALUES = frozenset({"poli", "date", "time", "person"})
_OPENING = frozenset("kalau terus yang untuk buat lah berarti sekalian dan tapi".split())
_ASKING = frozenset("apa berapa kapan mana siapa bagaimana gimana".split())
_SMALL = _OPENING | frozenset(
    "ya iya bu ibu pak bapak kak min dong sih deh nah eh saya aku sama juga lagi saja bagaimana gimana itu ini hari jam"
    " tanggal minggu depan poli ada bisa bulan tahun umur usia lain".split()
)


def is_ellipsis(text: str) -> bool:
    """Few words that go on from something: they begin with "kalau" or its like, or ask."""
    words = normalise(text).split()
    if not 0 < len(words) <= MOST_WORDS:
        return False
    return words[0] in _OPENING or "?" in text or bool(_ASKING & set(words))


def values_named(text: str, *, today: date) -> tuple[Entity, ...] | None:
    """The values of a message that is nothing but values and small words around them; None where it says more.

    "umum" and its like are a poli here, where no sentence around them says otherwise. An age is no value of ours, but
    nothing more either.
    """
    words = normalise(text).split()
    telling = [word for word in words if word not in _SMALL]
    if len(words) > MOST_WORDS or not (telling or _values_in(text, today=today)):
        return None
    found = {entity.entity: entity for entity in _values_in(text, today=today)}
    for word in telling:
        alone = _values_in(word, today=today) or _values_in(f"poli {word}", today=today)
        if not alone and not word.isdigit():
            return None
        for entity in alone:
            found.setdefault(entity.entity, entity)
    return tuple(found.values())


def _values_in(text: str, *, today: date) -> list[Entity]:
    return [entity for entity in extract(text, today=today) if entity.entity in VALUES]
