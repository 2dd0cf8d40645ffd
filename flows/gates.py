"""Gates: whether a message goes on to the dialog, gets a fixed answer instead, or is left to staff."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from clinic.facility import Limits
from clinic.standing import Standing
from flows.dialog import Heard
from flows.loops import PING_PONG, answers_at_once, is_machine, repeats_itself

HEARD_AFTER_STOP = {"start", "staff", "stop", "not_me"}


class Verdict(Enum):
    """What happens to a message before the dialog hears it."""

    GO_ON = "go on"
    COME_BACK = "come back"
    """The patient called the bot back from a conversation that staff hold."""
    SILENT = "silent"
    AUTO_REPLY = "auto_reply"
    """A machine's own words: nobody waits for an answer."""
    LOOP = "loop"
    """The same text again and again: silence, and a case when it begins."""
    PING_PONG = PING_PONG
    """Answers to ours that come faster than anybody types: the same."""
    HINT = "hint"
    """The contact said stop: tell once more how to start again."""
    FLOOD = "flood"
    """Too many messages: one answer and a case, then silence."""


LOOPS = frozenset((Verdict.LOOP, Verdict.PING_PONG))
UNANSWERED = LOOPS | {Verdict.SILENT, Verdict.AUTO_REPLY}


@dataclass(frozen=True)
class Gate:
    """The rules before the dialog, in this order: danger, stop words, a person's hand, machines, flood, consent."""

    limits: Limits

    def judge(self, standing: Standing, heard: Heard) -> Verdict:
        """Danger always passes, unless the same words came again and again; so does a stop that was not confirmed yet.

        Else a person's hand, machines, flood and consent are looked at in turn.
        """
        if heard.understanding.intent == "emergency":
            return self._judge_danger(standing, heard)
        if heard.keyword == "stop":
            return Verdict.SILENT if standing.stopped_lately else Verdict.GO_ON
        if standing.is_with_staff:
            return Verdict.COME_BACK if heard.keyword == "menu" else Verdict.SILENT
        if is_machine(standing):
            return Verdict.AUTO_REPLY
        if repeats_itself(standing, self.limits):
            return Verdict.LOOP
        if answers_at_once(standing, self.limits):
            return Verdict.PING_PONG
        if standing.recent_messages > self.limits.flood_messages:
            was_below = standing.messages_before <= self.limits.flood_messages
            return Verdict.FLOOD if was_below else Verdict.SILENT
        if standing.has_opted_out and heard.keyword not in HEARD_AFTER_STOP:
            return Verdict.HINT
        return Verdict.GO_ON

    def _judge_danger(self, standing: Standing, heard: Heard) -> Verdict:
        """A machine's own words are a danger only where the word list finds one: hospitals' notes speak of it too."""
        if heard.understanding.danger is None and is_machine(standing):
            return Verdict.AUTO_REPLY
        return Verdict.LOOP if repeats_itself(standing, self.limits) else Verdict.GO_ON
