"""No more messages: at once for the word STOP, after one question when it was only understood that way."""

from __future__ import annotations

from flows.dialog import Ask, Flow, Result, Say, Turn
from flows.readers import read_yes_no

flow = Flow("stop_messages", intents=("stop_messages",))


@flow.step
def hear(turn: Turn) -> Result:
    if turn.heard.keyword == "stop":
        return _stop(turn)
    return Ask("stop_messages.sure", parse=read_yes_no, slot="sure", then="settle", simpler="stop_messages.sure")


@flow.step
def settle(turn: Turn) -> Say:
    return _stop(turn) if turn.slot("sure") == "yes" else Say("stop_messages.kept")


def _stop(turn: Turn) -> Say:
    turn.desk.stop_messages()
    return Say("stop_messages.stopped")
