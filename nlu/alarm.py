"""Two ears for danger, weighed against each other: the word list, and the part of the model that looks for danger only.

Each has what the other lacks. The list works without a server and can be read and mended by a midwife; the model's ear
has heard thousands of signs and look-alikes and knows wordings that nobody listed (docs/nlu.md has both, measured).
"""

from __future__ import annotations

from nlu.danger import DangerSign, only_sounds_dangerous

ALARM_FROM = 0.5
"""The model's ear is believed from here on where the list knows no danger word at all."""
ALARM_AGAINST_LIST_FROM = 0.9
"""And from here on where the list knows the words and takes them back ("tidak sesak", "dulu pernah kejang")."""
HARMLESS_BELOW = 0.03
"""A sign on the list is let go where the model's ear is this sure that nothing is wrong."""
NEVER_LET_GO = frozenset({"self_harm", "violence"})
"""Few people write of these, so the model has heard too little to overrule the list; when unsure, softly."""


def is_danger(text: str, *, sign: DangerSign | None, heard: float | None) -> bool:
    """Whether this message is an emergency.

    `sign` is what the word list found; `heard` the model's probability of danger for the whole text, None when no
    model read it: then the list alone decides.
    """
    if heard is None:
        return sign is not None
    if sign is not None:
        return sign.kind in NEVER_LET_GO or heard >= HARMLESS_BELOW
    if heard < ALARM_FROM:
        return False
    return heard >= ALARM_AGAINST_LIST_FROM or not only_sounds_dangerous(text)
