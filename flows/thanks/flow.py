"""Answers thanks; in the middle of something only shortly."""

from __future__ import annotations

from flows.dialog import Flow, Say, Turn

flow = Flow("thanks", intents=("thanks",), is_answer=True)


@flow.step
def answer(turn: Turn) -> Say:
    return Say("thanks.short" if turn.slot("during") else "thanks.welcome")
