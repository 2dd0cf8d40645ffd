"""Wording: the values that a reminder's text is filled with, in words patients use and within one SMS."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, time

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
FILTERED_WORDS = frozenset({"nomor", "pin", "kode", "akun", "token", "selamat", "juta", "dana"})
"""Words for which Indonesian operators drop an SMS; a few of them are people's names."""
NOT_A_NAME = frozenset({"by", "an", "tn", "ny", "nn", "sdr", "bp", "ibu", "bapak", "h", "hj", "dr", "drg", "m", "st"})
DAY_PARTS = ((11, "pagi"), (15, "siang"), (18, "sore"), (24, "malam"))


def day_in_words(day: date) -> str:
    """ "Selasa 24 Nov": no year and no dashes, which operators take for something else."""
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


def time_in_words(clock: time) -> str:
    """ "jam 8 pagi", "jam 1 siang", "jam 7.30 pagi"."""
    part = next(name for ends, name in DAY_PARTS if clock.hour < ends)
    hour = clock.hour - 12 if clock.hour > 12 else clock.hour
    minutes = f".{clock.minute:02d}" if clock.minute else ""
    return f"jam {hour}{minutes} {part}"


def first_name(name: str, *, otherwise: str, longest: int) -> str:
    """The first word of a name that an SMS can carry; `otherwise` when there is none."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    for word in re.findall(r"[A-Za-z']+", plain):
        if len(word) > 1 and word.lower() not in NOT_A_NAME:
            return otherwise if len(word) > longest or word.lower() in FILTERED_WORDS else word.capitalize()
    return otherwise


def list_in_words(lay_names: Iterable[str]) -> str:
    """ "suntik DPT dan PCV, tetes polio": each once, those with the same first word together."""
    kinds: dict[str, list[str]] = {}
    for lay in dict.fromkeys(lay_names):
        kind, _, what = lay.partition(" ")
        kinds.setdefault(kind, []).append(what)
    return ", ".join(f"{kind} {_and(what)}".strip() for kind, what in kinds.items())


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} dan {words[-1]}"
