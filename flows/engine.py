"""The dialog engine: a message and a state in, the next state and what to say out.

It touches nothing outside the turn it is given; only steps act, through the desk.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flows.behind_act import NOT_A_NEW_WISH, is_forgotten_over, late_answer, may_be_wish, read_answer
from flows.dialog import Flow, Heard, Turn, Unclear
from flows.doubt import MEANT, doubted, is_unsure, may_act_on, would_act
from flows.late import comes_late
from flows.readers import READERS
from flows.reminder_answer.flow import read_reminder_answer
from flows.render import Prompt
from flows.running import Flows, Outcome, run, said_by
from flows.said_before import in_its_light, remember
from flows.state import DialogState, Question, state_from_json, state_to_json
from flows.two_asks import (
    ABOUT_NUMBERS,
    SECOND_ASK,
    as_written,
    cancels_number,
    first_ask,
    later_of,
    offer_later,
    take_later,
)
from flows.unclear import TO_STAFF, ask_again, not_understood
from flows.undoing import undo
from flows.whom import new_name
from nlu.clauses import head_and_rest, stands_alone

SHORT_ANSWER_WORDS = 4
SURE_OF_ANOTHER_WISH = 0.8
COMMANDS = {
    "menu": "menu",
    "staff": TO_STAFF,
    "stop": "stop_messages",
    "start": "start_messages",
    "not_me": "not_me",
}
RESUME = "resume"


def answers_open_question(state: DialogState, heard: Heard) -> bool:
    """Whether the open question takes this message, so that no model needs to read it ("2" is an answer)."""
    question = state.question
    if heard.keyword in COMMANDS or heard.keyword in ("undo", "cancel"):
        return True
    if question is None:
        return False
    if question.takes_anything:
        return read_answer(question, heard) is not None
    return _is_short(heard.text) and read_answer(question, heard) is not None


def advance(flows: Flows, turn: Turn, state: DialogState) -> Outcome:
    """Hear one message: danger, then commands, then the open question, then what the message wants by itself.

    A danger reply leaves the open question open, so that a false alarm costs nothing. Of two asks in one message the
    second waits until the first is served.
    """
    if turn.heard.understanding.intent == "emergency":
        return replace(run(flows, turn, flows.named("emergency"), DialogState()), state=state)
    first, later = first_ask(flows, in_its_light(flows, turn, state), state)
    outcome = offer_later(flows, turn, _hear(flows, first, state), later)
    return remember(flows, turn, outcome, before=state)


def _hear(flows: Flows, turn: Turn, state: DialogState) -> Outcome:
    known = _without_unknown(flows, state)
    if known is None:
        return run(flows, turn, flows.named("menu"), state.closed(), before=(Prompt("everywhere.lost_place"),))
    if turn.heard.keyword in COMMANDS:
        return _command(flows, turn, state, COMMANDS[turn.heard.keyword])
    if turn.heard.keyword == "undo":
        return undo(flows, turn, state)
    if turn.heard.keyword == "cancel":
        return _cancel(flows, turn, state)
    if _is_stale(turn, state):
        return _hear_after_a_while(flows, turn, state)
    if state.question is not None:
        return _hear_answer(flows, turn, state, state.question)
    return _hear_wish(flows, turn, state)


def _command(flows: Flows, turn: Turn, state: DialogState, name: str) -> Outcome:
    """Another flow takes the place of the open one; a person who is called reads what it was about."""
    opened_by = state.opened_by if name == TO_STAFF else ""
    return run(flows, turn, flows.named(name), replace(state.closed(), opened_by=opened_by))


def _cancel(flows: Flows, turn: Turn, state: DialogState) -> Outcome:
    """BATAL: drop the open question; with nothing open it is about the queue number.

    A question that takes the word as its answer ("Batal? 1 Ya, 2 Tidak") gets it. What was asked besides is offered.
    """
    question = state.question
    if question is not None and not question.takes_anything and read_answer(question, turn.heard) is not None:
        return _hear_answer(flows, turn, state, question)
    kept = replace(state.closed(), later=state.later)
    if question is None or cancels_number(state, turn.text):
        return run(flows, turn, flows.named("cancel_queue"), kept)
    return Outcome(state.closed() if state.flow == SECOND_ASK else kept, (Prompt("everywhere.dropped"),))


def _without_unknown(flows: Flows, state: DialogState) -> DialogState | None:
    """None when the state names a flow, step or reader that this version does not have."""
    question = state.question
    if state.flow is None or question is None:
        return state
    flow = flows.by_name.get(state.flow)
    steps = (question.step, question.then, question.let_go or question.then)
    if flow is None or not set(steps) <= set(flow.steps):
        return None
    return state if question.reader in READERS else None


# --- an answer to the open question ------------------------------------------------------------------------------


def _hear_answer(flows: Flows, turn: Turn, state: DialogState, question: Question) -> Outcome:
    heard = replace(turn.heard, choices=question.choices)
    wish = _other_wish(flows, turn, state)
    both = _answer_and_wish(flows, turn, state, wish)
    if both is not None:
        return both
    if wish is None or question.takes_anything or _may_be_answer(turn, state, wish):
        value = read_answer(question, heard)
        if value is not None:
            return replace(_go_on(flows, turn, state, question, value), took_answer=True)
    if wish is not None:
        return _follow_wish(flows, turn, state, wish)
    if question.let_go is not None and may_be_wish(flows, turn):
        return _hear_wish(flows, turn, state.closed())
    corrected = _corrected(flows, turn, state)
    if corrected is not None:
        return replace(run(flows, turn, flows.named(str(state.flow)), corrected), took_answer=True)
    return ask_again(flows, turn, state, question, heard)


def _may_be_answer(turn: Turn, state: DialogState, wish: Flow) -> bool:
    """Whether what the open question can read is an answer to it, although the words alone sound like another wish.

    "yang kamis aja ya bu" is no wish to move a number while the day of one is asked for.
    """
    understanding = turn.heard.understanding
    if _is_short(turn.text) or {wish.name, state.flow} <= ABOUT_NUMBERS:
        return True
    is_sure = understanding.by != "model" or understanding.confidence >= SURE_OF_ANOTHER_WISH
    return not (is_sure and stands_alone(turn.text))


def _is_short(text: str) -> bool:
    """Few words; figures do not count, in however many groups a card number is written."""
    return sum(any(letter.isalpha() for letter in word) for word in text.split()) <= SHORT_ANSWER_WORDS


def _corrected(flows: Flows, turn: Turn, state: DialogState) -> DialogState | None:
    """The state with what this message says anew ("eh poli umum aja"), or None when it says nothing new."""
    said = said_by(flows.named(str(state.flow)), turn)
    if all(state.slots.get(slot) == value for slot, value in said.items()):
        return None
    return replace(state, slots={**state.slots, **said}, question=None)


def _other_wish(flows: Flows, turn: Turn, state: DialogState) -> Flow | None:
    """The flow of another wish than the open one, when the message clearly has one; a bare digit has none."""
    intent = turn.heard.understanding.intent
    if intent in NOT_A_NEW_WISH or turn.heard.understanding.by == "none" or turn.heard.keyword == "digit":
        return None
    if is_unsure(turn.heard.understanding):
        return None
    flow = flows.by_intent.get(intent)
    if flow is None or (would_act(flow, turn) and not may_act_on(turn.heard.understanding)):
        return None
    return flow if flow.is_answer or flow.name != state.flow else None


def _go_on(flows: Flows, turn: Turn, state: DialogState, question: Question, value: str) -> Outcome:
    if state.flow == RESUME and value == "yes":
        return _take_up(flows, turn, state)
    if state.flow == SECOND_ASK and value == "yes":
        return take_later(flows, turn, state)
    flow = flows.named(str(state.flow))
    said = {} if question.takes_anything else said_by(flow, turn)
    slots = {**state.slots, **said, question.slot: value}
    trail = (*state.trail, question.slot)
    moved = replace(state, slots=slots, question=None, unclear=0, trail=trail, asked_at=None)
    return run(flows, turn, flow, moved, step=question.then)


def _answer_and_wish(flows: Flows, turn: Turn, state: DialogState, wish: Flow | None) -> Outcome | None:
    """An answer with a wish behind it ("besok pagi, bawa apa aja ya"): taken, and the wish answered or kept."""
    question, (head, rest) = state.question, head_and_rest(turn.text)
    behind = turn.heard.understanding.behind
    wish = flows.by_intent.get(behind.intent) if behind is not None else wish
    if question is None or question.takes_anything or wish is None or wish.name == state.flow or not rest:
        return None
    answer = as_written(turn, head)
    value = read_answer(question, answer.heard) if _is_short(head) else None
    if value is None or new_name(value) is not None or flows.named(str(state.flow)).is_answer:
        return None
    went_on = replace(_go_on(flows, answer, state, question, value), took_answer=True)
    asked = as_written(turn, rest, wish.intents[0])
    if not wish.is_answer:
        return replace(went_on, state=replace(went_on.state, later=later_of(turn, asked.heard.understanding)))
    answered = run(flows, asked, wish, DialogState(), slots={"during": str(state.flow)})
    return None if answered.state.question is not None else replace(went_on, prompts=answered.prompts + went_on.prompts)


# --- what a message wants by itself ------------------------------------------------------------------------------


def _hear_wish(flows: Flows, turn: Turn, state: DialogState) -> Outcome:
    understanding = turn.heard.understanding
    if _answers_reminder(turn):
        return replace(run(flows, turn, flows.named("reminder_answer"), state.closed()), took_answer=True)
    if comes_late(turn):
        return run(flows, turn, flows.named("queue_status"), state.closed())
    flow = flows.by_intent.get(understanding.intent)
    if flow is None or understanding.by == "none" or flow.name == "out_of_scope":
        return not_understood(flows, turn, state)
    doubt = doubted(flows, turn, flow)
    if doubt is not None:
        return run(flows, turn, flows.named(MEANT), state.closed(), slots=doubt)
    return run(flows, turn, flow, state.closed())


def _answers_reminder(turn: Turn) -> bool:
    """Whether this is an answer ("1", "datang", "sudah") and a reminder waits for one."""
    try:
        read_reminder_answer(turn.heard)
    except Unclear:
        return False
    return turn.desk.last_reminder() is not None


def _follow_wish(flows: Flows, turn: Turn, state: DialogState, wish: Flow) -> Outcome:
    """Another wish in the middle of a question: answer it and ask again, or change over to it.

    The answering flow finds the interrupted one in slot "during". A question that only offers answers itself, such
    as the menu, is not asked again.
    """
    if not wish.is_answer or flows.named(str(state.flow)).is_answer or is_forgotten_over(state, wish):
        return _command(flows, turn, state, wish.name)
    answered = run(flows, turn, wish, DialogState(), slots={"during": str(state.flow)})
    question = state.question
    if question is None or answered.state.question is not None:
        return answered
    is_needed = question.let_go is None
    reply = question.reply if is_needed else question.simpler or question.reply
    again = Prompt(reply, question.values, question.choices)
    return Outcome(replace(state, unclear=0) if is_needed else state.counted_unclear(), (*answered.prompts, again))


# --- interruptions and undoing -----------------------------------------------------------------------------------


def _is_stale(turn: Turn, state: DialogState) -> bool:
    if state.question is None or state.asked_at is None or state.flow == RESUME:
        return False
    return turn.now - state.asked_at > timedelta(minutes=turn.facility.limits.resume_after_minutes)


def _hear_after_a_while(flows: Flows, turn: Turn, state: DialogState) -> Outcome:
    """An old question is not simply taken up again: a clear new wish replaces it, else we ask whether to go on."""
    wish = _other_wish(flows, turn, state)
    flow = flows.named(str(state.flow))
    late = late_answer(turn, state) if wish is None else None
    if state.question is not None and late is not None:
        return replace(_go_on(flows, turn, state, state.question, late), took_answer=True)
    if wish is not None and not wish.is_answer:
        return run(flows, turn, wish, state.closed())
    if not flow.resumes:
        return _hear_wish(flows, turn, state.closed())
    answered = run(flows, turn, wish, DialogState(), slots={"during": flow.name}).prompts if wish is not None else ()
    return ask_to_go_on(flows, turn, state, before=answered)


def ask_to_go_on(flows: Flows, turn: Turn, state: DialogState, *, before: tuple[Prompt, ...] = ()) -> Outcome:
    """Park what is open and ask whether to go on with it."""
    parked = replace(state.closed(), parked=state_to_json(replace(state, asked_at=None, parked=None)))
    return run(flows, turn, flows.named(RESUME), parked, before=before, slots={"flow": str(state.flow)})


def _take_up(flows: Flows, turn: Turn, state: DialogState) -> Outcome:
    """Go on with the parked flow: its open question is asked again."""
    parked = state_from_json(state.parked or {})
    if _without_unknown(flows, parked) is None or parked.question is None:
        return run(flows, turn, flows.named("menu"), state.closed(), before=(Prompt("everywhere.lost_place"),))
    return run(flows, turn, flows.named(str(parked.flow)), parked, step=parked.question.step)
