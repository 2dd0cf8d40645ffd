"""Finds the danger sign in a message by word list, whatever state the conversation is in."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from nlu.danger_context import is_meant
from nlu.danger_text import Message, Span, read_message
from nlu.danger_words import DangerWords, Group, Item, Sign, danger_words

# How many other words may stand between the words of one sign, per word of the sign.
_ROOM = 3
_MOST_SPANS = 6


@dataclass(frozen=True)
class DangerSign:
    """`kind` as in danger.yml; `phrase` is the plain wording that was recognised."""

    kind: str
    phrase: str


def find_danger(text: str) -> DangerSign | None:
    """The most urgent danger sign that the writer means, or None."""
    words = danger_words()
    message = read_message(text, words)
    present = message.concepts.keys()
    for sign in words.signs:
        if sign.needs <= present:
            span = _find_sign(message, sign, words)
            if span is not None:
                return DangerSign(sign.kind, " ".join(message.words[span.start : span.end + 1]))
    return None


def is_taken_back(text: str) -> bool:
    """True when a sign stands in the message that the list knows and does not take at its word.

    "tidak sesak", "dulu pernah kejang", "penyuluhan stroke": here the list may know better than the model.
    """
    words = danger_words()
    named = read_message(text, words).concepts.keys()
    is_named = any(
        sign.needs <= named and not any(item.is_denied for group in sign.groups for item in group.items)
        for sign in words.signs
    )
    return is_named and find_danger(text) is None


def _find_sign(message: Message, sign: Sign, words: DangerWords) -> Span | None:
    """Where the sign's first group stands, if every group is there and the first is meant."""
    for others in sign.groups[1:]:
        if not any(
            _is_stated(message, span, sign, words) for span in _find_group(message, others, words.context["loose"])
        ):
            return None
    for span in _find_group(message, sign.groups[0], words.context["loose"]):
        if _is_stated(message, span, sign, words):
            return span
    return None


def _is_stated(message: Message, span: Span, sign: Sign, words: DangerWords) -> bool:
    sentence = message.stands_in(span)
    whole = range(len(message.words))
    for concepts, stretch in ((sign.unless, sentence), (sign.unless_anywhere, whole)):
        if any(_stands_in(message, concept, stretch, words) for concept in concepts):
            return False
    return is_meant(message, span, kind=sign.kind, words=words)


def _stands_in(message: Message, concept: str, stretch: range, words: DangerWords) -> bool:
    if any(found.start in stretch for found in message.concepts.get(concept, ())):
        return True
    return bool(words.context.get(concept, frozenset()) & set(message.words[stretch.start : stretch.stop]))


def _find_group(message: Message, group: Group, loose: frozenset[str]) -> list[Span]:
    """Every place where the concepts of this group stand close together."""
    options = [_places(message, item) for item in group.items]
    if len(options) == 1:
        return options[0]
    found = []
    for chosen in product(*options):
        start = min(span.start for span in chosen)
        end = max(span.end for span in chosen)
        is_close = _words_between(message, chosen, loose) <= _ROOM * (len(chosen) - 1)
        if is_close and _are_apart(chosen) and message.sentence[start] == message.sentence[end]:
            in_order = all(a.start < b.start for a, b in zip(chosen, chosen[1:], strict=False))
            if in_order or not group.in_order:
                found.append(Span(start, end))
    return found


def _words_between(message: Message, chosen: tuple[Span, ...], loose: frozenset[str]) -> int:
    """How many words of weight stand between the first and the last of these."""
    taken = {at for span in chosen for at in range(span.start, span.end + 1)}
    stretch = range(min(taken), max(taken) + 1)
    return sum(at not in taken and message.words[at] not in loose for at in stretch)


def _are_apart(chosen: tuple[Span, ...]) -> bool:
    ordered = sorted(chosen, key=lambda span: span.start)
    return all(a.end < b.start for a, b in zip(ordered, ordered[1:], strict=False))


def _places(message: Message, item: Item) -> list[Span]:
    """Where the concept stands as the sign wants it: denied, or not denied."""
    places = []
    for span in message.concepts.get(item.concept, ()):
        denied = message.denied[span.start]
        if item.is_denied and denied or not item.is_denied and denied != "pure":
            places.append(span)
    return places[:_MOST_SPANS]
