"""Answers a goodbye."""

from __future__ import annotations

from flows.dialog import Flow, Say, Turn

flow = Flow("goodbye", intents=("goodbye",), is_answer=True)


@flow.step
def part(turn: Turn) -> Say:
    return Say("goodbye.short" if turn.slot("during") else "goodbye.bye")
