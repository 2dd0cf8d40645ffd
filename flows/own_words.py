"""Own words: takes our own warnings out of a message, so that an echo or forward of them is not taken for danger."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

from flows.replies import ReplyText
from nlu.danger import find_danger

RUN = 5
"""Words in a row that nobody writes just as we do by chance."""
ABOUT_DANGER = "emergency."
_WORD = re.compile(r"\w+")


class OwnWords:
    """Our texts that speak of danger, known again wherever they stand in a message, whole or cut off."""

    def __init__(self, replies: Mapping[str, ReplyText]) -> None:
        self._runs = frozenset(run for text in _warnings(replies) for run in _runs(_words(text)))

    def taken_out(self, text: str) -> str:
        """What the writer says beside them; the text as it came when none of ours is in it."""
        found = list(_WORD.finditer(text))
        words = [word.group().lower() for word in found]
        ours = {
            place for start, run in enumerate(_runs(words)) if run in self._runs for place in range(start, start + RUN)
        }
        if not ours:
            return text
        cuts = [(0, 0), *((word.start(), word.end()) for place, word in enumerate(found) if place in ours)]
        cuts.append((len(text), len(text)))
        left = "\n".join(text[end:start] for (_, end), (start, _) in pairwise(cuts))
        return "\n".join(line for line in left.splitlines() if _WORD.search(line)).strip()


def _warnings(replies: Mapping[str, ReplyText]) -> Iterable[str]:
    for key, reply in replies.items():
        values = {"pilihan": "", **reply.example}
        for text in (reply.text.format_map(values), reply.whatsapp.format_map(values)):
            if key.startswith(ABOUT_DANGER) or find_danger(text) is not None:
                yield text


def _words(text: str) -> list[str]:
    return [word.group().lower() for word in _WORD.finditer(text)]


def _runs(words: list[str]) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1)]
