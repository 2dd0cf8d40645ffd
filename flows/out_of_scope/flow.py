"""What is not ours or was not understood: says kindly what Sapa can do."""

from __future__ import annotations

from flows.dialog import Flow, Say, Turn

flow = Flow("out_of_scope", intents=("out_of_scope",), is_answer=True)


@flow.step
def explain(turn: Turn) -> Say:
    return Say("out_of_scope.what_i_can")
