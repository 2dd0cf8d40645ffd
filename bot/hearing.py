"""Hearing: what a burst of messages says: danger first, then what is open, then keywords and the model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.bursts import Burst
from clinic.facility import Facility
from flows.dialog import Heard
from flows.engine import COMMANDS, answers_open_question
from flows.own_words import OwnWords
from flows.state import DialogState
from nlu.danger import find_danger
from nlu.extract import extract
from nlu.keywords import read_keyword
from nlu.understand import Understander
from nlu.understanding import Understanding

ANSWERS_REMINDER = frozenset(("digit", "yes", "no"))


@dataclass(frozen=True)
class Ears:
    """What hearing needs; it looks nothing up and takes as long as the parser does."""

    understander: Understander
    facility: Facility
    own_words: OwnWords

    def hear(self, burst: Burst, state: DialogState, *, now: datetime, reminder_waits: bool = False) -> Heard:
        """What is said, of a danger all that was written.

        Danger is looked for in everything, however long; the rest is read from its beginning. A digit or keyword
        behind words is heard alone where it fits what is open, as that was seen; else all is read together.
        """
        today, written = self.facility.today(now), burst.whole.text
        understander = self.understander.for_one_message()
        text = self.own_words.taken_out(written)
        danger = self._danger_in(burst, text, understander, today=today)
        if danger is not None:
            return Heard(understanding=replace(danger, text=written), today=today)
        if written.strip() and not text:
            return Heard(Understanding("", "out_of_scope", 0.0, by="none"), today=today)
        if burst.answer is not None:
            alone = self._plain(burst.answer, today=today)
            if self._fits(alone, state, now=now, reminder_waits=reminder_waits):
                return alone
        text = text[: self.facility.limits.max_text]
        heard = self._plain(text, today=today)
        if answers_open_question(state, heard):
            return heard
        return replace(heard, understanding=understander.understand(text, today=today))

    def _danger_in(self, burst: Burst, text: str, understander: Understander, *, today: date) -> Understanding | None:
        """Danger in all that was said, or in any one message by itself: what stands beside it takes nothing back."""
        for part in (text, *self._parts(burst)):
            danger = understander.danger_in(part, today=today) if part else None
            if danger is not None:
                return danger
        return None

    def _parts(self, burst: Burst) -> Iterator[str]:
        if len(burst.texts) < 2:
            return
        in_one_line = self.own_words.taken_out(" ".join(burst.texts))
        if find_danger(in_one_line) is not None:
            yield in_one_line
        for text in burst.texts:
            yield self.own_words.taken_out(text)

    def _plain(self, text: str, *, today: date) -> Heard:
        """The text with what plain rules find in it: enough where the open question takes it."""
        keyword = read_keyword(text)
        entities = extract(text, today=today)
        understanding = Understanding(text=text, intent="out_of_scope", confidence=1.0, entities=entities, by="step")
        return Heard(understanding=understanding, today=today, keyword=keyword.name if keyword is not None else None)

    def _fits(self, heard: Heard, state: DialogState, *, now: datetime, reminder_waits: bool) -> bool:
        """Whether a digit or keyword says enough by itself, whatever words came just before it."""
        if heard.keyword in COMMANDS:
            return True
        question = state.question
        if question is None:
            return reminder_waits and heard.keyword in ANSWERS_REMINDER
        lasts = timedelta(minutes=self.facility.limits.resume_after_minutes)
        if question.takes_anything or (state.asked_at is not None and now - state.asked_at > lasts):
            return False
        return answers_open_question(state, heard)
