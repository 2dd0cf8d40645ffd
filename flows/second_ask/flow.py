"""Offers what a message asked for besides, once the first ask is served; the engine hears the yes."""

from __future__ import annotations

from flows.dialog import Ask, Flow, Say, Turn
from flows.resume.flow import read_go_on

TO_THE_WRITER = ("saya", "")

flow = Flow("second_ask", intents=(), is_answer=True)


@flow.step
def offer(turn: Turn) -> Ask:
    """Where the second ask is the first one again, for somebody else, it is said for whom."""
    who = turn.slot("who")
    values: dict[str, str] = {}
    reply = f"second_ask.{turn.slots['wish']}" if who is None else "second_ask.for_you"
    if who is not None and who not in TO_THE_WRITER:
        reply, values = "second_ask.for_somebody", {"orang": who.replace("_", " ")}
    return Ask(reply, parse=read_go_on, slot="go_on", then="dropped", values=values)


@flow.step
def dropped(turn: Turn) -> Say:
    return Say("second_ask.dropped")
