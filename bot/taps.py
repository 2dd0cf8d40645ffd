"""Taps: what a tapped button or a copied label means where the conversation stands now.

A button carries only the digit of its choice ("2"), so that a tap and a typed digit are one and the same to the
dialog. Which message was tapped is known from the provider (OriginalRepliedMessageSid), and that decides:

- it belongs to the question that is open, in the newest message or in an older one that asked just the same: the
  digit is heard;
- it belongs to anything else: its digit would answer another question, so its label is heard instead ("Cek BPJS"
  tapped in yesterday's menu is a wish like any other, and "datang" under a reminder says all). Where the open question
  would take that label as its answer, where it is a mere yes or no, or where nobody understands it, the patient is
  told that the button is an old one, and the question is asked again.

Where the provider does not say which message was tapped, the label on the button decides in its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from clinic.database import Session
from clinic.facility import Facility
from clinic.inbound import InboundView
from clinic.taps import TappedMessage, tapped_message
from flows.choice_labels import DIGITS_HEARD, listed_in, number_of
from flows.dialog import Heard
from flows.engine import answers_open_question
from flows.render import Prompt, render
from flows.replies import ReplyText
from flows.running import Outcome
from flows.state import DialogState
from nlu.extract import extract
from nlu.keywords import read_keyword
from nlu.understanding import Understanding

LIMITS = (20, 24)
"""How long a button's and a list row's label may be on WhatsApp."""
OLD = "old_button"
OLD_LABEL = "old_label"
_NUMBER_IN_FRONT = re.compile(r"^\s*\d{1,2}[.)]?\s+")


def as_meant(
    db: Session,
    inbound: InboundView,
    state: DialogState,
    *,
    replies: Mapping[str, ReplyText],
    facility: Facility,
) -> InboundView:
    """The message with the text that the dialog is to hear; what is neither a tap nor a label comes back unchanged."""
    labels = open_labels(state, replies)
    tapped = inbound.extra.get("tapped")
    if tapped is None:
        number = number_of(inbound.text, labels, limits=LIMITS) if labels else None
        return _with_text(inbound, _spoken(number, labels)) if number else inbound
    number, body = int(tapped), str(inbound.extra.get("body", ""))
    reply_to = inbound.extra.get("reply_to")
    origin = tapped_message(db, inbound.contact_id, str(reply_to)) if reply_to else None
    asked = _question_text(state, replies, inbound.channel)
    if _is_fresh(number, body, origin, labels, asked):
        return _with_text(inbound, _spoken(number, labels))
    label = _label(number, body, origin)
    mark = OLD if _would_answer(label, inbound, state, facility) else OLD_LABEL
    return replace(inbound, text=label, extra={**inbound.extra, mark: True})


def open_labels(state: DialogState, replies: Mapping[str, ReplyText]) -> tuple[str, ...]:
    """The labels that the open question offers, listed by its step or in its text."""
    question = state.question
    if question is None:
        return ()
    if question.choices:
        return tuple(choice.label for choice in question.choices)
    reply = replies.get(question.reply)
    return listed_in(reply.text) if reply is not None else ()


def is_old_tap(inbound: InboundView) -> bool:
    """Whether an old button was tapped whose label the open question would take for an answer."""
    return bool(inbound.extra.get(OLD))


def unless_old(inbound: InboundView, state: DialogState, outcome: Outcome) -> Outcome:
    """What was made of an old button's label; where nobody understood it, a word about the button instead."""
    if inbound.extra.get(OLD_LABEL) and outcome.state.unclear > state.unclear:
        return after_old_tap(state)
    return outcome


def after_old_tap(state: DialogState) -> Outcome:
    """Say that the button is an old one, and ask again what is open."""
    said = (Prompt("everywhere.old_button"),)
    question = state.question
    if question is None:
        return Outcome(state, said)
    return Outcome(state, (*said, Prompt(question.reply, question.values, question.choices)))


def _is_fresh(number: int, body: str, origin: TappedMessage | None, labels: tuple[str, ...], asked: str) -> bool:
    """Whether the tap answers the question that is open, whose labels these are."""
    if not labels or number > len(labels):
        return False
    if origin is None:
        return number_of(body, labels, limits=LIMITS) == number
    return labels == origin.choices and (origin.is_newest or origin.text.endswith(asked))


def _question_text(state: DialogState, replies: Mapping[str, ReplyText], channel: str) -> str:
    """The open question as it was and would be asked; empty when nothing is open."""
    question = state.question
    if question is None or question.reply not in replies:
        return ""
    return render(replies, [Prompt(question.reply, question.values, question.choices)], channel=channel)


def _spoken(number: int, labels: tuple[str, ...]) -> str:
    """The digit; in words where a digit would mean something else."""
    return str(number) if number <= DIGITS_HEARD else labels[number - 1]


def _label(number: int, body: str, origin: TappedMessage | None) -> str:
    if origin is not None and 0 < number <= len(origin.choices):
        return origin.choices[number - 1]
    return _NUMBER_IN_FRONT.sub("", body).rstrip("…").strip() or str(number)


def _would_answer(label: str, inbound: InboundView, state: DialogState, facility: Facility) -> bool:
    """Whether the label would pass for an answer to what is open now, or to whatever waits for a yes."""
    question, keyword = state.question, read_keyword(label)
    if (question is not None and question.takes_anything) or (keyword is not None and keyword.name in ("yes", "no")):
        return True
    today = facility.today(inbound.received_at)
    words = Understanding(
        text=label, intent="out_of_scope", confidence=1.0, entities=extract(label, today=today), by="step"
    )
    heard = Heard(understanding=words, today=today, keyword=keyword.name if keyword is not None else None)
    return answers_open_question(state, heard)


def _with_text(inbound: InboundView, text: str) -> InboundView:
    return replace(inbound, text=text)
