"""Bursts: several short messages in a row are one thought; what waits for the rest of it, and what is read as one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from bot.pieces import FRAGMENT
from clinic.conversations import Pause
from clinic.facility import Limits
from clinic.inbound import InboundView
from nlu.auto_replies import is_auto_reply
from nlu.danger import find_danger
from nlu.keywords import read_keyword

COMPLETE = frozenset("digit menu staff undo cancel yes no continue stop start not_me".split())
"""Keywords that nothing is waited for behind; a greeting or a thank-you seldom comes alone."""
TAKES_BACK = frozenset(("undo", "cancel"))
"""These are about what was said before: that is heard first, by itself."""
WITHOUT_PAUSE = frozenset(("console",))
"""Channels whose messages are whole: a line ends with the key that sends it."""
WHOLE_STORY = 240
"""Letters: whoever writes so much in one message has said it."""
_FIGURES = re.compile(r"\s*[+]?\d[\d\s.,/+:-]*")


@dataclass(frozen=True)
class Burst:
    """What one turn answers, with one reply: messages of one contact, in order of arrival."""

    messages: tuple[InboundView, ...]
    is_closed: bool = False
    """Words came first, and the last message is a digit, a figure or a keyword."""

    @property
    def last(self) -> InboundView:
        return self.messages[-1]

    @property
    def earlier_ids(self) -> tuple[int, ...]:
        return tuple(message.id for message in self.messages[:-1])

    @property
    def answer(self) -> str | None:
        """The digit or keyword that words came before: it may answer what is open all by itself."""
        return self.last.text if self.is_closed else None

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """What was written, each text once, and of a person and a machine on one phone the person's alone."""
        once = {_plain(message.text): message.text for message in self.messages if message.text.strip()}
        return tuple(text for text in once.values() if not is_auto_reply(text)) or tuple(once.values())

    @property
    def whole(self) -> InboundView:
        """The burst as one message: the last one, with all words and all media."""
        if len(self.messages) == 1:
            return self.last
        media = tuple(part for message in self.messages for part in message.media)
        is_part = not self.is_closed and any(FRAGMENT in message.extra for message in self.messages)
        part = {FRAGMENT: True} if is_part else {}
        return replace(self.last, text="\n".join(self.texts), media=media, extra={**part, **self.last.extra})

    def with_last(self, meant: InboundView) -> Burst:
        """The same with the last message as it is to be heard."""
        return replace(self, messages=(*self.messages[:-1], meant))


def pause_after(text: str, *, channel: str, extra: Mapping[str, Any], limits: Limits) -> Pause | None:
    """How long a message waits for more of the same thought; None for what is answered at once: danger, digits, taps.

    Cheap and pure: a webhook asks it while the provider waits.
    """
    if limits.burst_seconds == 0 or channel in WITHOUT_PAUSE or len(text) > WHOLE_STORY:
        return None
    if is_complete(text, extra) or find_danger(text) is not None:
        return None
    return Pause(seconds=limits.burst_seconds, longest_seconds=limits.burst_longest_seconds)


def is_complete(text: str, extra: Mapping[str, Any]) -> bool:
    """Whether nothing more is needed: a tap, a figure, a word that stands for an answer or a command."""
    if "tapped" in extra or _FIGURES.fullmatch(text):
        return True
    keyword = read_keyword(text) if len(text) <= WHOLE_STORY else None
    return keyword is not None and keyword.name in COMPLETE


def next_burst(waiting: Sequence[InboundView]) -> Burst:
    """What is answered next of all that waits.

    Words are read together. A digit or keyword ends what it came behind; pressed twice it counts once. Where one
    message tells of danger, all words are read with it, before any digit.
    """
    if any(find_danger(message.text) for message in waiting):
        return Burst(tuple(message for message in waiting if not _closes(message)))
    for place, message in enumerate(waiting):
        if not _closes(message):
            continue
        if place and _takes_back(message):
            return Burst(tuple(waiting[:place]))
        end = place + 1
        while end < len(waiting) and _plain(waiting[end].text) == _plain(message.text):
            end += 1
        return Burst(tuple(waiting[:end]), is_closed=place > 0)
    return Burst(tuple(waiting))


def _closes(message: InboundView) -> bool:
    return is_complete(message.text, message.extra) and find_danger(message.text) is None


def _takes_back(message: InboundView) -> bool:
    keyword = read_keyword(message.text)
    return keyword is not None and keyword.name in TAKES_BACK


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
