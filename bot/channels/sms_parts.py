"""SMS parts: a text cut into what one SMS each can carry, the way the operators count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.channels.segments import GSM_EXTENDED, count_segments

GSM_CODING, UNICODE_CODING = "Default_No_Compression", "Unicode_No_Compression"
"""Gammu's words for the two alphabets; anything else is no text."""
GSM_PART, UNICODE_PART = 153, 67
"""Units in each part of a long message: the header that joins the parts takes the rest."""


@dataclass(frozen=True)
class SmsParts:
    """A text ready for the air."""

    coding: str
    parts: tuple[str, ...]


def cut_text(text: str) -> SmsParts:
    """The parts of a text, as many as count_segments counts; no letter is ever cut in two."""
    counted = count_segments(text)
    coding = GSM_CODING if counted.encoding == "GSM-7" else UNICODE_CODING
    if counted.segments <= 1:
        return SmsParts(coding, (text,))
    size = GSM_PART if coding == GSM_CODING else UNICODE_PART
    return SmsParts(coding, tuple(_pieces(text, coding=coding, size=size)))


def units_of(text: str, coding: str) -> int:
    """How much room a text takes in this alphabet: what counts against the 153 or 67 of a part."""
    return sum(_units(letter, coding) for letter in text)


def _pieces(text: str, *, coding: str, size: int) -> Iterator[str]:
    start = used = 0
    for place, letter in enumerate(text):
        units = _units(letter, coding)
        if used + units > size:
            yield text[start:place]
            start, used = place, 0
        used += units
    yield text[start:]


def _units(letter: str, coding: str) -> int:
    if coding == GSM_CODING:
        return 2 if letter in GSM_EXTENDED else 1
    return 2 if ord(letter) > 0xFFFF else 1
