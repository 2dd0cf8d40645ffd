"""Loops: tells a machine that answers us without end from a person who writes much."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from clinic.facility import Limits
from clinic.standing import Standing, Written
from nlu.auto_replies import is_auto_reply
from nlu.keywords import read_keyword
from nlu.normalise import clean, words_of

ANSWERS = frozenset(("digit", "yes", "no", "continue"))
"""A person who books for the whole family taps 1 again and again."""
LONG_MESSAGE_WORDS = 4
"""So much nobody reads, thinks and types within a few seconds, many times on end."""
PING_PONG = "ping_pong"
_FIGURES = re.compile(r"\d+(?:[.,/:-]\d+)*")


def is_machine(standing: Standing) -> bool:
    """Whether all that is taken up now are automatic replies: nobody waits for an answer to them."""
    said = [written.text for written in standing.now_written if written.text.strip()]
    return bool(said) and all(is_auto_reply(text) for text in said)


def repeats_itself(standing: Standing, limits: Limits) -> bool:
    """The same text, figures left out, was answered often enough before."""
    shapes = {shape_of(written.text) for written in standing.now_written}
    if "" in shapes or any(_is_answer(written.text) for written in standing.now_written):
        return False
    before = Counter(shape_of(written.text) for written in standing.written_before)
    return bool(shapes) and all(before[shape] >= limits.same_text_messages for shape in shapes)


def answers_at_once(standing: Standing, limits: Limits) -> bool:
    """One long message after another, each within a moment of ours; then silence, until none of them comes a while."""
    if not _are_long(standing.now_written):
        return False
    if standing.written_before and standing.written_before[-1].silence == PING_PONG:
        return True
    in_a_row = 0
    before: Written | None = None
    for written in (*standing.written_before, *standing.now_written):
        is_fast = _is_fast(written, before, seconds=limits.ping_pong_seconds, runs=in_a_row > 0)
        in_a_row, before = (in_a_row + 1 if is_fast else 0), written
    return in_a_row > limits.ping_pong_messages


def shape_of(text: str) -> str:
    """The words of a text without figures: "Pesan no. 12 kami terima" and "Pesan no. 13 kami terima" are one."""
    return " ".join(words_of(_FIGURES.sub(" ", clean(text)))) or " ".join(text.split())


def _is_fast(written: Written, before: Written | None, *, seconds: float, runs: bool) -> bool:
    if not _are_long((written,)):
        return False
    if written.follows is not None and written.follows <= seconds:
        return True
    return runs and before is not None and (written.at - before.at).total_seconds() <= seconds


def _are_long(written: Iterable[Written]) -> bool:
    return all(len(each.text.split()) >= LONG_MESSAGE_WORDS for each in written)


def _is_answer(text: str) -> bool:
    keyword = read_keyword(text)
    return keyword is not None and keyword.name in ANSWERS
