"""Doubt: what is done with a reading that the model is not sure of: act, confirm first, or offer what is likely.

The bands come from the held-out sentences: from 0.8 on 98 readings of a hundred are right, between 0.6 and 0.8 eight in
ten, below 0.6 half (docs/nlu.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.dialog import Flow, Turn
from flows.identity_numbers import without_numbers
from flows.running import Flows, said_by
from nlu.understanding import Understanding

ACT_FROM = 0.6
OFFER_BELOW = 0.4
MEANT = "meant"
SURE_GUESS = 0.75
"""Words alone, while the model is down or knows nothing, are right about a booking in four of five from here on."""
ACTS = frozenset({"book_queue", "reschedule_queue", "talk_to_staff"})
"""Flows that may act on the very message that starts them; the others ask before they change anything."""
NEVER_DOUBTED = frozenset({"greeting", "thanks", "goodbye", "menu", "out_of_scope", "emergency"})
ALWAYS_OFFERED = "talk_to_staff"
"""A person: 9 stands under every offer."""
SAID = "said."
WROTE = "wrote"
"""Slot for the message that was asked about: the flow reads it as if it had just been written."""
MOST_OFFERED = 2
_COMMAND = re.compile(r"/\w+_\w+|\{\s*\"")


def is_unsure(understanding: Understanding) -> bool:
    """Whether the model would be right only about every second time."""
    return understanding.by == "model" and understanding.confidence < OFFER_BELOW


def may_act_on(understanding: Understanding) -> bool:
    """Whether the reading is sure enough to change something without asking first.

    What the model knew too little about is not made sure by a guess from its words, and nobody's hand writes
    "/talk_to_staff" or JSON.
    """
    if _COMMAND.search(understanding.text):
        return False
    if understanding.by == "model":
        return understanding.confidence >= ACT_FROM
    return understanding.by != "keyword" or (understanding.confidence >= SURE_GUESS and not understanding.others)


def would_act(flow: Flow, turn: Turn) -> bool:
    """Whether the flow may change something on this very message: a guess without a value is asked for one anyway."""
    is_model = turn.heard.understanding.by == "model"
    return flow.name in ACTS and (is_model or flow.name == ALWAYS_OFFERED or bool(said_by(flow, turn)))


def doubted(flows: Flows, turn: Turn, flow: Flow) -> dict[str, str] | None:
    """Slots for the flow that asks what was meant; None when the reading may be followed at once."""
    understanding = turn.heard.understanding
    if flow.name in NEVER_DOUBTED:
        return None
    if is_unsure(understanding):
        likely = [flow.name, *_next_likely(flows, understanding, flow)][:MOST_OFFERED]
    elif would_act(flow, turn) and not may_act_on(understanding):
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
        if flow is not None and flow.name not in NEVER_DOUBTED | {first.name, ALWAYS_OFFERED}:
            yield flow.name
