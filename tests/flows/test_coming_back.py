"""Interruptions and regrets: going on after a while, and what SALAH takes back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flows.engine import advance
from flows.running import Outcome
from flows.state import DialogState
from tests.flows.toy import (
    ALL,
    ASK_FIRST,
    ASK_STORY,
    DONE,
    TAKEN_BACK,
    asked_first,
    asked_story,
    done_state,
    said,
    turn_of,
)

# --- coming back after a while -----------------------------------------------------------------------------------


def _late(text: str, intent: str = "out_of_scope", *, minutes: int = 70) -> Outcome:
    return advance(ALL, turn_of(text, intent, after=timedelta(minutes=minutes)), asked_first())


def test_after_seventy_minutes_we_ask_whether_to_go_on() -> None:
    outcome = _late("gigi")

    assert (["resume.unfinished"], "resume") == (said(outcome), outcome.state.flow)


def test_within_the_hour_nothing_is_asked() -> None:
    assert [ASK_STORY] == said(_late("gigi", minutes=60))


def test_a_yes_asks_the_question_that_was_open() -> None:
    outcome = advance(ALL, turn_of("ya", after=timedelta(minutes=71)), _late("halo").state)

    assert ([ASK_FIRST], "toy") == (said(outcome), outcome.state.flow)


def test_what_was_taken_up_again_goes_on_to_its_end() -> None:
    state = advance(ALL, turn_of("ya", after=timedelta(minutes=71)), _late("halo").state).state
    state = advance(ALL, turn_of("1", after=timedelta(minutes=72)), state).state

    assert [DONE] == said(advance(ALL, turn_of("lama sekali", after=timedelta(minutes=73)), state))


def test_a_no_drops_what_was_open() -> None:
    outcome = advance(ALL, turn_of("tidak", after=timedelta(minutes=71)), _late("halo").state)

    assert (["resume.dropped"], DialogState()) == (said(outcome), outcome.state)


def test_another_wish_replaces_what_was_open_long_ago() -> None:
    outcome = _late("saya mau mengeluh sekali", "file_complaint")

    assert ("file_complaint", None) == (outcome.state.flow, outcome.state.parked)


def test_a_question_of_another_kind_is_answered_before_we_ask() -> None:
    outcome = _late("iuran bpjs berapa", "dues_info")

    assert (["dues_info.where_to_ask", "resume.unfinished"], "resume") == (said(outcome), outcome.state.flow)


def test_a_flow_not_worth_resuming_is_forgotten() -> None:
    menu = advance(ALL, turn_of("0"), DialogState()).state

    assert ["greeting.hello"] == said(advance(ALL, turn_of("halo", after=timedelta(minutes=70)), menu))[:1]


# --- SALAH -------------------------------------------------------------------------------------------------------


def test_salah_takes_back_the_last_answer() -> None:
    outcome = advance(ALL, turn_of("salah"), asked_story())

    assert ["everywhere.took_back", ASK_FIRST] == said(outcome)
    assert {} == dict(outcome.state.slots)


def test_salah_twice_drops_the_flow() -> None:
    back = advance(ALL, turn_of("salah"), asked_story())

    assert ["everywhere.dropped"] == said(advance(ALL, turn_of("salah"), back.state))


@pytest.mark.parametrize(
    ("expected", "minutes"),
    [
        pytest.param(TAKEN_BACK, 10, id="ten minutes later"),
        pytest.param("everywhere.nothing_to_undo", 11, id="eleven minutes later"),
    ],
)
def test_salah_takes_back_what_was_done_within_ten_minutes(expected: str, minutes: int) -> None:
    outcome = advance(ALL, turn_of("salah", after=timedelta(minutes=minutes)), done_state())

    assert [expected] == said(outcome)


def test_an_act_is_taken_back_once() -> None:
    back = advance(ALL, turn_of("salah"), done_state())

    assert ["everywhere.nothing_to_undo"] == said(advance(ALL, turn_of("salah"), back.state))


def test_an_act_can_be_taken_back_after_another_question_was_dropped() -> None:
    dropped = advance(ALL, turn_of("batal"), advance(ALL, turn_of("0"), done_state()).state)

    assert [TAKEN_BACK] == said(advance(ALL, turn_of("salah"), dropped.state))
