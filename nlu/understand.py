"""Text in, Understanding out: danger words, whole-message keywords, the model, and what happens without it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from nlu.client import MODEL_THRESHOLD
from nlu.danger import find_danger, only_sounds_dangerous
from nlu.extract import extract
from nlu.guess import guess_intent
from nlu.keywords import has_yes_word, read_keyword
from nlu.understanding import INTENTS, Entity, Understanding

# The model slows down for everyone on long texts; staff still see the whole message.
LONGEST_FOR_MODEL = 400
# The model's own alarm is believed from here on, and only where no danger word was weighed and found harmless:
# below it half of its alarms are false. Then the writer is offered a nurse or what the words say, not an alarm.
SURE_OF_EMERGENCY = 0.6
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


class Parser(Protocol):
    """Reads one text; None when the model is down or too slow."""

    def parse(self, text: str) -> Reading | None: ...


@dataclass(frozen=True)
class Understander:
    """The whole pipeline for a message that no open step of a conversation has claimed."""

    parser: Parser | None = None
    threshold: float = MODEL_THRESHOLD
    sure_of_emergency: float = SURE_OF_EMERGENCY

    def understand(self, text: str, *, today: date) -> Understanding:
        """Never raises on any text; `text` in the answer is the message as it came."""
        danger = find_danger(text)
        if danger is not None:
            entities = extract(text, today=today)
            return Understanding(text, "emergency", 1.0, entities, danger=danger.kind, by="danger")
        if not _says_something(text):
            return Understanding(text, "out_of_scope", 0.0, by="none")
        keyword = read_keyword(text)
        if keyword is not None:
            return Understanding(text, keyword.intent, 1.0, extract(text, today=today), by="keyword")
        return self._by_model(text, today=today)

    def _by_model(self, text: str, *, today: date) -> Understanding:
        found = extract(text, today=today)
        reading = self.parser.parse(for_model(text)) if self.parser is not None else None
        if reading is None:
            return _guessed(text, found)
        if reading.intent not in INTENTS or reading.confidence < self.threshold:
            return _unsure(text, found, reading)
        intent = self._trusted_intent(text, reading)
        others = tuple(name for name, _ in reading.ranking if name != intent)[:OTHERS]
        entities = _joined(found, reading.entities)
        return Understanding(text, intent, reading.confidence, entities, by="model", others=others)

    def _trusted_intent(self, text: str, reading: Reading) -> str:
        """The model's intent, another where it may not be believed."""
        if reading.intent == "affirm" and not has_yes_word(text):
            return "out_of_scope"
        if reading.intent != "emergency":
            return reading.intent
        if reading.confidence >= self.sure_of_emergency and not only_sounds_dangerous(text):
            return "emergency"
        guess = guess_intent(text)
        return guess[0] if guess is not None else "health_question"


def for_model(text: str) -> str:
    """The text as the model may see it: short, and never a command ("/restart")."""
    return text.strip().lstrip("/ \t\n")[:LONGEST_FOR_MODEL]


def _says_something(text: str) -> bool:
    return any(char.isascii() and char.isalnum() for char in unicodedata.normalize("NFKC", text[:4000]))


def _unsure(text: str, found: tuple[Entity, ...], reading: Reading) -> Understanding:
    """Below the threshold plain words may still say what is wanted; else nothing is understood."""
    guess = guess_intent(text)
    if guess is None:
        return Understanding(text, "out_of_scope", reading.confidence, _joined(found, reading.entities), by="model")
    return Understanding(text, guess[0], guess[1], _joined(found, reading.entities), by="keyword")


def _guessed(text: str, found: tuple[Entity, ...]) -> Understanding:
    guess = guess_intent(text)
    if guess is None:
        return Understanding(text, "out_of_scope", 0.0, found, by="none")
    return Understanding(text, guess[0], guess[1], found, by="keyword")


def _joined(found: tuple[Entity, ...], models: tuple[Entity, ...]) -> tuple[Entity, ...]:
    """Our own readings, and the model's for kinds that we did not find."""
    kinds = {entity.entity for entity in found}
    return found + tuple(entity for entity in models if entity.entity not in kinds)
