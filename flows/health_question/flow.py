"""Questions for a doctor or midwife: never answered here; a queue number or a person is offered."""

from __future__ import annotations

from flows.dialog import Ask, Choice, Flow, Result, Say, Switch, Turn
from flows.readers import read_choice

CHOICES = (Choice("book_queue", "Ambil antrian"), Choice("talk_to_staff", "Tanya petugas"))

flow = Flow("health_question", intents=("health_question",), is_answer=True)


@flow.step
def offer(turn: Turn) -> Result:
    if turn.slot("during"):
        return Say("health_question.during")
    return Ask("health_question.offer", parse=read_choice, slot="wish", then="chosen", choices=CHOICES)


@flow.step
def chosen(turn: Turn) -> Switch:
    return Switch(str(turn.slot("wish")))
