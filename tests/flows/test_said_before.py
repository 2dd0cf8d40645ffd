"""What was said just before: short messages go on from it for ten minutes, and nothing is done on them unasked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from flows.doubt import ACT_FROM, OFFER_BELOW
from flows.engine import advance
from flows.running import Outcome
from flows.said_before import SURE_ENOUGH_TO_TELL
from flows.state import DialogState, Served, state_from_json, state_to_json
from nlu.extract import extract
from tests.flows.toy import ALL, DeskBook, said, turn_of

DOCTORS = "dokter gigi hari rabu siapa"


def hear(
    text: str,
    state: DialogState,
    intent: str = "out_of_scope",
    *,
    sure: float = 0.3,
    others: tuple[str, ...] = (),
    minutes: int = 0,
) -> Outcome:
    kept = state_from_json(json.loads(json.dumps(state_to_json(state))))
    turn = turn_of(text, intent, after=timedelta(minutes=minutes))
    entities = extract(text, today=turn.today)
    understanding = replace(turn.heard.understanding, confidence=sure, others=others, entities=entities)
    return advance(ALL, replace(turn, heard=replace(turn.heard, understanding=understanding)), kept)


def told_doctors() -> DialogState:
    return hear(DOCTORS, DialogState(), "doctor_schedule", sure=0.9).state


def values(outcome: Outcome) -> dict[str, str]:
    return dict(outcome.prompts[0].values)


def test_what_was_served_is_remembered_with_its_values() -> None:
    last = told_doctors().last

    assert last is not None
    assert ("doctor_schedule", {"poli": "gigi", "day": "2026-11-25"}) == (last.flow, dict(last.slots))


@pytest.mark.parametrize(
    ("poli", "day", "text"),
    [
        pytest.param("Umum", "Rabu 25 Nov", "kalau yang umum?", id="another poli, the same day"),
        pytest.param("Gigi", "Jumat 27 Nov", "klo jumat", id="another day, the same poli"),
        pytest.param("Umum", "Jumat 27 Nov", "yang umum jumat", id="both"),
        pytest.param("Kesehatan Ibu Anak", "Rabu 25 Nov", "kia?", id="the bare value"),
    ],
)
@pytest.mark.parametrize("sure", [0.17, 0.5, 0.94])
def test_a_bare_value_goes_on_however_sure_the_model_is_of_something_else(
    text: str, poli: str, day: str, sure: float
) -> None:
    found = values(hear(text, told_doctors(), "health_question", sure=sure))

    assert (poli, day) == (found["poli"], found["hari"])


def test_a_short_unsure_message_goes_on_where_that_is_likely() -> None:
    outcome = hear("kalau yang tetap siapa?", told_doctors(), "health_question", others=("doctor_schedule",))

    assert said(outcome)[0].startswith("doctor_schedule.")


@pytest.mark.parametrize(
    ("text", "intent", "sure", "others"),
    [
        pytest.param("trus bayarnya?", "dues_info", 0.96, (), id="sure of something else"),
        pytest.param("oh gitu ya bu", "thanks", 0.9, ("doctor_schedule",), id="nothing asked"),
        pytest.param("kalau besok hujan saya tetap datang ya", "dues_info", 0.9, ("doctor_schedule",), id="a sentence"),
        pytest.param("kalau penuh?", "dues_info", 0.9, (), id="neither a value nor likely"),
    ],
)
def test_a_message_that_says_enough_is_read_by_itself(
    text: str, intent: str, sure: float, others: tuple[str, ...]
) -> None:
    assert not said(hear(text, told_doctors(), intent, sure=sure, others=others))[0].startswith("doctor_schedule.")


@pytest.mark.parametrize(("goes_on", "minutes"), [(True, 10), (False, 11)])
def test_after_ten_minutes_nothing_is_remembered(goes_on: bool, minutes: int) -> None:
    outcome = hear("kalau yang umum?", told_doctors(), "dues_info", sure=0.9, minutes=minutes)

    assert goes_on is said(outcome)[0].startswith("doctor_schedule.")


def test_thanks_in_between_do_not_make_us_forget() -> None:
    state = hear("makasih ya bu dokter", told_doctors(), "thanks", sure=0.9).state

    assert said(hear("kalau yang umum?", state))[0].startswith("doctor_schedule.")


def test_a_value_goes_to_the_open_question_and_not_to_what_was_served_before() -> None:
    asked = hear("mau mainan", told_doctors(), "toy", sure=0.9).state

    assert said(hear("gigi", asked)) != said(hear("gigi", told_doctors()))


@pytest.mark.parametrize(
    ("last", "text", "wish"),
    [
        ("book_queue", "klo kamis?", "reschedule_queue"),
        ("book_queue", "sekalian anak saya", "book_queue"),
        ("reschedule_queue", "kalau sore?", "reschedule_queue"),
        ("reschedule_queue", "utk suami", "book_queue"),
    ],
)
def test_a_number_is_asked_about_before_anything_is_done(last: str, text: str, wish: str) -> None:
    state = DialogState(last=Served(last, turn_of("x").now, {}))

    outcome = hear(text, state, wish, sure=0.99)

    assert (["meant.confirm"], wish) == (said(outcome), outcome.state.slots["likely"])


def test_the_light_of_what_was_said_is_never_enough_to_act() -> None:
    assert OFFER_BELOW <= SURE_ENOUGH_TO_TELL < ACT_FROM


def test_a_handover_is_not_what_was_served_last() -> None:
    after = advance(ALL, turn_of("9", desk=DeskBook()), told_doctors()).state

    assert after.last is not None
    assert "doctor_schedule" == after.last.flow


def test_a_flow_of_an_older_version_is_forgotten() -> None:
    state = DialogState(last=Served("gone", turn_of("x").now, {}))

    assert ["dues_info.where_to_ask"] == said(hear("kalau gigi?", state, "dues_info", sure=0.9))
