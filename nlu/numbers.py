"""Finds NIK, card numbers and phone numbers in a message by their length and beginning."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.phrases import around

_LONGEST = 4000
# Groups of figures, where O stands for 0 and l or I for 1; glued to a word before only by a figure ("nik6472...").
_RUN = re.compile(
    r"(?:(?<![\w+])|(?<=[^\W\d_]{2})(?=\d))\+?[\dOoIl]+(?:[ .\-()]{1,3}[\dOoIl]+){0,19}(?![^\W_])", re.ASCII
)
_GROUP = re.compile(r"[\dOoIl]+")
_ZEROS = re.compile(r"[Oo]{3,}")
_FIGURES = str.maketrans("OoIl", "0011")
_DATES = ((2, 2, 4), (1, 2, 4), (2, 1, 4), (1, 1, 4))
_NIK_LENGTH = 16
_CARD_LENGTH = 13
_ANNOUNCED = re.compile(rf"\b(?:({around('identity')}|kartu(?! keluarga))|{around('other_number')})\b", re.IGNORECASE)


@dataclass(frozen=True)
class FoundNumber:
    entity: str
    value: str
    raw: str


@dataclass(frozen=True)
class _Group:
    figures: str
    start: int
    end: int


def find_numbers(text: str) -> tuple[FoundNumber, ...]:
    """Each NIK (16 digits), card number (13 digits) and phone number, spaces and dots allowed inside.

    The letters O, l and I are read as the figures they look like. A 13-digit run that begins like a mobile phone
    (08...) is a phone; longer runs of digits are nothing, unless they fall into numbers and dates at their spaces.
    """
    text = text[:_LONGEST]
    found: list[FoundNumber] = []
    for run in _RUN.finditer(text):
        for groups in _parted(run):
            found += _numbers_of(groups, text)
    return tuple(found)


def is_announced_as_other(text: str, number: FoundNumber) -> bool:
    """Whether the words before say that these figures are an account or a family card, not a NIK or member card."""
    before = text[max(0, text.find(number.raw) - 40) : text.find(number.raw)]
    named = list(_ANNOUNCED.finditer(before))
    return bool(named) and named[-1][1] is None


def read_phone(text: str) -> str | None:
    """An Indonesian mobile number as E.164: "0812 3456 789" -> "+628123456789"; None for anything else."""
    digits = re.sub(r"\D", "", text)
    if digits.startswith("62"):
        rest = digits[2:].removeprefix("0")
    elif digits.startswith("0"):
        rest = digits[1:]
    else:
        rest = digits
    return f"+62{rest}" if rest.startswith("8") and 9 <= len(rest) <= 12 else None


def _parted(run: re.Match[str]) -> list[list[_Group]]:
    """The groups of a run; letters without a figure ("lo", "oi") are a word and part it, "OOO" is not."""
    parts: list[list[_Group]] = [[]]
    for group in _GROUP.finditer(run[0]):
        is_number = any(sign.isdigit() for sign in group[0]) or _ZEROS.fullmatch(group[0])
        if is_number:
            has_plus = run[0][group.start() - 1 : group.start()] == "+"
            start = run.start() + group.start() - has_plus
            figures = "+" * has_plus + group[0].translate(_FIGURES)
            parts[-1].append(_Group(figures, start, run.start() + group.end()))
        elif parts[-1]:
            parts.append([])
    return [part for part in parts if part]


def _numbers_of(groups: Sequence[_Group], text: str) -> list[FoundNumber]:
    whole = _number(groups, text)
    if whole is not None:
        return [whole]
    covering = _covering(groups, text)
    if covering is not None:
        return covering
    return [number for group in groups if (number := _number([group], text)) is not None]


def _covering(groups: Sequence[_Group], text: str) -> list[FoundNumber] | None:
    """The numbers and dates that all the groups fall into, from the end; None when they do not."""
    best: list[list[FoundNumber] | None] = [None] * len(groups) + [[]]
    for start in range(len(groups) - 1, -1, -1):
        for end in range(start + 1, len(groups) + 1):
            rest = best[end]
            if rest is None:
                continue
            number = _number(groups[start:end], text)
            if number is not None:
                best[start] = [number, *rest]
            elif tuple(len(group.figures) for group in groups[start:end]) in _DATES:
                best[start] = rest
    return best[0]


def _number(groups: Sequence[_Group], text: str) -> FoundNumber | None:
    figures = "".join(group.figures for group in groups)
    raw = text[groups[0].start : groups[-1].end]
    if len(figures) == _NIK_LENGTH and figures.isdigit():
        return FoundNumber("nik", figures, raw)
    phone = read_phone(figures)
    if phone is not None:
        return FoundNumber("phone", phone, raw)
    if len(figures) == _CARD_LENGTH and figures.isdigit():
        return FoundNumber("card_number", figures, raw)
    return None
