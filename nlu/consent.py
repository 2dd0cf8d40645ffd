"""Reads STOP and START in the many words that people have for them, as whole messages only."""

from __future__ import annotations

import re
from functools import cache

from nlu import lexicon

LONGEST = 10
"""Words; who writes more says more than that."""
NAMES = ("stop", "start")


def read_consent(plain: str) -> str | None:
    """ "stop" or "start" where this message, in plain words, says that and nothing more."""
    words = plain.split()
    if not words or len(words) > LONGEST:
        return None
    core = _without_politeness(words)
    texts = [plain, " ".join(core)]
    if len(core) > 1 and all(len(word) == 1 for word in core):
        texts.append("".join(core))  # S T O P
    return next((name for name in NAMES for text in texts if _patterns()[name].fullmatch(text)), None)


def _without_politeness(words: list[str]) -> list[str]:
    polite = _polite()
    while words and words[0] in polite:
        words = words[1:]
    while words and words[-1] in polite:
        words = words[:-1]
    return words


@cache
def _polite() -> frozenset[str]:
    return frozenset(lexicon.load("consent")["polite"].split())


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    listed = lexicon.load("consent")
    parts: dict[str, str] = {}
    for name, pattern in listed["parts"].items():
        parts[name] = f"(?:{_filled(pattern, parts)})"
    return {name: re.compile("|".join(f"(?:{_filled(each, parts)})" for each in listed[name])) for name in NAMES}


def _filled(pattern: str, parts: dict[str, str]) -> str:
    for name, part in parts.items():
        pattern = pattern.replace(f"<{name}>", part)
    return pattern
