"""Text in, Understanding out: danger words, whole-message keywords, the model, and what happens without it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from nlu.alarm import is_danger
from nlu.client import MODEL_THRESHOLD
from nlu.danger import find_danger
from nlu.extract import extract
from nlu.guess import guess_intent
from nlu.keywords import has_yes_word, read_keyword
from nlu.two_asks import with_asks
from nlu.understanding import INTENTS, Entity, Understanding

# The model slows down for everyone on long texts; staff still see the whole message.
LONGEST_FOR_MODEL = 400
OTHERS = 3


class Reading(Protocol):
    """What the model makes of a text."""

    @property
    def intent(self) -> str: ...

    @property
    def confidence(self) -> float: ...

    @property
    def ranking(self) -> tuple[tuple[str, float], ...]: ...

    @property
    def entities(self) -> tuple[Entity, ...]: ...

    @property
    def danger(self) -> float | None: ...


class Parser(Protocol):
    """Reads one text; None when the model is down or too slow."""

    def parse(self, text: str) -> Reading | None: ...


@dataclass(frozen=True)
class _Once:
    """A parser that reads each text once, for the time of one message."""

    parser: Parser
    readings: dict[str, Reading | None] = field(default_factory=dict)

    def parse(self, text: str) -> Reading | None:
        if text not in self.readings:
            self.readings[text] = self.parser.parse(text)
        return self.readings[text]


@dataclass(frozen=True)
class Understander:
    """The whole pipeline for a message that no open step of a conversation has claimed."""

    parser: Parser | None = None
    threshold: float = MODEL_THRESHOLD

    def for_one_message(self) -> Understander:
        """The same, asking the parser only once about one text, however many questions are put about it."""
        if self.parser is None or isinstance(self.parser, _Once):
            return self
        return replace(self, parser=_Once(self.parser))

    def understand(self, text: str, *, today: date) -> Understanding:
        """Never raises on any text; `text` in the answer is the message as it came."""
        return self.for_one_message()._understand(text, today=today)

    def danger_in(self, text: str, *, today: date) -> Understanding | None:
        """The emergency that this message tells of, by word list and model together; None when there is none.

        A message that is a keyword ("1", "batal", "iya") is not shown to the model.
        """
        sign = find_danger(text)
        if sign is not None:
            # What stands behind the cut is not heard by the model, which may not overrule it then.
            heard = self._heard(text) if len(text) <= LONGEST_FOR_MODEL else None
        else:
            heard = self._heard(text) if _says_something(text) and read_keyword(text) is None else None
        if not is_danger(text, sign=sign, heard=heard):
            return None
        entities = extract(text, today=today)
        if sign is None:
            return Understanding(text, "emergency", heard or 1.0, entities, by="model")
        return Understanding(text, "emergency", 1.0, entities, danger=sign.kind, by="danger")

    def _heard(self, text: str) -> float | None:
        reading = self.parser.parse(for_model(text)) if self.parser is not None else None
        if reading is None:
            return None
        return reading.danger if reading.danger is not None else dict(reading.ranking).get("emergency", 0.0)

    def _understand(self, text: str, *, today: date) -> Understanding:
        danger = self.danger_in(text, today=today)
        if danger is not None:
            return danger
        if not _says_something(text):
            return Understanding(text, "out_of_scope", 0.0, by="none")
        keyword = read_keyword(text)
        if keyword is not None:
            return Understanding(text, keyword.intent, 1.0, extract(text, today=today), by="keyword")
        return with_asks(self._by_model(text, today=today), lambda clause: self._by_model(clause, today=today))

    def _by_model(self, text: str, *, today: date) -> Understanding:
        found = extract(text, today=today)
        reading = self.parser.parse(for_model(text)) if self.parser is not None else None
        if reading is None:
            return _guessed(text, found)
        ranking = _trusted(text, reading)
        if not ranking or ranking[0][1] < self.threshold:
            return _unsure(text, found, reading)
        intent, confidence = ranking[0]
        others = tuple(name for name, _ in ranking[1:])[:OTHERS]
        return Understanding(text, intent, confidence, _joined(found, reading.entities), by="model", others=others)


def _trusted(text: str, reading: Reading) -> list[tuple[str, float]]:
    """The model's ranking without what it may not decide here, and without intents that we do not know.

    Danger has been weighed by then, so "emergency" is out; a yes needs a word for yes (emoji alone were read as one).
    """
    ranking = [(intent, share) for intent, share in reading.ranking if intent in INTENTS and intent != "emergency"]
    if ranking and ranking[0][0] == "affirm" and not has_yes_word(text):
        return [("out_of_scope", ranking[0][1]), *ranking[1:]]
    return ranking


def for_model(text: str) -> str:
    """The text as the model may see it: short, and never a command ("/restart")."""
    return text.strip().lstrip("/ \t\n")[:LONGEST_FOR_MODEL]


def _says_something(text: str) -> bool:
    return any(char.isascii() and char.isalnum() for char in unicodedata.normalize("NFKC", text[:4000]))


def _unsure(text: str, found: tuple[Entity, ...], reading: Reading) -> Understanding:
    """Below the threshold plain words may still say what is wanted; else nothing is understood."""
    guess, entities = guess_intent(text), _joined(found, reading.entities)
    intent = guess[0] if guess is not None else "out_of_scope"
    others = tuple(name for name, _ in reading.ranking if name in INTENTS and name != intent)[:OTHERS]
    if guess is None:
        return Understanding(text, intent, reading.confidence, entities, by="model", others=others)
    return Understanding(text, intent, guess[1], entities, by="keyword", others=others)


def _guessed(text: str, found: tuple[Entity, ...]) -> Understanding:
    guess = guess_intent(text)
    if guess is None:
        return Understanding(text, "out_of_scope", 0.0, found, by="none")
    return Understanding(text, guess[0], guess[1], found, by="keyword")


def _joined(found: tuple[Entity, ...], models: tuple[Entity, ...]) -> tuple[Entity, ...]:
    """Our own readings, and the model's for kinds that we did not find."""
    kinds = {entity.entity for entity in found}
    return found + tuple(entity for entity in models if entity.entity not in kinds)
