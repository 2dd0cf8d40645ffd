"""Asks whether to go on with what was left open some time ago; the engine hears the yes."""

from __future__ import annotations

from flows.dialog import Ask, Flow, Heard, Say, Turn
from flows.readers import read_yes_no, reader

QUESTIONS = {
    "book_queue": "resume.booking",
    "reschedule_queue": "resume.moving",
    "file_complaint": "resume.complaining",
}

flow = Flow("resume", intents=())


@reader
def read_go_on(heard: Heard) -> str:
    """Yes or no, where "lanjut" is a yes."""
    return "yes" if heard.keyword in ("continue", "resume") else read_yes_no(heard)


@flow.step
def go_on(turn: Turn) -> Ask:
    question = QUESTIONS.get(turn.slot("flow") or "", "resume.unfinished")
    return Ask(question, parse=read_go_on, slot="go_on", then="dropped")


@flow.step
def dropped(turn: Turn) -> Say:
    return Say("resume.dropped")
