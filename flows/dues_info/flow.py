"""Says honestly that dues cannot be seen here, and where they can."""

from __future__ import annotations

from flows.dialog import Flow, Say, Turn

flow = Flow("dues_info", intents=("dues_info",), is_answer=True)


@flow.step
def where_to_ask(turn: Turn) -> Say:
    return Say("dues_info.where_to_ask")
