"""The dialog engine by itself: commands, lost places, unclear answers, and another wish in the middle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flows.catalogue import FLOWS
from flows.dialog import Flow, Say, Turn
from flows.engine import advance, answers_open_question
from flows.running import collect
from flows.state import DialogState, Question
from tests.flows.toy import (
    ALL,
    ASK_FIRST,
    ASK_STORY,
    DONE,
    NOW,
    DeskBook,
    asked_first,
    asked_story,
    done_state,
    said,
    turn_of,
)

# --- words that are heard in every state -------------------------------------------------------------------------


def _open_states() -> Iterator[Any]:
    for flow in FLOWS.by_name.values():
        for step in flow.steps:
            question = Question(step=step, slot="x", then=step, reader="read_choice", reply="menu.main")
            state = DialogState(flow=flow.name, question=question, unclear=2, asked_at=NOW, opened_by="mau apa ini")
            yield pytest.param(state, id=f"{flow.name}.{step}")
            free = replace(question, takes_anything=True, reader="read_free_text")
            yield pytest.param(replace(state, question=free), id=f"{flow.name}.{step}, free text")


@pytest.mark.parametrize("state", list(_open_states()))
def test_the_menu_is_one_digit_away_whatever_is_open(state: DialogState) -> None:
    outcome = advance(ALL, turn_of("0"), state)

    assert (["menu.main"], "menu", 0) == (said(outcome), outcome.state.flow, outcome.state.unclear)


@pytest.mark.parametrize("state", list(_open_states()))
def test_a_person_is_one_digit_away_whatever_is_open(state: DialogState) -> None:
    desk = DeskBook()
    outcome = advance(ALL, turn_of("9", desk=desk), state)

    assert (["talk_to_staff.soon"], None) == (said(outcome), outcome.state.question)
    assert ([("asked", "mau apa ini")], 1) == (desk.cases, desk.handed)


@pytest.mark.parametrize("word", ["salah", "batal"])
@pytest.mark.parametrize("state", list(_open_states()))
def test_the_first_question_of_any_flow_is_dropped_by_a_word(state: DialogState, word: str) -> None:
    outcome = advance(ALL, turn_of(word), state)

    assert (["everywhere.dropped"], None) == (said(outcome), outcome.state.flow)


@pytest.mark.parametrize("word", ["0", "9", "petugas", "salah", "batal", "stop", "mulai", "bukan saya"])
def test_these_words_need_no_model(word: str) -> None:
    assert answers_open_question(DialogState(), turn_of(word).heard)


def test_batal_with_nothing_open_is_about_the_queue_number() -> None:
    calls: list[str] = []
    cancel = Flow("cancel_queue", intents=())

    @cancel.step
    def hear(turn: Turn) -> Say:
        calls.append(turn.text)
        return Say(DONE)

    others = (flow for flow in FLOWS.by_name.values() if flow.name != "cancel_queue")
    advance(collect((*others, cancel)), turn_of("batal"), done_state())

    assert ["batal"] == calls


# --- a place that is no longer there -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"step": "gone"}, id="step"),
        pytest.param({"then": "gone"}, id="next step"),
        pytest.param({"reader": "read_gone"}, id="reader"),
    ],
)
def test_a_question_of_an_older_version_is_given_up_for_the_menu(change: Mapping[str, Any]) -> None:
    state = asked_first()
    assert state.question is not None
    lost = replace(state, question=replace(state.question, **change))

    outcome = advance(ALL, turn_of("1"), lost)

    assert (["everywhere.lost_place", "menu.main"], "menu") == (said(outcome), outcome.state.flow)


def test_a_flow_of_an_older_version_is_given_up_for_the_menu() -> None:
    outcome = advance(FLOWS, turn_of("1"), asked_first())

    assert ["everywhere.lost_place", "menu.main"] == said(outcome)


def test_a_parked_flow_of_an_older_version_is_given_up_for_the_menu() -> None:
    late = advance(ALL, turn_of("apa ya", after=timedelta(minutes=70)), asked_first())

    outcome = advance(FLOWS, turn_of("ya", after=timedelta(minutes=71)), late.state)

    assert ["everywhere.lost_place", "menu.main"] == said(outcome)


# --- answers that are not understood -----------------------------------------------------------------------------


def test_the_third_unclear_answer_goes_to_a_person_who_reads_what_was_wanted() -> None:
    desk = DeskBook()
    once = advance(ALL, turn_of("asdf"), asked_first())
    twice = advance(ALL, turn_of("qwer"), once.state)
    thrice = advance(ALL, turn_of("zxcv", desk=desk), twice.state)

    assert ["everywhere.unclear", ASK_FIRST] == said(once)
    assert ["everywhere.simpler"] == said(twice)
    assert ["talk_to_staff.unclear_soon"] == said(thrice)
    assert ([("unclear", "mulai mainan\nzxcv")], 1) == (desk.cases, desk.handed)


def test_three_messages_that_nobody_understands_go_to_a_person() -> None:
    desk = DeskBook()
    once = advance(ALL, turn_of("asdf"), DialogState())
    twice = advance(ALL, turn_of("qwer"), once.state)
    thrice = advance(ALL, turn_of("zxcv", desk=desk), twice.state)

    assert ["out_of_scope.what_i_can", "everywhere.unclear_menu", "talk_to_staff.unclear_soon"] == [
        said(outcome)[0] for outcome in (once, twice, thrice)
    ]
    assert [("unclear", "asdf\nzxcv")] == desk.cases


def test_an_answer_that_is_understood_starts_the_count_anew() -> None:
    twice = advance(ALL, turn_of("qwer"), advance(ALL, turn_of("asdf"), asked_first()).state)

    assert 0 == advance(ALL, turn_of("1"), twice.state).state.unclear


def test_the_case_that_staff_read_holds_no_identity_number() -> None:
    state = advance(ALL, turn_of("cek 6472015205900001", "toy"), DialogState()).state
    desk = DeskBook()

    advance(ALL, turn_of("9", desk=desk), state)

    assert [("asked", "cek 6472********0001")] == desk.cases


# --- another wish in the middle ----------------------------------------------------------------------------------


def test_an_answer_in_the_middle_asks_the_open_question_again() -> None:
    outcome = advance(ALL, turn_of("iuran bpjs sekarang berapa ya bu", "dues_info"), asked_first())

    assert ["dues_info.where_to_ask", ASK_FIRST] == said(outcome)
    assert asked_first() == outcome.state


def test_an_acting_wish_in_the_middle_takes_over() -> None:
    outcome = advance(ALL, turn_of("saya mau mengeluh saja", "file_complaint"), asked_first())

    assert "file_complaint" == outcome.state.flow


def test_a_digit_is_an_answer_and_no_wish() -> None:
    assert [ASK_STORY] == said(advance(ALL, turn_of("2"), asked_first()))


def test_free_text_is_taken_whatever_it_sounds_like() -> None:
    outcome = advance(ALL, turn_of("bpjs saya ditolak di loket kemarin pagi", "membership_status"), asked_story())

    assert [DONE] == said(outcome)


def test_a_value_said_anew_is_taken_over() -> None:
    twice_asked = replace(asked_first(), slots={"first": "umum"})

    outcome = advance(ALL, turn_of("eh ke gigi aja ya bu maaf", "toy", poli="gigi"), twice_asked)

    assert ([ASK_STORY], "gigi") == (said(outcome), outcome.state.slots["first"])


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        pytest.param(True, "2", id="a digit"),
        pytest.param(True, "ke poli gigi saja", id="four words"),
        pytest.param(False, "saya mau ke poli gigi", id="five words are read by the model too"),
        pytest.param(False, "asdf", id="no answer"),
    ],
)
def test_a_short_answer_needs_no_model(expected: bool, text: str) -> None:
    assert expected is answers_open_question(asked_first(), turn_of(text).heard)
