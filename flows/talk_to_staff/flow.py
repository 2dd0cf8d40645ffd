"""Hands the conversation to a person and says when one answers."""

from __future__ import annotations

from flows.dialog import Flow, Say, Turn
from flows.identity_numbers import without_numbers
from flows.opening import is_open_now, next_opening
from flows.words import say_day, say_time

REASONS = ("unclear", "birth_date", "membership", "reminder")
"""Why other flows hand over; staff read it as the topic of the case."""

flow = Flow("talk_to_staff", intents=("talk_to_staff",))


@flow.step
def hand_over(turn: Turn) -> Say:
    why = turn.slot("why")
    is_unclear = why == "unclear"
    topic = why if why in REASONS else "asked"
    turn.desk.open_case(kind="handover", topic=topic, text=_what_was_said(turn))
    turn.desk.hand_to_staff()
    if is_open_now(turn.facility, turn.now):
        return Say("talk_to_staff.unclear_soon" if is_unclear else "talk_to_staff.soon")
    opening = next_opening(turn.facility, turn.now)
    if opening is None:
        return Say("talk_to_staff.someday")
    values = {"hari": say_day(opening.date(), today=turn.today), "jam": say_time(opening.time())}
    return Say("talk_to_staff.unclear_later" if is_unclear else "talk_to_staff.later", values)


def _what_was_said(turn: Turn) -> str:
    """What the patient wanted in the first place, and the last message where it says more than a digit or a word."""
    wanted = turn.slot("said") or turn.opened_by
    last = without_numbers(turn.whole_text)
    if not wanted or wanted == last:
        return last
    is_bare_word = turn.heard.keyword is not None and turn.whole_text == turn.text
    return wanted if is_bare_word else f"{wanted}\n{last}"
