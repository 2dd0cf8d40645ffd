"""SALAH: takes back the last answer of an open flow, or else the last act, as long as numbers are kept aside."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flows.dialog import Turn
from flows.render import Prompt
from flows.running import Flows, Outcome, after_saying, run
from flows.state import DialogState
from flows.two_asks import is_offered_with_act


def undo(flows: Flows, turn: Turn, state: DialogState) -> Outcome:
    """What stands in the same message as an offer is what SALAH is about; the offer is then made again."""
    if state.question is not None and state.trail and state.flow is not None:
        return _back_one_answer(flows, turn, state)
    if state.question is not None and state.question.let_go is None and not is_offered_with_act(state):
        return Outcome(state.closed(), (Prompt("everywhere.dropped"),))
    kept = DialogState(later=state.later)
    act, acted_at = state.last_act, state.acted_at
    take_back = flows.named(act.flow).undo if act is not None else None
    window = timedelta(minutes=turn.facility.queue.undo_minutes)
    if act is None or take_back is None or acted_at is None or turn.now - acted_at > window:
        return Outcome(kept, (Prompt("everywhere.nothing_to_undo"),))
    said = take_back(turn, act)
    return Outcome(after_saying(kept, said, turn), (Prompt(said.reply, said.values),))


def _back_one_answer(flows: Flows, turn: Turn, state: DialogState) -> Outcome:
    *trail, last = state.trail
    slots = {name: value for name, value in state.slots.items() if name != last}
    back = replace(state, slots=slots, trail=tuple(trail), question=None, unclear=0)
    return run(flows, turn, flows.named(str(state.flow)), back, before=(Prompt("everywhere.took_back"),))
