"""Danger is answered in every state with its fixed text and an urgent case, and leaves the open question open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest

from clinic.desk import Desk
from clinic.facility_file import load_facility
from flows.catalogue import FLOWS
from flows.dialog import Heard, Turn
from flows.engine import advance
from flows.state import DialogState, Question
from nlu.understanding import Understanding

FACILITY = load_facility(Path(__file__).resolve().parents[2] / "puskesmas.yml")
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=FACILITY.zone)


@dataclass
class CaseBook:
    """The only part of the desk that danger needs."""

    opened: list[dict[str, Any]] = field(default_factory=list)

    def open_case(self, **case: Any) -> None:
        self.opened.append(case)


def _turn(book: CaseBook, danger: str) -> Turn:
    understanding = Understanding("tolong", intent="emergency", confidence=1.0, danger=danger, by="danger")
    heard = Heard(understanding, today=FACILITY.today(NOW))
    return Turn(heard=heard, slots={}, desk=cast(Desk, book), facility=FACILITY, now=NOW, channel="sms")


def _states() -> Iterator[Any]:
    yield pytest.param(DialogState(), id="nothing open")
    for flow in FLOWS.by_name.values():
        for step in flow.steps:
            question = Question(step=step, slot="x", then=step, reader="read_free_text", reply="menu.main")
            asked = DialogState(flow=flow.name, question=question, unclear=2, asked_at=NOW)
            yield pytest.param(asked, id=f"{flow.name}.{step}")
            free = replace(asked, question=replace(question, takes_anything=True))
            yield pytest.param(free, id=f"{flow.name}.{step}, free text")


@pytest.mark.parametrize("state", list(_states()))
def test_danger_gets_the_fixed_text_whatever_is_open(state: DialogState) -> None:
    book = CaseBook()

    outcome = advance(FLOWS, _turn(book, "bleeding"), state)

    assert [prompt.reply for prompt in outcome.prompts] == ["emergency.danger_with_phone"]
    assert [(case["kind"], case["urgent"], case["text"]) for case in book.opened] == [("emergency", True, "tolong")]
    assert outcome.state == state


@pytest.mark.parametrize(
    ("expected", "danger"),
    [
        ("emergency.self_harm", "self_harm"),
        ("emergency.violence", "violence"),
        ("emergency.danger_with_phone", "stroke"),
    ],
)
def test_each_kind_of_danger_has_its_own_text(expected: str, danger: str) -> None:
    assert advance(FLOWS, _turn(CaseBook(), danger), DialogState()).prompts[0].reply == expected


def test_without_an_emergency_room_of_its_own_no_number_is_given() -> None:
    turn = replace(_turn(CaseBook(), "stroke"), facility=FACILITY.model_copy(update={"emergency_phone": None}))

    assert advance(FLOWS, turn, DialogState()).prompts[0].reply == "emergency.danger"
