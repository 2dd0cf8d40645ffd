"""Tells which of several values of one kind is the one wished for: what is changed to, what is taken back."""

from __future__ import annotations

import re
from enum import IntEnum

from nlu.phrases import around

_BETWEEN = r"(?: (?:hari|tanggal|jam|yang|di|ke|poli|dokter|untuk|buat|agak|lebih|sekitar|saja))*"
_CHOSEN = re.compile(rf"\b(?:{around('chosen')}|(?<!tidak )jadi|(?<!tidak )jadinya){_BETWEEN} $")
_TO = re.compile(rf"\b(?:ke|menjadi){_BETWEEN} $")
_CHANGES = re.compile(rf"\b(?:{around('changes')})\b")
_REFUSED = re.compile(rf"\b(?:{around('refused')}){_BETWEEN} $")
_LEFT = re.compile(rf"\bdari{_BETWEEN} $")
_GIVEN_UP = re.compile(rf"\b(?:{around('given_up')}){_BETWEEN} $")
_NO_GOOD = re.compile(
    r"^(?: (?:ini|besok|nanti|pagi|siang|sore|malam|itu|saya|aku|kami|ternyata|sudah|kayaknya|kalau|dia))*"
    rf" (?:{around('no_good')})\b"
)
_DECIDED = re.compile(r"^(?: (?:pagi|siang|sore|malam|ini|depan))* saja\b")
_REACH = 60
"""Letters that are looked at on either side."""
_FAR = 200


class Weight(IntEnum):
    """How surely a value is what the writer wants; the smaller the surer."""

    CHOSEN = 0
    NAMED = 1
    GIVEN_UP = 2
    REFUSED = 3


def weigh(text: str, start: int, end: int, *, may_be_left: bool = True) -> Weight:
    """The weight of the value at text[start:end]; `text` is plain words parted by single spaces.

    `may_be_left`: "dari senin" is left or begins a stretch of time, either way no wish.
    """
    before, behind = text[max(0, start - _REACH) : start], text[end : end + _REACH]
    if _REFUSED.search(before) or (may_be_left and _LEFT.search(before)):
        return Weight.REFUSED
    if _GIVEN_UP.search(before) or _NO_GOOD.search(behind):
        return Weight.GIVEN_UP
    if _CHOSEN.search(before) or _DECIDED.search(behind):
        return Weight.CHOSEN
    if _TO.search(before) and _CHANGES.search(text[max(0, start - _FAR) : start]):
        return Weight.CHOSEN
    return Weight.NAMED


def order(weight: Weight, start: int) -> tuple[int, int]:
    """What sorts values by wish: the last one decided for, else the first one named."""
    return (weight, -start if weight is Weight.CHOSEN else start)
