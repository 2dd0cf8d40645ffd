"""Segments: how many SMS a text costs, counted the way the operators count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The letters of GSM 03.38: one septet each."""
GSM_EXTENDED = frozenset("^{}\\[~]|€\f")
"""The letters behind the escape: two septets each, and never cut in half by a segment's end."""


@dataclass(frozen=True)
class Segments:
    """What a text costs as SMS."""

    encoding: Literal["GSM-7", "UCS-2"]
    characters: int
    """Units of the encoding: what counts against the limit, not what the eye sees."""
    segments: int
    left: int
    """Units still free in the last segment."""


def count_segments(text: str) -> Segments:
    """Count the units and segments of a text: 160/153 per segment in GSM-7, 70/67 in UCS-2; empty is 0."""
    is_gsm = all(letter in GSM_BASIC or letter in GSM_EXTENDED for letter in text)
    single, joined = (160, 153) if is_gsm else (70, 67)
    costs = [_septets(letter) for letter in text] if is_gsm else [_utf16_units(letter) for letter in text]
    total = sum(costs)
    encoding: Literal["GSM-7", "UCS-2"] = "GSM-7" if is_gsm else "UCS-2"
    if total <= single:
        return Segments(encoding=encoding, characters=total, segments=min(total, 1), left=single - total)
    segments, used = _pack(costs, size=joined)
    return Segments(encoding=encoding, characters=total, segments=segments, left=joined - used)


def _septets(letter: str) -> int:
    return 2 if letter in GSM_EXTENDED else 1


def _utf16_units(letter: str) -> int:
    return 2 if ord(letter) > 0xFFFF else 1


def _pack(costs: list[int], *, size: int) -> tuple[int, int]:
    """Fill segments in order; a letter that does not fit whole opens the next one."""
    segments, used = 1, 0
    for cost in costs:
        if used + cost > size:
            segments, used = segments + 1, 0
        used += cost
    return segments, used
