"""A small flow of two questions and an act, a desk that only writes down, and turns to play them with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from clinic.desk import Desk
from clinic.facility import Session
from clinic.facility_file import load_facility
from flows.catalogue import FLOWS
from flows.dialog import Act, Ask, Choice, Flow, Go, Heard, Result, Say, Turn
from flows.engine import advance
from flows.readers import read_choice, read_free_text
from flows.running import Outcome, collect
from flows.state import DialogState
from nlu.keywords import read_keyword
from nlu.understanding import Entity, Understanding

FACILITY = load_facility(Path(__file__).resolve().parents[2] / "puskesmas.yml")
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=FACILITY.zone)
CHOICES = (Choice("umum", "Umum"), Choice("gigi", "Gigi"))
ASK_FIRST, ASK_STORY, DONE, TAKEN_BACK = "menu.main", "file_complaint.ask_story", "menu.way_out", "greeting.hello"


@dataclass
class DeskBook:
    """Writes down what the engine's own flows do at the desk."""

    cases: list[tuple[str, str]] = field(default_factory=list)
    handed: int = 0

    def open_case(self, *, topic: str, text: str, **case: Any) -> None:
        self.cases.append((topic, text))

    def hand_to_staff(self) -> None:
        self.handed += 1

    def last_reminder(self) -> None:
        return None

    def people(self) -> tuple[()]:
        return ()

    def open_sessions(self, poli: str, day: date) -> tuple[Session, ...]:
        return FACILITY.sessions_on(poli, day)


def two_questions() -> Flow:
    """A flow of two questions and an act that can be taken back."""
    flow = Flow("toy", intents=("toy",), takes={"poli": "first"}, resumes=True)

    @flow.step
    def first(turn: Turn) -> Result:
        if turn.slot("first"):
            return Go("second")
        return Ask(ASK_FIRST, parse=read_choice, slot="first", then="second", choices=CHOICES)

    @flow.step
    def second(turn: Turn) -> Result:
        return Ask(ASK_STORY, parse=read_free_text, slot="story", then="done", takes_anything=True)

    @flow.step
    def done(turn: Turn) -> Say:
        return Say(DONE, {"first": turn.slots["first"]}, act=Act("toy", "did", 7))

    @flow.undoes
    def take_back(turn: Turn, act: Act) -> Say:
        return Say(TAKEN_BACK, {"row": str(act.row)})

    return flow


TOY = two_questions()
ALL = collect((*FLOWS.by_name.values(), TOY))


def turn_of(
    text: str,
    intent: str = "out_of_scope",
    *,
    desk: DeskBook | None = None,
    after: timedelta = timedelta(),
    poli: str | None = None,
) -> Turn:
    keyword = read_keyword(text)
    entities = (Entity("poli", poli, poli),) if poli else ()
    understanding = Understanding(text, keyword.intent if keyword else intent, 0.9, entities, by="model")
    heard = Heard(understanding, today=FACILITY.today(NOW), keyword=keyword.name if keyword else None)
    return Turn(heard, {}, cast(Desk, desk or DeskBook()), FACILITY, NOW + after, channel="sms")


def said(outcome: Outcome) -> list[str]:
    return [prompt.reply for prompt in outcome.prompts]


def asked_first() -> DialogState:
    return advance(ALL, turn_of("mulai mainan", "toy"), DialogState()).state


def asked_story() -> DialogState:
    return advance(ALL, turn_of("gigi"), asked_first()).state


def done_state() -> DialogState:
    return advance(ALL, turn_of("lama sekali"), asked_story()).state
