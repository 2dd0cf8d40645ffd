"""Doubt: what is done with a reading that the model is not sure of: act, confirm first, or offer what is likely.

The bands come from the held-out sentences: from 0.6 on nine readings in ten are right, between 0.4 and 0.6 seven,
below 0.4 half (docs/nlu.md).
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.dialog import Flow, Turn
from flows.identity_numbers import without_numbers
from flows.running import Flows, said_by
from nlu.understanding import Understanding

ACT_FROM = 0.6
OFFER_BELOW = 0.4
MEANT = "meant"
ACTS = frozenset({"book_queue"})
"""Flows that may act on the very message that starts them; the others ask before they change anything."""
NEVER_DOUBTED = frozenset({"greeting", "thanks", "goodbye", "menu", "out_of_scope", "emergency", "talk_to_staff"})
SAID = "said."
WROTE = "wrote"
"""Slot for the message that was asked about: the flow reads it as if it had just been written."""
MOST_OFFERED = 2


def is_unsure(understanding: Understanding) -> bool:
    """Whether the model would be right only about every second time."""
    return understanding.by == "model" and understanding.confidence < OFFER_BELOW


def doubted(flows: Flows, turn: Turn, flow: Flow) -> dict[str, str] | None:
    """Slots for the flow that asks what was meant; None when the reading may be followed at once."""
    understanding = turn.heard.understanding
    if understanding.by != "model" or flow.name in NEVER_DOUBTED:
        return None
    if is_unsure(understanding):
        likely = [flow.name, *_next_likely(flows, understanding, flow)][:MOST_OFFERED]
    elif flow.name in ACTS and understanding.confidence < ACT_FROM:
        likely = [flow.name]
    else:
        return None
    said = {f"{SAID}{WROTE}": without_numbers(turn.text)}
    for name in reversed(likely):
        said |= {f"{SAID}{slot}": value for slot, value in said_by(flows.named(name), turn).items()}
    return {"likely": ",".join(likely), **said}


def _next_likely(flows: Flows, understanding: Understanding, first: Flow) -> Iterator[str]:
    for intent in understanding.others:
        flow = flows.by_intent.get(intent)
        if flow is not None and flow.name not in NEVER_DOUBTED | {first.name}:
            yield flow.name
