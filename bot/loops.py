"""Loops: tells staff, once, that a machine goes round and round with us."""

from __future__ import annotations

from collections.abc import Mapping

from clinic.standing import Standing
from flows.dialog import Turn
from flows.gates import LOOPS
from flows.render import Prompt, render
from flows.replies import ReplyText

TOPIC = "loop"
SILENCES = frozenset(verdict.value for verdict in LOOPS)


def tell_of_loop(turn: Turn, standing: Standing, *, replies: Mapping[str, ReplyText], written: str) -> None:
    """One case when it begins; of what sounds like danger an urgent one stands, whoever wrote it."""
    if any(before.silence in SILENCES for before in standing.written_before):
        return
    is_danger = turn.heard.understanding.intent == "emergency"
    kind = "emergency" if is_danger else "handover"
    if not is_danger and any(case.topic == TOPIC and case.state != "closed" for case in turn.desk.cases()):
        return
    note = render(replies, (Prompt("everywhere.loop_case"),), channel="sms")
    topic = (turn.heard.understanding.danger or "unnamed") if is_danger else TOPIC
    turn.desk.open_case(kind=kind, topic=topic, text=f"{note}\n{written}", urgent=is_danger)
