"""Says honestly that BPJS data cannot be changed here, and where they can."""

from __future__ import annotations

from flows.dialog import Flow, Say, Turn

flow = Flow("change_membership_data", intents=("change_membership_data",), is_answer=True)


@flow.step
def where_to_change(turn: Turn) -> Say:
    return Say("change_membership_data.where_to_change")
