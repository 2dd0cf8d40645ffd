"""Says honestly that past visits cannot be seen here, and who can look them up."""

from __future__ import annotations

from flows.dialog import Flow, Say, Turn

flow = Flow("visit_history", intents=("visit_history",), is_answer=True)


@flow.step
def who_can_look(turn: Turn) -> Say:
    return Say("visit_history.who_can_look")
