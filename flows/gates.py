"""Gates: whether a message goes on to the dialog, gets a fixed answer instead, or is left to staff."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from clinic.facility import Limits
from clinic.standing import Standing
from flows.dialog import Heard

HEARD_AFTER_STOP = {"start", "staff", "stop", "not_me"}


class Verdict(Enum):
    """What happens to a message before the dialog hears it."""

    GO_ON = "go on"
    COME_BACK = "come back"
    """The patient called the bot back from a conversation that staff hold."""
    SILENT = "silent"
    HINT = "hint"
    """The contact said stop: tell once more how to start again."""
    FLOOD = "flood"
    """Too many messages: one answer and a case, then silence."""


@dataclass(frozen=True)
class Gate:
    """The rules that stand before the dialog, in this order: danger, stop words, a person's hand, flood, consent."""

    limits: Limits

    def judge(self, standing: Standing, heard: Heard) -> Verdict:
        """Danger and stop words always pass; else staff, flood and consent are looked at in turn."""
        if heard.understanding.danger is not None or heard.keyword == "stop":
            return Verdict.GO_ON
        if standing.is_with_staff:
            return Verdict.COME_BACK if heard.keyword == "menu" else Verdict.SILENT
        if standing.recent_messages > self.limits.flood_messages:
            first_above = standing.recent_messages == self.limits.flood_messages + 1
            return Verdict.FLOOD if first_above else Verdict.SILENT
        if standing.has_opted_out and heard.keyword not in HEARD_AFTER_STOP:
            return Verdict.HINT
        return Verdict.GO_ON
