"""Two asks in one message: the first is served, the second is kept and offered when the first has come to its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flows.dialog import Turn
from flows.identity_numbers import IDENTITY, without_numbers
from flows.render import Prompt
from flows.running import Flows, Outcome, run, said_by
from flows.state import DialogState, LaterAsk
from nlu.extract import extract
from nlu.keywords import read_keyword
from nlu.normalise import normalise
from nlu.understanding import Understanding

SECOND_ASK = "second_ask"
KEPT_FOR = timedelta(hours=12)
"""Long enough for a booking that is taken up again; the next day nobody knows what was asked besides."""
HANDS_OVER = frozenset({"talk_to_staff", "stop_messages", "not_me"})
NOTHING_AFTER = HANDS_OVER | {SECOND_ASK}
"""Nothing is offered after these: a person reads the whole message, or no more is wanted."""
ABOUT_NUMBERS = frozenset({"book_queue", "queue_status", "reschedule_queue", "reminder_answer"})


def first_ask(flows: Flows, turn: Turn, state: DialogState) -> tuple[Turn, LaterAsk | None]:
    """The turn as if only the first ask had been written, and the second; what the open flow is about goes first."""
    understanding = turn.heard.understanding
    if len(understanding.asks) < 2:
        return turn, None
    first, second = understanding.asks[:2]
    flow = flows.by_intent.get(second.intent)
    if flow is None:
        return turn, None
    if flow.name == state.flow and first.intent not in flow.intents:
        first, second = second, first
    later = later_of(turn, second)
    return replace(_as_if_written(turn, first), has_more=True), replace(
        later, is_for_another=first.intent == second.intent
    )


def as_written(turn: Turn, text: str, intent: str = "out_of_scope") -> Turn:
    """The turn as if only this part of the message had been written."""
    keyword = read_keyword(text)
    understanding = Understanding(text, intent, 1.0, extract(text, today=turn.today), by="step")
    heard = replace(turn.heard, understanding=understanding, keyword=keyword.name if keyword is not None else None)
    return replace(turn, heard=heard)


def later_of(turn: Turn, ask: Understanding) -> LaterAsk:
    """An ask as it is kept between messages: without NIK and card numbers."""
    entities = tuple(entity for entity in ask.entities if entity.entity not in IDENTITY)
    return LaterAsk(ask.intent, without_numbers(ask.text), entities, turn.now)


def offer_later(flows: Flows, turn: Turn, outcome: Outcome, later: LaterAsk | None) -> Outcome:
    """Keep the second ask while a question is open; where none is, offer it in the same message."""
    state = outcome.state
    if later is not None and state.question is not None:
        state = replace(state, opened_by=without_numbers(turn.text))
    later = later or state.later
    if later is None or not _is_worth_offering(flows, turn, outcome, later):
        return replace(outcome, state=replace(state, later=None))
    state = replace(state, later=later)
    if state.question is not None:
        return replace(outcome, state=state)
    slots = {"wish": flows.by_intent[later.intent].name} | ({"who": _who(later)} if later.is_for_another else {})
    offer = run(flows, turn, flows.named(SECOND_ASK), state, before=outcome.prompts, slots=slots)
    return replace(offer, took_answer=outcome.took_answer, ended=outcome.ended)


def take_later(flows: Flows, turn: Turn, state: DialogState) -> Outcome:
    """A yes to the offer: the second ask is heard as if it had just been written.

    For somebody else the poli and the day are those of the number before.
    """
    later = state.later
    flow = flows.by_intent.get(later.intent) if later is not None else None
    if later is None or flow is None:
        return run(flows, turn, flows.named("menu"), state.closed(), before=(Prompt("everywhere.lost_place"),))
    ask = Understanding(later.text, later.intent, 1.0, later.entities, by="step")
    alone = replace(_as_if_written(turn, ask), written=later.text)
    known = dict(state.last.slots) if later.is_for_another and state.last is not None else {}
    return run(flows, alone, flow, state.closed(), slots=known | said_by(flow, alone))


def is_offered_with_act(state: DialogState) -> bool:
    """Whether the open offer stands in one message with something that was done."""
    return state.flow == SECOND_ASK and state.acted_at is not None and state.acted_at == state.asked_at


def cancels_number(state: DialogState, text: str) -> bool:
    """Whether BATAL is about the queue number that stands in one message with the open offer; "gak usah" is not."""
    last = state.last
    if state.question is not None and state.question.let_go is not None:
        return bool({"batal", "jadi"} & set(normalise(text).split()))
    if last is None or state.flow != SECOND_ASK or last.at != state.asked_at:
        return False
    return last.flow in ABOUT_NUMBERS and "batal" in normalise(text)


def _as_if_written(turn: Turn, ask: Understanding) -> Turn:
    """Staff still read the whole message."""
    return replace(turn, heard=replace(turn.heard, understanding=ask, keyword=None), written=turn.whole_text)


def _is_worth_offering(flows: Flows, turn: Turn, outcome: Outcome, later: LaterAsk) -> bool:
    """No longer once it was declined or served by another way, a person took over, or it is old."""
    flow = flows.by_intent.get(later.intent)
    ended = outcome.ended.flow if outcome.ended is not None else None
    if flow is None or ended in NOTHING_AFTER or turn.now - later.said_at > KEPT_FOR:
        return False
    return later.is_for_another or flow.name not in (ended, outcome.state.flow)


def _who(later: LaterAsk) -> str:
    return next((entity.value for entity in later.entities if entity.entity == "person"), "")
