"""Messages again, for who once said stop."""

from __future__ import annotations

from flows.dialog import Flow, Say, Turn

flow = Flow("start_messages", intents=())


@flow.step
def start(turn: Turn) -> Say:
    turn.desk.start_messages()
    return Say("start_messages.started")
