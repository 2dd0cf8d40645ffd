"""What was said just before: reads a short "kalau yang sabtu?" in the light of what was served last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from flows.dialog import Flow, Turn
from flows.doubt import ACT_FROM, NEVER_DOUBTED, OFFER_BELOW
from flows.running import Flows, Outcome
from flows.state import DialogState, Served
from flows.two_asks import HANDS_OVER, SECOND_ASK
from nlu.ellipsis import is_ellipsis, values_named
from nlu.understanding import Entity

JUST_BEFORE = timedelta(minutes=10)
SURE_ENOUGH_TO_TELL = (OFFER_BELOW + ACT_FROM) / 2
"""In between: what only tells something is told, what changes something is asked about first."""
NOT_GONE_ON_WITH = frozenset({"file_complaint", "cancel_queue", "reminder_answer", "health_question"})
ABOUT_A_NUMBER = {"book_queue", "reschedule_queue"}
"""Who has a number and names a day wants that number on another day; a person or a poli wants one more."""
WHEN = {"date", "time"}
READS_WORDS = {
    "registration_requirements": {"person"},
    "vaccination_info": {"person"},
    "checkup_info": {"person", "poli"},
}
"""Answers that tell by their words for whom or where, without a slot for it."""
REMEMBERED_TOO = frozenset({"reminder_answer"})


def in_its_light(flows: Flows, turn: Turn, state: DialogState) -> Turn:
    """The turn, its message read as going on with what was served last where it is too short to mean much by itself."""
    last, understanding = state.last, turn.heard.understanding
    flow = flows.by_name.get(last.flow) if last is not None else None
    if last is None or flow is None or not _may_go_on(turn, state, last):
        return turn
    values = values_named(turn.text, today=turn.today)
    is_likely = bool(set(flow.intents) & {understanding.intent, *understanding.others})
    is_unsure = understanding.confidence < ACT_FROM and is_ellipsis(turn.text)
    if values is not None and (is_likely or _taken(flow, values)):
        return _read_as(turn, *_going_on(flows, flow, values, last))
    return _read_as(turn, flow, understanding.entities) if is_likely and is_unsure else turn


def remember(flows: Flows, turn: Turn, outcome: Outcome, *, before: DialogState) -> Outcome:
    """The outcome with what was served last: by this message, or by one of the last ten minutes."""
    ended = outcome.ended
    last = before.last if before.last is not None and turn.now - before.last.at <= JUST_BEFORE else None
    if ended is not None and _is_remembered(flows.named(ended.flow)):
        last = ended
    return replace(outcome, state=replace(outcome.state, last=last))


def _is_remembered(flow: Flow) -> bool:
    return flow.name in REMEMBERED_TOO or (bool(flow.intents) and flow.name not in NEVER_DOUBTED | HANDS_OVER)


def _may_go_on(turn: Turn, state: DialogState, last: Served) -> bool:
    understanding = turn.heard.understanding
    is_free = state.question is None or state.flow == SECOND_ASK or state.question.let_go is not None
    is_open_to_it = understanding.by in ("model", "keyword", "none") and not understanding.asks
    is_fresh = turn.now - last.at <= JUST_BEFORE and last.flow not in NOT_GONE_ON_WITH
    return is_free and is_open_to_it and is_fresh and turn.heard.keyword is None


def _read_as(turn: Turn, flow: Flow, entities: tuple[Entity, ...]) -> Turn:
    understanding = replace(
        turn.heard.understanding, intent=flow.intents[0], confidence=SURE_ENOUGH_TO_TELL, entities=entities, by="model"
    )
    return replace(turn, heard=replace(turn.heard, understanding=understanding))


def _taken(flow: Flow, values: Sequence[Entity]) -> set[str]:
    return {entity.entity for entity in values} & {*flow.takes, *READS_WORDS.get(flow.name, ())}


def _going_on(flows: Flows, flow: Flow, values: Sequence[Entity], last: Served) -> tuple[Flow, tuple[Entity, ...]]:
    """The flow that goes on, and the values for it: answers take over from before what was not said anew."""
    taken = _taken(flow, values)
    if flow.name in ABOUT_A_NUMBER:
        flow = flows.named("reschedule_queue" if taken and taken <= WHEN else "book_queue")
    if not flow.is_answer:
        return flow, tuple(values)
    known = ((entity, last.slots.get(slot)) for entity, slot in flow.takes.items() if entity not in taken)
    return flow, (*values, *(Entity(entity, value, value) for entity, value in known if value is not None))
