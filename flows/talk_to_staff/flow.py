"""Hands the conversation to a person and says when one answers."""

from __future__ import annotations

from flows.dialog import Flow, Say, Turn
from flows.opening import is_open_now, next_opening
from flows.words import say_day, say_time

flow = Flow("talk_to_staff", intents=("talk_to_staff",))


@flow.step
def hand_over(turn: Turn) -> Say:
    is_unclear = turn.slot("why") == "unclear"
    topic = "unclear" if is_unclear else "asked"
    turn.desk.open_case(kind="handover", topic=topic, text=turn.slot("said") or turn.text)
    turn.desk.hand_to_staff()
    if is_open_now(turn.facility, turn.now):
        return Say("talk_to_staff.unclear_soon" if is_unclear else "talk_to_staff.soon")
    opening = next_opening(turn.facility, turn.now)
    if opening is None:
        return Say("talk_to_staff.someday")
    values = {"hari": say_day(opening.date(), today=turn.today), "jam": say_time(opening.time())}
    return Say("talk_to_staff.unclear_later" if is_unclear else "talk_to_staff.later", values)
