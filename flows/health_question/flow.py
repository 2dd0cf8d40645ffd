"""Questions for a doctor or midwife: never answered here; a queue number or a person is offered."""

from __future__ import annotations

from flows.dialog import Ask, Choice, Flow, Go, Result, Say, Switch, Turn
from flows.readers import read_choice

CHOICES = (Choice("book_queue", "Ambil antrian"), Choice("talk_to_staff", "Tanya petugas"))

flow = Flow("health_question", intents=("health_question",), is_answer=True)


@flow.step
def offer(turn: Turn) -> Result:
    if turn.slot("during"):
        return Say("health_question.during")
    return Go("ask", {"said": turn.text})


@flow.step
def ask(turn: Turn) -> Ask:
    return Ask("health_question.offer", parse=read_choice, slot="wish", then="chosen", choices=CHOICES)


@flow.step
def chosen(turn: Turn) -> Switch:
    """A person who takes over reads the question itself, not the digit."""
    if turn.slot("wish") == "talk_to_staff":
        return Switch("talk_to_staff", {"said": turn.slot("said") or turn.text})
    return Switch("book_queue")
