"""Two asks in one message: the first is served, the second kept, offered once, and never in the way."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels.segments import count_segments
from flows.catalogue import FLOWS, REPLIES
from flows.dialog import Act, Turn
from flows.engine import advance
from flows.render import Prompt, render
from flows.running import Outcome
from flows.second_ask.flow import flow as second_ask
from flows.state import DialogState, Served, state_from_json, state_to_json
from flows.text_gate import filled
from flows.two_asks import KEPT_FOR, NOTHING_AFTER, cancels_number
from nlu.two_asks import QUESTIONS, WISHES
from nlu.understanding import Entity, Understanding
from tests.flows.toy import ALL, ASK_FIRST, ASK_STORY, DONE, TAKEN_BACK, DeskBook, said, turn_of

WHOLE = "mau mainan, sama tanya iuran bpjs"
OFFER = "second_ask.dues_info"
DUES = Understanding("sama tanya iuran bpjs", "dues_info", 0.9)
PLAY = Understanding("mau mainan", "toy", 0.9)


def both(first: Understanding = PLAY, second: Understanding = DUES, *, after: timedelta = timedelta()) -> Turn:
    turn = turn_of(WHOLE, first.intent, after=after)
    return replace(
        turn, heard=replace(turn.heard, understanding=replace(turn.heard.understanding, asks=(first, second)))
    )


def hear(text: str, state: DialogState, intent: str = "out_of_scope", *, minutes: int = 0) -> Outcome:
    kept = state_from_json(json.loads(json.dumps(state_to_json(state))))
    return advance(ALL, turn_of(text, intent, after=timedelta(minutes=minutes)), kept)


def asked() -> DialogState:
    return advance(ALL, both(), DialogState()).state


def offered() -> DialogState:
    """The first ask was served in three messages, and the second stands in the last reply."""
    return hear("lama sekali", hear("gigi", asked()).state).state


def test_the_second_ask_waits_while_the_first_asks_its_questions() -> None:
    outcome = advance(ALL, both(), DialogState())

    assert ([ASK_FIRST], "toy") == (said(outcome), outcome.state.flow)
    assert outcome.state.later is not None
    assert ("dues_info", "sama tanya iuran bpjs") == (outcome.state.later.intent, outcome.state.later.text)


def test_the_reply_that_serves_the_first_offers_the_second() -> None:
    story = hear("gigi", asked())
    done = hear("lama sekali", story.state)

    assert ([ASK_STORY], [DONE, OFFER]) == (said(story), said(done))


def test_two_answers_are_given_one_after_the_other() -> None:
    needs = Understanding("apa syarat berobat", "registration_requirements", 0.9)
    outcome = advance(ALL, both(needs), DialogState())

    assert ["registration_requirements.bring", OFFER] == said(outcome)
    assert ["dues_info.where_to_ask"] == said(hear("1", outcome.state))


@pytest.mark.parametrize("word", ["1", "ya", "iya bu", "lanjut"])
def test_a_yes_serves_the_second(word: str) -> None:
    outcome = hear(word, offered())

    assert (["dues_info.where_to_ask"], None, None) == (said(outcome), outcome.state.flow, outcome.state.later)


@pytest.mark.parametrize("word", ["2", "tidak", "tidak usah dulu"])
def test_a_no_drops_it(word: str) -> None:
    outcome = hear(word, offered())

    assert (["second_ask.dropped"], None, None) == (said(outcome), outcome.state.flow, outcome.state.later)


def test_what_was_said_with_the_second_is_not_asked_again() -> None:
    toy = Understanding("mau mainan gigi", "toy", 0.9, (Entity("poli", "gigi", "gigi"),))
    outcome = advance(ALL, both(DUES, toy), DialogState())

    assert ["dues_info.where_to_ask", "second_ask.toy"] == said(outcome)
    assert [ASK_STORY] == said(hear("ya", outcome.state))


def test_identity_numbers_are_not_kept() -> None:
    nik = "6472015205900001"
    member = Understanding(f"cek bpjs {nik}", "membership_status", 0.9, (Entity("nik", nik, nik),))
    kept = json.dumps(state_to_json(advance(ALL, both(second=member), DialogState()).state.closed()))
    later = json.dumps(state_to_json(advance(ALL, both(second=member), DialogState()).state))

    assert nik not in kept + later


def test_staff_who_are_called_read_the_whole_message() -> None:
    desk = DeskBook()
    advance(ALL, turn_of("9", desk=desk), asked())

    assert [("asked", WHOLE)] == desk.cases


# --- words that are heard in every state -------------------------------------------------------------------------


def test_salah_takes_back_what_was_done_in_the_same_message_and_offers_again() -> None:
    outcome = hear("salah", offered())

    assert [TAKEN_BACK, OFFER] == said(outcome)
    assert ["dues_info.where_to_ask"] == said(hear("ya", outcome.state))


def test_salah_does_not_reach_behind_the_message_of_the_offer() -> None:
    needs = Understanding("apa syarat berobat", "registration_requirements", 0.9)
    acted = replace(DialogState(), last_act=Act("toy", "did", 7), acted_at=turn_of("x").now - timedelta(minutes=3))
    state = advance(ALL, both(needs), acted).state

    assert ["everywhere.dropped"] == said(hear("salah", state))


def test_salah_to_the_first_question_drops_both() -> None:
    outcome = hear("salah", asked())

    assert (["everywhere.dropped"], None) == (said(outcome), outcome.state.later)


def test_batal_drops_the_first_and_offers_the_second() -> None:
    assert ["everywhere.dropped", OFFER] == said(hear("batal", asked()))


def test_batal_drops_an_offer() -> None:
    outcome = hear("batal", offered())

    assert (None, None) == (outcome.state.flow, outcome.state.later)


@pytest.mark.parametrize(("is_about_the_number", "word"), [(True, "batal"), (False, "gak usah"), (False, "tidak jadi")])
def test_batal_beside_a_queue_number_is_about_the_number(is_about_the_number: bool, word: str) -> None:
    state = offered()
    assert state.asked_at is not None
    state = replace(state, last=Served("book_queue", state.asked_at, {}))

    assert is_about_the_number is cancels_number(state, word)
    assert not cancels_number(replace(state, asked_at=state.asked_at + timedelta(minutes=1)), word)


@pytest.mark.parametrize(
    ("word", "reply"), [("0", "menu.main"), ("9", "talk_to_staff.soon"), ("bukan saya", "not_me.sure")]
)
@pytest.mark.parametrize("state", [pytest.param(asked(), id="waiting"), pytest.param(offered(), id="offered")])
def test_a_command_takes_the_place_of_both(state: DialogState, word: str, reply: str) -> None:
    outcome = hear(word, state)

    assert ([reply], None) == (said(outcome), outcome.state.later)


def test_danger_leaves_the_offer_as_it_is() -> None:
    state = offered()
    outcome = hear("tolong", state, "emergency")

    assert state == outcome.state
    assert ["dues_info.where_to_ask"] == said(hear("1", outcome.state))


# --- what goes on meanwhile --------------------------------------------------------------------------------------


def test_another_wish_replaces_an_offer() -> None:
    outcome = hear("keluhan saya banyak sekali bu", offered(), "file_complaint")

    assert ("file_complaint", None) == (outcome.state.flow, outcome.state.later)


def test_an_offer_that_is_not_understood_is_made_again() -> None:
    assert ["everywhere.unclear", OFFER] == said(hear("gmn maksudnya bu", offered()))


def test_an_offer_is_forgotten_after_an_hour() -> None:
    outcome = hear("makasih ya bu dokter", offered(), "thanks", minutes=61)

    assert (["thanks.welcome"], None) == (said(outcome), outcome.state.later)


def test_the_second_ask_is_parked_with_the_first() -> None:
    state = hear("apa ya", asked(), minutes=70).state
    state = hear("ya", state, minutes=71).state
    state = hear("gigi", state, minutes=72).state

    assert [DONE, OFFER] == said(hear("lama sekali", state, minutes=73))


def test_the_next_day_nothing_is_offered() -> None:
    minutes = int(KEPT_FOR / timedelta(minutes=1))
    state = hear("apa ya", asked(), minutes=70).state
    state = hear("ya", state, minutes=minutes).state
    state = hear("gigi", state, minutes=minutes + 1).state

    assert [DONE] == said(hear("lama sekali", state, minutes=minutes + 2))


def test_what_was_answered_in_between_is_not_offered() -> None:
    aside = Understanding("iuran bpjs berapa ya bu sekarang", "dues_info", 0.9)
    outcome = hear(aside.text, asked(), "dues_info")

    assert ["dues_info.where_to_ask", ASK_FIRST] == said(outcome)


def test_the_ask_of_the_open_flow_goes_first() -> None:
    state = advance(ALL, turn_of("mau mainan", "toy"), DialogState()).state
    gigi = Understanding("mainan yang gigi saja", "toy", 0.9, (Entity("poli", "gigi", "gigi"),))
    outcome = advance(ALL, both(DUES, gigi), state)

    assert [ASK_STORY] == said(outcome)
    assert outcome.state.later is not None


def test_after_a_handover_nothing_is_offered() -> None:
    staff = Understanding("mau bicara petugas", "talk_to_staff", 0.9)
    turn = replace(both(staff), desk=turn_of("x", desk=DeskBook()).desk)

    assert ["talk_to_staff.soon"] == said(advance(ALL, turn, DialogState()))


# --- texts -------------------------------------------------------------------------------------------------------


def test_every_ask_that_may_stand_second_has_its_offer() -> None:
    wanted = {f"second_ask.{FLOWS.by_intent[intent].name}" for intent in WISHES | QUESTIONS | {"file_complaint"}}

    assert set() == wanted - set(REPLIES)


def _offers() -> list[str]:
    offers = [key for key in REPLIES if key.startswith("second_ask.") and key != "second_ask.dropped"]
    return [filled(REPLIES[key].text, REPLIES[key].example) for key in offers]


@pytest.mark.parametrize("key", sorted(set(REPLIES) - {f"second_ask.{name}" for name in ("x", *NOTHING_AFTER)}))
def test_a_reply_with_an_offer_behind_it_costs_two_sms_at_most(key: str) -> None:
    reply = REPLIES[key]
    longest = max(_offers(), key=len)
    text = f"{filled(reply.text, reply.example)}\n{longest}"

    assert count_segments(text).segments <= max(2, reply.segments + 1)


def test_an_offer_is_one_message_with_what_stands_before_it() -> None:
    prompts = (Prompt("dues_info.where_to_ask"), Prompt("second_ask.dues_info"))

    assert 2 >= count_segments(render(REPLIES, prompts, channel="sms")).segments


def test_the_offer_is_a_flow_that_other_wishes_replace() -> None:
    assert second_ask.is_answer
