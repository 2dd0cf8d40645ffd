"""Guards that every intent has exactly one flow, and that flows are wired to steps, readers and flows that exist."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

import pytest

from flows.catalogue import FLOWS
from flows.dialog import Flow
from flows.readers import READERS
from nlu.understanding import ENTITIES, INTENTS
from tests.guards.source_tree import ROOT, Source, assert_none, read_sources

ANSWER_INTENTS = {"affirm", "deny"}
"""Heard only as answers to an open question: no flow starts from them."""
NAMED_BY_THE_ENGINE = {
    "menu",
    "talk_to_staff",
    "stop_messages",
    "start_messages",
    "cancel_queue",
    "emergency",
    "out_of_scope",
    "resume",
}


def intents_claimed_wrongly(flows: Iterable[Flow], intents: Iterable[str]) -> list[str]:
    """Intents that no flow or several flows claim, and claims of what is no intent."""
    claims: dict[str, list[str]] = {intent: [] for intent in intents}
    faults = []
    for flow in flows:
        for intent in flow.intents:
            if intent not in claims:
                faults.append(f"{flow.name} claims {intent}, which is no intent of nlu/understanding.py")
            claims.setdefault(intent, []).append(flow.name)
    for intent, names in claims.items():
        wanted = 0 if intent in ANSWER_INTENTS else 1
        if len(names) != wanted:
            faults.append(f"{intent} is claimed by {names or 'no flow'}; exactly {wanted} may claim it")
    return faults


def unknown_entities(flows: Iterable[Flow]) -> list[str]:
    """Slots filled from what is no entity."""
    return [
        f"{flow.name} takes {entity}, which is no entity of nlu/understanding.py"
        for flow in flows
        for entity in flow.takes
        if entity not in ENTITIES
    ]


def loose_ends(source: Source, flow: Flow, flows: Mapping[str, Flow]) -> list[str]:
    """Steps, flows and readers that this flow's code names and that do not exist."""
    faults = []
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        for what, name in _names_in(node):
            known = {"step": flow.steps, "flow": flows, "reader": READERS}[what]
            if name not in known:
                faults.append(
                    f"{source.path}:{node.lineno}: there is no {what} {name!r}; names are stored with patients"
                )
    return faults


def _names_in(call: ast.Call) -> list[tuple[str, str]]:
    """("step", name) of Ask and Go, ("flow", name) of Switch, ("reader", name) of Ask."""
    kind = call.func.id if isinstance(call.func, ast.Name) else ""
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    first = call.args[0] if call.args else None
    found: list[tuple[str, str]] = []
    then, parse = given.get("then"), given.get("parse")
    if kind == "Ask" and isinstance(then, ast.Constant):
        found.append(("step", str(then.value)))
    if kind == "Ask" and isinstance(parse, ast.Name):
        found.append(("reader", parse.id))
    if kind in ("Go", "Switch") and isinstance(first, ast.Constant):
        found.append(("step" if kind == "Go" else "flow", str(first.value)))
    return found


def test_every_intent_has_exactly_one_flow_or_is_an_answer() -> None:
    assert_none(intents_claimed_wrongly(FLOWS.by_name.values(), INTENTS))


def test_flows_take_only_entities_that_exist() -> None:
    assert_none(unknown_entities(FLOWS.by_name.values()))


def test_every_flow_that_the_engine_names_exists() -> None:
    assert set(FLOWS.by_name) >= NAMED_BY_THE_ENGINE


def test_every_intent_has_training_and_held_out_sentences() -> None:
    missing = [
        f"{folder}/{intent}.yml"
        for folder in ("nlu/data", "tests/nlu")
        for intent in INTENTS
        if not (ROOT / folder / f"{intent}.yml").is_file()
    ]

    assert missing == []


@pytest.mark.parametrize("source", read_sources("flows"), ids=lambda source: source.path)
def test_flows_name_only_steps_flows_and_readers_that_exist(source: Source) -> None:
    parts = source.path.split("/")
    if parts[-1] == "flow.py":
        assert_none(loose_ends(source, FLOWS.named(parts[1]), FLOWS.by_name))


def test_an_intent_that_two_flows_claim_is_caught() -> None:
    twice = [Flow("a", intents=("greet",)), Flow("b", intents=("greet",))]

    assert len(intents_claimed_wrongly(twice, ["greet"])) == 1


def test_an_intent_without_a_flow_is_caught() -> None:
    assert len(intents_claimed_wrongly([], ["greet", "affirm"])) == 1


def test_an_intent_that_does_not_exist_is_caught() -> None:
    assert len(intents_claimed_wrongly([Flow("a", intents=("greet", "dance"))], ["greet"])) == 1


def test_an_entity_that_does_not_exist_is_caught() -> None:
    assert len(unknown_entities([Flow("a", intents=(), takes={"shoe_size": "size"})])) == 1


@pytest.mark.parametrize(
    "text",
    [
        'Ask("a.b", parse=read_free_text, slot="x", then="nowhere")',
        'Ask("a.b", parse=read_minds, slot="x", then="main")',
        'Go("nowhere")',
        'Switch("nowhere")',
    ],
)
def test_a_step_flow_or_reader_that_does_not_exist_is_caught(text: str) -> None:
    assert len(loose_ends(Source("flows/menu/flow.py", text), FLOWS.named("menu"), FLOWS.by_name)) == 1
