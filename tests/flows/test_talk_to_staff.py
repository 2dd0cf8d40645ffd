"""What staff read when a conversation is handed to them: why, and what the patient wanted in the first place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from flows.catalogue import FLOWS
from flows.engine import advance
from flows.running import run
from flows.state import DialogState
from tests.flows.toy import ALL, DeskBook, asked_first, said, turn_of

STAFF = FLOWS.named("talk_to_staff")


@pytest.mark.parametrize(
    ("expected", "why"),
    [
        ("unclear", "unclear"),
        ("birth_date", "birth_date"),
        ("membership", "membership"),
        ("reminder", "reminder"),
        ("asked", ""),
        ("asked", "something else"),
    ],
)
def test_the_reason_is_the_topic_of_the_case(expected: str, why: str) -> None:
    desk = DeskBook()
    run(FLOWS, turn_of("1 mei 1980", desk=desk), STAFF, DialogState(), slots={"why": why})

    assert [(expected, "1 mei 1980")] == desk.cases


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        pytest.param("bpjs saya aktif?\ntidak cocok terus", "tidak cocok terus", id="words that say more"),
        pytest.param("bpjs saya aktif?", "9", id="a digit says nothing more"),
        pytest.param("bpjs saya aktif?", "ya", id="nor does a yes"),
        pytest.param("bpjs saya aktif?", "bpjs saya aktif?", id="the same again"),
        pytest.param("bpjs saya aktif?\nnik 6472********0001", "nik 6472015205900001", id="without numbers"),
    ],
)
def test_staff_read_what_was_wanted_first(expected: str, text: str) -> None:
    desk = DeskBook()
    run(FLOWS, turn_of(text, desk=desk), STAFF, DialogState(opened_by="bpjs saya aktif?"))

    assert [("asked", expected)] == desk.cases


def test_who_asks_for_a_person_in_their_own_words_need_not_say_again_what_for() -> None:
    desk = DeskBook()
    advance(ALL, turn_of("capek bicara sama robot terus ini", "talk_to_staff", desk=desk), asked_first())

    assert [("asked", "mulai mainan\ncapek bicara sama robot terus ini")] == desk.cases


def test_staff_read_a_long_message_whole() -> None:
    desk = DeskBook()
    run(FLOWS, replace(turn_of("panjang", desk=desk), written="panjang sekali"), STAFF, DialogState())

    assert [("asked", "panjang sekali")] == desk.cases


@pytest.mark.parametrize(
    ("expected", "hours"),
    [
        pytest.param("talk_to_staff.soon", 0, id="eight in the morning"),
        pytest.param("talk_to_staff.later", 12, id="eight in the evening"),
    ],
)
def test_it_is_said_when_a_person_answers(expected: str, hours: int) -> None:
    outcome = run(FLOWS, turn_of("petugas", after=timedelta(hours=hours)), STAFF, DialogState())

    assert [expected] == said(outcome)
