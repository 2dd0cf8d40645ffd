"""Finds NIK, card numbers and phone numbers in a message by their length and beginning."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LONGEST = 4000
_RUN = re.compile(r"(?<![\w+])\+?\d(?:[ .\-()]{0,2}\d){6,21}(?!\d)")
_NIK_LENGTH = 16
_CARD_LENGTH = 13


@dataclass(frozen=True)
class FoundNumber:
    entity: str
    value: str
    raw: str


def find_numbers(text: str) -> tuple[FoundNumber, ...]:
    """Each NIK (16 digits), card number (13 digits) and phone number, spaces and dots allowed inside.

    A 13-digit run that begins like a mobile phone (08...) is a phone; longer runs of digits are nothing.
    """
    found = []
    for match in _RUN.finditer(text[:_LONGEST]):
        raw = match[0]
        digits = re.sub(r"\D", "", raw)
        phone = read_phone(raw)
        if len(digits) == _NIK_LENGTH and not raw.startswith("+"):
            found.append(FoundNumber("nik", digits, raw))
        elif phone is not None:
            found.append(FoundNumber("phone", phone, raw))
        elif len(digits) == _CARD_LENGTH and not raw.startswith("+"):
            found.append(FoundNumber("card_number", digits, raw))
    return tuple(found)


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
