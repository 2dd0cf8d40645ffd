"""NIK and card numbers in messages: found, and taken out of whatever is kept or shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from clinic.identity import mask
from nlu.births import read_birth_date
from nlu.numbers import find_numbers

IDENTITY = ("nik", "card_number")
_ALONE = re.compile(r"(?<!\d)(?:\d{16}|\d{13})(?!\d)")


def number_in(text: str) -> str | None:
    """The digits of the first NIK (16) or card number (13) in the text; None when it holds neither."""
    return next((digits for digits, _ in _numbers(text)), None)


def without_numbers(text: str) -> str:
    """The text with NIK and card numbers masked."""
    for digits, written in _numbers(text):
        text = text.replace(written, mask(digits))
    return text


def birth_date_beside(text: str, *, today: date) -> date | None:
    """A birth date that stands beside the number, not inside it."""
    return read_birth_date(beside_numbers(text), today=today)


def beside_numbers(text: str) -> str:
    """What stands beside NIK and card numbers, however those are written."""
    for _, written in _numbers(text):
        text = text.replace(written, " ")
    return text


def _numbers(text: str) -> Iterator[tuple[str, str]]:
    """Digits and how they are written. A number in one piece counts whatever digits stand around it."""
    spaced = [(found.value, found.raw) for found in find_numbers(text) if found.entity in IDENTITY]
    phones = {re.sub(r"\D", "", found.raw) for found in find_numbers(text) if found.entity == "phone"}
    yield from spaced
    known = {digits for digits, _ in spaced} | phones
    yield from ((digits, digits) for digits in _ALONE.findall(text) if digits not in known)
