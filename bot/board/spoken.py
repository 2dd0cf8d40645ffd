"""Spoken: what the board says when a number is called, in parts that are rendered once and played in a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from clinic.facility import Facility

LARGEST_NUMBER = 9999
TEXTS: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("voice.id.yml").read_text(encoding="utf-8"))


def number_parts(number: int) -> tuple[str, ...]:
    """The number's thousands, hundreds and rest, each as it is said in one breath; raises ValueError."""
    if not 1 <= number <= LARGEST_NUMBER:
        raise ValueError(f"no number that is called: {number}")
    thousands, hundreds, rest = number // 1000, number // 100 % 10, number % 100
    said = (
        _counted(thousands, one="thousand", many="thousands"),
        _counted(hundreds, one="hundred", many="hundreds"),
        _below_hundred(rest),
    )
    return tuple(part for part in said if part)


def number_words(number: int) -> str:
    """The number as people say it: 115 is "seratus lima belas"."""
    return " ".join(number_parts(number))


def call_parts(letter: str, number: int, room: str) -> tuple[str, ...]:
    """A whole call, part by part; raises ValueError for a number that cannot be called."""
    return (_opening(letter), *number_parts(number), _destination(room))


def every_part(facility: Facility) -> tuple[str, ...]:
    """Each part that a call at this centre may need, once."""
    return tuple(dict.fromkeys(_parts(facility)))


def _parts(facility: Facility) -> Iterator[str]:
    for poli in facility.polis:
        yield _opening(poli.letter)
        for room in facility.rooms_of(poli.id):
            yield _destination(room.name)
    for number in (*range(1, 100), *range(100, 1000, 100), *range(1000, LARGEST_NUMBER, 1000)):
        yield from number_parts(number)


def _opening(letter: str) -> str:
    return str(TEXTS["opening"]).format(letter=letter)


def _destination(room: str) -> str:
    return str(TEXTS["destination"]).format(room=room)


def _counted(count: int, *, one: str, many: str) -> str:
    """ "seratus" is one word, "dua ratus" two."""
    if count == 0:
        return ""
    return str(TEXTS[one]) if count == 1 else str(TEXTS[many]).format(one=_one(count))


def _below_hundred(number: int) -> str:
    if number < 10:
        return _one(number) if number else ""
    if number < 12:
        return str(TEXTS["ten"] if number == 10 else TEXTS["eleven"])
    if number < 20:
        return str(TEXTS["teen"]).format(one=_one(number - 10))
    tens = str(TEXTS["tens"]).format(one=_one(number // 10))
    return f"{tens} {_one(number % 10)}" if number % 10 else tens


def _one(digit: int) -> str:
    return str(TEXTS["ones"][digit - 1])
