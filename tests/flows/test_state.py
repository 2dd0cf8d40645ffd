"""What is kept of a conversation between messages survives the database as it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from flows.dialog import Act, Choice
from flows.readers import READERS
from flows.state import DialogState, LaterAsk, Question, Served, state_from_json, state_to_json
from nlu.understanding import Entity

WORDS = st.text(max_size=20)
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
QUESTIONS = st.builds(
    Question,
    step=WORDS,
    slot=WORDS,
    then=WORDS,
    reader=st.sampled_from(sorted(READERS)),
    reply=WORDS,
    values=st.dictionaries(WORDS, WORDS, max_size=3),
    choices=st.lists(st.builds(Choice, WORDS, WORDS), max_size=4).map(tuple),
    simpler=st.none() | WORDS,
    takes_anything=st.booleans(),
    let_go=st.none() | WORDS,
)
ENTITIES = st.builds(Entity, WORDS, WORDS, WORDS)
LATER = st.builds(
    LaterAsk,
    intent=WORDS,
    text=WORDS,
    entities=st.lists(ENTITIES, max_size=3).map(tuple),
    said_at=TIMES,
    is_for_another=st.booleans(),
)
SERVED = st.builds(Served, flow=WORDS, at=TIMES, slots=st.dictionaries(WORDS, WORDS, max_size=3))
ACTS = st.builds(Act, flow=WORDS, kind=WORDS, row=st.integers(0, 10**9))


@st.composite
def states(draw: st.DrawFn) -> DialogState:
    """Any state the engine can be in: slots belong to a flow, an act has its time."""
    flow = draw(st.none() | WORDS)
    act = draw(st.none() | ACTS)
    return DialogState(
        flow=flow,
        question=draw(st.none() | QUESTIONS),
        slots=draw(st.dictionaries(WORDS, WORDS, max_size=3)) if flow is not None else {},
        trail=tuple(draw(st.lists(WORDS, max_size=3))) if flow is not None else (),
        unclear=draw(st.integers(0, 3)),
        asked_at=draw(st.none() | TIMES),
        last_act=act,
        acted_at=draw(TIMES) if act is not None else None,
        opened_by=draw(WORDS),
        parked=draw(st.none() | st.dictionaries(WORDS, WORDS, max_size=3)),
        later=draw(st.none() | LATER),
        last=draw(st.none() | SERVED),
    )


@given(states())
def test_a_state_survives_the_database(state: DialogState) -> None:
    assert state == state_from_json(json.loads(json.dumps(state_to_json(state))))


def test_nothing_open_is_kept_as_nothing() -> None:
    assert {} == state_to_json(DialogState())


def test_what_an_older_version_kept_beside_is_dropped() -> None:
    assert DialogState(flow="toy") == state_from_json({"flow": "toy", "mood": "good"})
