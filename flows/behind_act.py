"""Questions behind an act: asked in one message with what is done already, so nobody has to answer them."""

from __future__ import annotations

from dataclasses import replace

from flows.dialog import Flow, Heard, Turn, Unclear
from flows.doubt import is_unsure
from flows.readers import READERS
from flows.render import Prompt
from flows.running import Flows, Outcome, run
from flows.state import DialogState, Question

NOT_A_NEW_WISH = frozenset({"affirm", "deny", "out_of_scope"})
LAST_WORDS = frozenset({"thanks", "goodbye"})


def read_answer(question: Question, heard: Heard) -> str | None:
    """What the open question takes from this message; None when it does not answer it."""
    try:
        return READERS[question.reader](replace(heard, choices=question.choices))
    except Unclear:
        return None


def is_forgotten_over(state: DialogState, wish: Flow) -> bool:
    """Whether the wish closes the open question for good: it was asked twice already, or we are thanked."""
    is_needed = state.question is None or state.question.let_go is None
    return not is_needed and (bool(state.unclear) or wish.name in LAST_WORDS)


def may_be_wish(flows: Flows, turn: Turn) -> bool:
    """Whether the message may be a wish that has to be asked about first: it goes before what nobody has to answer."""
    understanding = turn.heard.understanding
    flow = None if understanding.intent in NOT_A_NEW_WISH else flows.by_intent.get(understanding.intent)
    return flow is not None and understanding.by != "none" and not is_unsure(understanding)


def late_answer(turn: Turn, state: DialogState) -> str | None:
    """A birth date or card number is no less an answer for coming late; a digit or a word may be about anything."""
    question = state.question
    if question is None or question.let_go is None or turn.heard.keyword is not None:
        return None
    return read_answer(question, turn.heard) if any(sign.isdigit() for sign in turn.text) else None


def once_more_or_let_go(flows: Flows, turn: Turn, counted: DialogState, question: Question) -> Outcome:
    """It is asked once more, in a simple form; a second unclear answer lets it go, and no person is called for it."""
    if counted.unclear == 1:
        return Outcome(counted, (Prompt(question.simpler or question.reply, question.values, question.choices),))
    gone_on = replace(counted, question=None, unclear=0)
    return run(flows, turn, flows.named(str(counted.flow)), gone_on, step=str(question.let_go))
