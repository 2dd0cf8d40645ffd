"""Takes down a complaint in the patient's own words and says until when it is answered."""

from __future__ import annotations

from flows.dialog import Ask, Choice, Flow, Go, Result, Say, Turn
from flows.opening import open_day_from
from flows.readers import read_choice, read_free_text, read_yes_no
from flows.words import say_day

STORY_WORDS = 7
TOPICS = (
    Choice("waiting", "Tunggu lama"),
    Choice("staff", "Sikap petugas"),
    Choice("medicine", "Obat"),
    Choice("other", "Lainnya"),
)

flow = Flow("file_complaint", intents=("file_complaint",), takes={"complaint_topic": "topic"}, resumes=True)


@flow.step
def story(turn: Turn) -> Result:
    """A message that already tells what happened is not asked for again."""
    if turn.slot("story"):
        return Go("topic")
    wrote = turn.slot("wrote") or turn.whole_text
    if len(wrote.split()) >= STORY_WORDS:
        return Go("told", {"story": wrote, "unasked": "yes"})
    return Ask("file_complaint.ask_story", parse=read_free_text, slot="story", then="topic", takes_anything=True)


@flow.step
def told(turn: Turn) -> Result:
    if turn.slot("topic") is None:
        return Go("topic")
    return Ask(
        "file_complaint.ask_send", parse=read_yes_no, slot="send", then="sent", simpler="file_complaint.ask_send"
    )


@flow.step
def sent(turn: Turn) -> Result:
    return Go("file") if turn.slot("send") == "yes" else Say("file_complaint.not_sent")


@flow.step
def topic(turn: Turn) -> Result:
    """Staff read the whole story, of which the answer was only the beginning.

    A story that was told unasked is sent after a choice or a yes only, whatever else is said meanwhile.
    """
    if turn.slot("story") == turn.text.strip() != turn.whole_text.strip():
        return Go("topic", {"story": turn.whole_text.strip()})
    if turn.slot("topic") is not None:
        return Go("told") if turn.slot("unasked") else Go("file")
    return Ask("file_complaint.ask_topic", parse=read_choice, slot="topic", then="file", choices=TOPICS)


@flow.step
def file(turn: Turn) -> Say:
    case = turn.desk.open_case(
        kind="complaint", topic=turn.slot("topic") or "other", text=turn.slot("story") or turn.whole_text
    )
    due = open_day_from(turn.facility, turn.facility.today(case.due_at))
    return Say("file_complaint.thanks", {"keluhan": case.code, "hari": say_day(due, today=turn.today)})
