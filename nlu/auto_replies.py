"""Tells an automatic reply (a shop's greeting, an absence note, another bot's menu) from what a person writes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from nlu import lexicon
from nlu.normalise import clean, words_of

SURE, HALF = 2, 1
LONGEST = 1500
"""Letters; what a machine says by itself is shorter."""
_ENDS = re.compile(r"([.!?\n]+(?=\s|$)|[:\]\n]+)")
_NUMBER_WORD = re.compile(r"\b(no|nomor|ref|tiket)\.")
_BREAKS = re.compile(r"[^\w\s!-~]+")
"""Emoji and the like: people and machines end sentences with them."""


@dataclass(frozen=True)
class _Patterns:
    """Each is matched against a whole sentence."""

    label: re.Pattern[str]
    asked: re.Pattern[str]
    sure: re.Pattern[str]
    in_first_person: re.Pattern[str]
    half: re.Pattern[str]
    soft: re.Pattern[str]
    first_person: frozenset[str]
    persons_words: frozenset[str]

    def weight(self, sentence: str, *, is_question: bool) -> int | None:
        """How surely a machine wrote this sentence; None for one that a person wrote."""
        if self.asked.fullmatch(sentence):
            return SURE if self.sure.fullmatch(sentence) else 0
        if is_question:
            return None
        words = set(sentence.split())
        if self.in_first_person.fullmatch(sentence):
            return SURE
        if not self.first_person & words:
            for pattern, weight in ((self.sure, SURE), (self.half, HALF)):
                if pattern.fullmatch(sentence):
                    return weight
        return None if self.persons_words & words and not self.soft.fullmatch(sentence) else 0


def is_auto_reply(text: str) -> bool:
    """True when a machine wrote this message.

    One sentence that only machines write is enough, or two that people hardly write; a sentence that only a person
    writes outweighs both ("pesan otomatis ya? saya mau daftar").
    """
    if len(text) > LONGEST:
        return False
    patterns, found = _patterns(), _sentences(text)
    if any(patterns.label.fullmatch(sentence) for sentence, is_question in found if not is_question):
        return True
    weights = [patterns.weight(sentence, is_question=is_question) for sentence, is_question in found]
    return None not in weights and sum(weight or 0 for weight in weights) >= SURE


def _sentences(text: str) -> list[tuple[str, bool]]:
    """The sentences as plain words without figures, each with whether it ends in a question mark."""
    pieces = _ENDS.split(_NUMBER_WORD.sub(r"\1", _BREAKS.sub("\n", clean(text))))
    found: list[tuple[str, bool]] = []
    for sentence, end in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        words = [word for word in words_of(sentence) if not word[0].isdigit()]
        if words:
            found.append((" ".join(words), "?" in (end or "")))
    return found


@cache
def _patterns() -> _Patterns:
    listed = lexicon.load("auto_replies")
    parts = {f"<{name}>": f"(?:{pattern})" for name, pattern in listed["parts"].items()}

    def joined(name: str) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{_filled(pattern, parts)})" for pattern in listed[name]))

    return _Patterns(
        label=joined("label"),
        asked=joined("asked"),
        sure=joined("sure"),
        in_first_person=joined("in_first_person"),
        half=joined("half"),
        soft=joined("soft"),
        first_person=frozenset(listed["first_person"].split()),
        persons_words=frozenset(listed["persons_words"].split()),
    )


def _filled(pattern: str, parts: dict[str, str]) -> str:
    for name, part in parts.items():
        pattern = pattern.replace(name, part)
    return pattern
