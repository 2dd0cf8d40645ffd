"""Unclear: what is said to what nobody understands: again, then simpler, then a person."""

from __future__ import annotations

from dataclasses import replace

from flows.behind_act import once_more_or_let_go
from flows.dialog import Heard, Turn, Unclear
from flows.identity_numbers import without_numbers
from flows.readers import READERS
from flows.render import Prompt
from flows.running import Flows, Outcome, run
from flows.state import DialogState, Question

UNCLEAR_BEFORE_PERSON = 3
TO_STAFF = "talk_to_staff"


def ask_again(flows: Flows, turn: Turn, state: DialogState, question: Question, heard: Heard) -> Outcome:
    """First unclear answer: say what would do. Second: the simpler question. Third: a person."""
    counted = state.counted_unclear()
    if question.let_go is not None:
        return once_more_or_let_go(flows, turn, counted, question)
    if counted.unclear >= UNCLEAR_BEFORE_PERSON:
        return _to_person(flows, turn, state)
    why = _why_unclear(question, heard)
    again = Prompt(question.reply, question.values, question.choices)
    if counted.unclear == 2 and question.simpler is None and not question.choices:
        return Outcome(counted, (Prompt("everywhere.simpler_words"), again))
    if counted.unclear == 2:
        simpler = Prompt(question.simpler or "everywhere.simpler", question.values, question.choices)
        return Outcome(counted, (simpler,))
    return Outcome(counted, (Prompt(why or "everywhere.unclear"), again))


def not_understood(flows: Flows, turn: Turn, state: DialogState) -> Outcome:
    """Nothing open and nothing understood: say so, then the menu, then a person."""
    counted = state.closed().counted_unclear() if not state.unclear else state.counted_unclear()
    counted = replace(counted, opened_by=counted.opened_by or without_numbers(turn.text))
    if counted.unclear >= UNCLEAR_BEFORE_PERSON:
        return _to_person(flows, turn, state)
    if counted.unclear == 2:
        return Outcome(counted, (Prompt("everywhere.unclear_menu"),))
    outcome = run(flows, turn, flows.named("out_of_scope"), state.closed())
    return replace(outcome, state=replace(outcome.state, unclear=counted.unclear, opened_by=counted.opened_by))


def _to_person(flows: Flows, turn: Turn, state: DialogState) -> Outcome:
    asked = replace(state.closed(), opened_by=state.opened_by)
    return run(flows, turn, flows.named(TO_STAFF), asked, slots={"why": "unclear"})


def _why_unclear(question: Question, heard: Heard) -> str | None:
    try:
        READERS[question.reader](heard)
    except Unclear as unclear:
        return unclear.reply
    return None
