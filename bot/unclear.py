"""Unclear: notes a message that was not surely understood, so that staff can say what it meant."""

from __future__ import annotations

from datetime import datetime

from clinic.database import Session
from clinic.unclear_messages import note_unclear
from flows.doubt import ACT_FROM, OFFER_BELOW
from flows.running import Outcome
from nlu.understanding import Understanding

LOW, MIDDLE = "low", "middle"


def note_if_unclear(
    db: Session, inbound_id: int, understanding: Understanding, outcome: Outcome, *, now: datetime
) -> None:
    """Keep the reading for the page of unclear messages, in the transaction that answers; most turns write nothing."""
    band = None if outcome.took_answer else band_of(understanding)
    if band is None:
        return
    note_unclear(
        db,
        inbound_id,
        band=band,
        intent=understanding.intent,
        confidence=understanding.confidence,
        others=understanding.others,
        now=now,
    )


def band_of(understanding: Understanding) -> str | None:
    """How unsure the reading is: "middle", "low", or None for one that is followed, or that no model could learn.

    Danger, answers that a step took and whole-message keywords are sure. A guess by words counts by its own
    certainty while the model is down; where the model was asked and knew too little, the guess is one of the lowest
    band, and `others` holds what the model had in mind.
    """
    if understanding.danger is not None or understanding.intent == "emergency" or understanding.by == "step":
        return None
    if not any(sign.isalpha() for sign in understanding.text):
        return None
    if understanding.by == "none" or (understanding.by == "keyword" and understanding.others):
        return LOW
    if understanding.confidence < OFFER_BELOW:
        return LOW
    return MIDDLE if understanding.confidence < ACT_FROM else None
