"""A message as the danger word list sees it: plain words, sentences, concepts and what is denied."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby

from nlu.danger_numbers import measured, spell_units
from nlu.danger_spelling import join_beginnings, plain_word
from nlu.danger_words import DangerWords
from nlu.normalise import clean, words_of

LONGEST = 2000
_SENTENCE_ENDS = re.compile(r"[.!;\n?]+(?!\d)")


@dataclass(frozen=True)
class Span:
    start: int
    end: int


@dataclass
class Message:
    """`words` hold a "," where the writer put one; `sentence[i]` numbers the sentence of word i."""

    words: list[str]
    sentence: list[int]
    is_question: bool
    is_harmless: bool = False
    denied: list[str] = field(default_factory=list)
    concepts: dict[str, list[Span]] = field(default_factory=dict)
    ranges: dict[int, range] = field(default_factory=dict)

    def stands_in(self, span: Span) -> range:
        """The words of the sentence that this span stands in."""
        return self._ranges()[self.sentence[span.start]]

    def _ranges(self) -> dict[int, range]:
        if not self.ranges:
            for number, group in groupby(range(len(self.sentence)), key=self.sentence.__getitem__):
                places = list(group)
                self.ranges[number] = range(places[0], places[-1] + 1)
        return self.ranges


def read_message(text: str, words: DangerWords) -> Message:
    cleaned = spell_units(clean(text[:LONGEST])).replace("demam berdarah", "dbd")
    message = Message([], [], is_question="?" in cleaned)
    number = 0
    for sentence in _SENTENCE_ENDS.split(cleaned):
        number += 1
        for piece_at, piece in enumerate(re.split(r",(?!\d)", sentence)):
            if piece_at and message.words:
                _add(message, ",", number)
            for written in join_beginnings(words_of(piece), words):
                for word in plain_word(written).split():
                    number += word in words.context["contrast"]
                    if word not in words.context["particles"]:
                        _add(message, word, number)
    _mark_denied(message, words)
    _find_concepts(message, words)
    _measure(message, cleaned)
    return message


def _measure(message: Message, cleaned: str) -> None:
    """Concepts that no word names stand for the whole message, wherever their number is."""
    if not message.words:
        return
    for concept in measured(cleaned):
        message.concepts.setdefault(concept, []).append(Span(0, 0))
    if len(message.words) <= 2:
        message.concepts["short"] = [Span(0, 0)]


def _add(message: Message, word: str, number: int) -> None:
    message.words.append(word)
    message.sentence.append(number)


def _mark_denied(message: Message, words: DangerWords) -> None:
    """Marks each word "pure" (tidak ada X), "ability" (tidak bisa X) or "" (not denied)."""
    message.denied = [""] * len(message.words)
    for at, word in enumerate(message.words):
        if word in words.context["not"] and not _is_only(message, at, words):
            _deny_after(message, at, words)
            _deny_before(message, at, words)
    for at, word in enumerate(message.words):
        if word in words.context["joiner"] and 0 < at < len(message.words) - 1:
            message.denied[at + 1] = message.denied[at + 1] or message.denied[at - 1]
    for at in range(1, len(message.words)):
        if message.words[at] == message.words[at - 1]:
            message.denied[at] = message.denied[at] or message.denied[at - 1]


def _is_only(message: Message, at: int, words: DangerWords) -> bool:
    after = message.words[at + 1] if at + 1 < len(message.words) else ""
    return message.words[at] == "bukan" and after in words.context["not_unless_next"]


def _deny_after(message: Message, at: int, words: DangerWords) -> None:
    """Denies what follows; "tidak bisa napas" denies napas, "tidak ada sesak" denies sesak."""
    kind = "pure"
    for ahead in range(at + 1, min(at + 6, len(message.words))):
        word = message.words[ahead]
        if message.sentence[ahead] != message.sentence[at] or word == ",":
            return
        if message.denied[ahead] != "pure":
            message.denied[ahead] = kind
        if word in words.context["pure_filler"]:
            continue
        if word not in words.context["ability_filler"]:
            return
        kind = "ability"


def _deny_before(message: Message, at: int, words: DangerWords) -> None:
    """ "napas tidak bisa", "sesaknya tidak ada": the denial stands behind its word."""
    following = message.words[at + 1 : at + 3]
    ends = not following or following[0] in (",", "dan", "atau") or following[0] in words.context["trail"]
    is_last = len(following) < 2 or following[1] in (",", "dan", "lagi", "juga", "tapi", "sama")
    same = [word for word in range(at) if message.sentence[word] == message.sentence[at]]
    if not (ends and is_last and same) or message.words[same[-1]] == ",":
        return
    is_ability = bool(following) and following[0] in ("bisa", "mau", "kuat", "jelas", "normal")
    message.denied[same[-1]] = message.denied[same[-1]] or ("ability" if is_ability else "pure")


def _find_concepts(message: Message, words: DangerWords) -> None:
    harmless = _harmless_positions(message, words)
    message.is_harmless = bool(harmless)
    for at, word in enumerate(message.words):
        if at in harmless:
            continue
        found: set[str] = set()
        for form, concept in words.forms.get(word, ()):
            end = _match(message, at, form) if concept not in found else None
            if end is not None and not harmless.intersection(range(at, end + 1)):
                found.add(concept)
                message.concepts.setdefault(concept, []).append(Span(at, end))


def _match(message: Message, at: int, form: tuple[str, ...]) -> int | None:
    """The last position of this form if it begins here; one pronoun may stand in between."""
    position = at
    for part in form[1:]:
        position += 1
        if position < len(message.words) and message.words[position] in ("saya", "juga", "ini", "itu", "dia"):
            position += message.words[position] != part
        if position >= len(message.words) or message.words[position] != part:
            return None
    return position


def _harmless_positions(message: Message, words: DangerWords) -> set[int]:
    found: set[int] = set()
    for at, word in enumerate(message.words):
        for phrase in words.harmless.get(word, ()):
            stretch = message.words[at : at + len(phrase.words)]
            fits = len(stretch) == len(phrase.words) and all(
                "*" in options or part in options for part, options in zip(stretch, phrase.words, strict=True)
            )
            if fits:
                found.update(at + step for step, is_muted in enumerate(phrase.is_muted) if is_muted)
    return found
