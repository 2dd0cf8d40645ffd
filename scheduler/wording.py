"""Wording: names and lists as an SMS can carry them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from flows.text_gate import FILTERED_WORDS

UNNAMED = frozenset({"by", "bayi"})
"""Registers call a newborn "By. Ny. Sari": the name behind it is the mother's."""
NOT_A_NAME = frozenset({"an", "tn", "ny", "nn", "sdr", "bp", "ibu", "bapak", "h", "hj", "dr", "drg", "m", "st"})


def first_name(name: str, *, longest: int) -> str | None:
    """The first word of a name that an SMS can carry; None when there is none."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    if UNNAMED & set(plain.lower().replace(".", " ").split()[:1]):
        return None
    words = [word for word in re.findall(r"[A-Za-z']+", plain) if len(word) > 1 and word.lower() not in NOT_A_NAME]
    if not words or len(words[0]) > longest or words[0].lower() in FILTERED_WORDS:
        return None
    return words[0].capitalize()


def list_in_words(lay_names: Iterable[str]) -> str:
    """ "suntik DPT dan PCV, tetes polio": each once, those with the same first word together."""
    kinds: dict[str, list[str]] = {}
    for lay in dict.fromkeys(lay_names):
        kind, _, what = lay.partition(" ")
        kinds.setdefault(kind, []).append(what)
    return ", ".join(f"{kind} {_and(what)}".strip() for kind, what in kinds.items())


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} dan {words[-1]}"
