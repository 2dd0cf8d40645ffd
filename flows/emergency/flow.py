"""Danger: one fixed text, never a question, and an urgent case for staff, every time."""

from __future__ import annotations

from flows.dialog import Flow, Say, Turn

OWN_TEXTS = {"self_harm": "emergency.self_harm", "violence": "emergency.violence"}

flow = Flow("emergency", intents=("emergency",))


@flow.step
def warn(turn: Turn) -> Say:
    danger = turn.heard.understanding.danger
    turn.desk.open_case(kind="emergency", topic=danger or "unnamed", text=turn.text, urgent=True)
    if danger in OWN_TEXTS:
        return Say(OWN_TEXTS[danger])
    if turn.facility.emergency_phone is None:
        return Say("emergency.danger")
    return Say("emergency.danger_with_phone", {"telepon": turn.facility.emergency_phone})
