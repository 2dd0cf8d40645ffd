"""Running steps: from a flow and what is known to the next question or the last word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flows.dialog import Ask, Flow, Go, Result, Say, Switch, Turn
from flows.identity_numbers import without_numbers
from flows.render import Prompt
from flows.state import DialogState, Question, Served

MOST_STEPS = 20


class FlowError(Exception):
    """Flows are wired wrongly: an unknown step or flow, or steps that go round in circles."""


@dataclass(frozen=True)
class Outcome:
    """What to say now and where the conversation stands afterwards."""

    state: DialogState
    prompts: tuple[Prompt, ...]
    took_answer: bool = False
    """The message was taken as an answer to what was asked, whatever it would have meant by itself."""
    ended: Served | None = None
    """The flow that came to its end with this message."""


@dataclass(frozen=True)
class Flows:
    """All flows, by name and by intent."""

    by_name: Mapping[str, Flow]
    by_intent: Mapping[str, Flow]

    def named(self, name: str) -> Flow:
        """The flow of that name; raises FlowError when there is none."""
        if name not in self.by_name:
            raise FlowError(f"there is no flow {name!r}")
        return self.by_name[name]


def collect(flows: tuple[Flow, ...]) -> Flows:
    """Index flows; an intent that two flows claim is refused."""
    by_intent: dict[str, Flow] = {}
    for flow in flows:
        for intent in flow.intents:
            if intent in by_intent:
                raise FlowError(f"{intent} is claimed by {by_intent[intent].name} and {flow.name}")
            by_intent[intent] = flow
    return Flows(by_name={flow.name: flow for flow in flows}, by_intent=by_intent)


def run(
    flows: Flows,
    turn: Turn,
    flow: Flow,
    state: DialogState,
    *,
    step: str | None = None,
    slots: Mapping[str, str] | None = None,
    before: tuple[Prompt, ...] = (),
) -> Outcome:
    """Run steps from `step` (or the first) until one asks or says something, after what stands in `before`."""
    name = step or flow.first_step
    known = {**said_by(flow, turn), **state.slots, **(slots or {})}
    for _ in range(MOST_STEPS):
        if name not in flow.steps:
            raise FlowError(f"{flow.name} has no step {name!r}")
        result = flow.steps[name](replace(turn, slots=known, opened_by=state.opened_by))
        if isinstance(result, Go):
            name, known = result.step, {**known, **result.slots}
            continue
        if isinstance(result, Switch):
            flow = flows.named(result.flow)
            state = replace(state.closed(), opened_by=state.opened_by, later=state.later)
            name, known = flow.first_step, {**said_by(flow, turn), **result.slots}
            continue
        settled = _settle(flow, name, result, replace(state, flow=flow.name, slots=known), turn, before)
        goes_on = result.goes_on if isinstance(result, Say) else None
        waits = turn.has_more or settled.state.later is not None
        return settled if goes_on is None or waits else _go_on(flows, turn, settled, goes_on)
    raise FlowError(f"{flow.name} does not come to an end at step {name!r}")


def _go_on(flows: Flows, turn: Turn, said: Outcome, to: Switch) -> Outcome:
    """What is asked behind the last word of a flow, in the same message."""
    asked = run(flows, turn, flows.named(to.flow), said.state, before=said.prompts, slots=to.slots)
    return replace(asked, ended=said.ended)


def said_by(flow: Flow, turn: Turn) -> dict[str, str]:
    """Slots that this message fills by itself."""
    found = {slot: turn.heard.understanding.value(entity) for entity, slot in flow.takes.items()}
    return {slot: value for slot, value in found.items() if value is not None}


def after_saying(state: DialogState, said: Say, turn: Turn) -> DialogState:
    """The state after a last word, remembering what SALAH may take back."""
    if said.act is None:
        return state
    return replace(state, last_act=said.act, acted_at=turn.now)


def _settle(
    flow: Flow, step: str, result: Result, state: DialogState, turn: Turn, before: tuple[Prompt, ...]
) -> Outcome:
    if isinstance(result, Say):
        after = after_saying(replace(state.closed(), later=state.later), result, turn)
        said = {slot: state.slots[slot] for slot in flow.takes.values() if state.slots.get(slot)}
        return Outcome(after, (*before, Prompt(result.reply, result.values)), ended=Served(flow.name, turn.now, said))
    if not isinstance(result, Ask):
        raise FlowError(f"{flow.name}.{step} gave {type(result).__name__}")
    question = Question(
        step=step,
        slot=result.slot,
        then=result.then,
        reader=result.parse.__name__,
        reply=result.reply,
        values=dict(result.values),
        choices=result.choices,
        simpler=result.simpler,
        takes_anything=result.takes_anything,
        let_go=result.let_go,
    )
    opened_by = state.opened_by or without_numbers(turn.text)
    asked = replace(state, question=question, unclear=0, asked_at=turn.now, opened_by=opened_by)
    return Outcome(asked, (*before, Prompt(result.reply, result.values, result.choices)))
