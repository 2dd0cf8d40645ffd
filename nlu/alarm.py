"""Two ears for danger, weighed against each other: the word list, and the part of the model that looks for danger only.

Each has what the other lacks. The list works without a server and can be read and mended by a midwife; the model's ear
has heard thousands of signs and look-alikes and knows wordings that nobody listed (docs/nlu.md has both, measured).
"""

from __future__ import annotations

from nlu.danger import DangerSign, is_taken_back

ALARM_FROM = 0.4
"""The model's ear is believed from here on where the list knows no sign at all."""
ALARM_AGAINST_LIST_FROM = 0.9
"""And from here on where the list knows a sign and takes it back ("tidak sesak", "dulu pernah kejang")."""
HARMLESS_BELOW = 0.05
"""A sign on the list is let go where the model's ear is this sure that nothing is wrong."""
SOFTLY_BELOW = 0.005
"""And this sure where it would be worst to be wrong; when unsure, softly."""
SOFTLY = frozenset({"self_harm", "violence"})


def is_danger(text: str, *, sign: DangerSign | None, heard: float | None) -> bool:
    """Whether this message is an emergency.

    `sign` is what the word list found; `heard` the model's probability of danger for the whole text, None when no
    model read it: then the list alone decides.
    """
    if heard is None:
        return sign is not None
    if sign is not None:
        return heard >= (SOFTLY_BELOW if sign.kind in SOFTLY else HARMLESS_BELOW)
    if heard < ALARM_FROM:
        return False
    return heard >= ALARM_AGAINST_LIST_FROM or not is_taken_back(text)
