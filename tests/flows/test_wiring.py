"""Flows that are wired wrongly are an error when they run or are collected, never a silent loop."""

from __future__ import annotations

from typing import cast

import pytest

from flows.catalogue import FLOWS
from flows.dialog import Flow, Go, Result, Say, Switch, Turn
from flows.running import FlowError, collect, run
from flows.state import DialogState
from tests.flows.toy import DONE, turn_of


def _flow(name: str, result: Result, *, intents: tuple[str, ...] = ()) -> Flow:
    flow = Flow(name, intents=intents)

    @flow.step
    def start(turn: Turn) -> Result:
        return result

    return flow


@pytest.mark.parametrize(
    "result",
    [
        pytest.param(Go("start"), id="goes round in circles"),
        pytest.param(Go("nowhere"), id="goes to a step that is not there"),
        pytest.param(Switch("nobody"), id="hands over to a flow that is not there"),
        pytest.param(cast(Result, "Say"), id="answers with something else"),
    ],
)
def test_a_flow_that_is_wired_wrongly_is_an_error(result: Result) -> None:
    flow = _flow("wrong", result)

    with pytest.raises(FlowError):
        run(collect((flow,)), turn_of("x"), flow, DialogState())


def test_flows_that_hand_over_to_each_other_for_ever_are_an_error() -> None:
    ping, pong = _flow("ping", Switch("pong")), _flow("pong", Switch("ping"))

    with pytest.raises(FlowError):
        run(collect((ping, pong)), turn_of("x"), ping, DialogState())


def test_two_flows_cannot_claim_one_intent() -> None:
    with pytest.raises(FlowError, match="greet is claimed by one and two"):
        collect((_flow("one", Say(DONE), intents=("greet",)), _flow("two", Say(DONE), intents=("greet",))))


def test_a_flow_cannot_have_two_steps_of_one_name() -> None:
    flow = _flow("once", Say(DONE))

    with pytest.raises(ValueError, match="two steps named start"):
        flow.step(flow.steps["start"])


def test_every_flow_that_the_engine_names_exists() -> None:
    wanted = {"menu", "talk_to_staff", "stop_messages", "start_messages", "not_me", "cancel_queue", "emergency"}

    assert set() == (wanted | {"out_of_scope", "resume", "reminder_answer"}) - set(FLOWS.by_name)
