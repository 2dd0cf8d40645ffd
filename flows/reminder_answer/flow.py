"""Does what the answer to a reminder says: coming books a number, another day moves the visit, done is noted."""

from __future__ import annotations

import re
from datetime import date

from clinic.queue import QueueRefused
from flows.booking import Offer, When, ask_when, kept_when, other_day, settle_when, ticket_values
from flows.dialog import Act, Ask, Choice, Flow, Go, Heard, Say, Switch, Turn, Unclear
from flows.readers import read_choice, reader
from flows.words import say_date
from nlu.normalise import normalise

COMING, OTHER_DAY, DONE = "coming", "other_day", "done"
BY_DIGIT = {"1": COMING, "2": OTHER_DAY, "3": DONE}
CHOICES = (Choice(COMING, "Datang"), Choice(OTHER_DAY, "Ganti hari"), Choice(DONE, "Sudah"))
MOST_WORDS = 5
SAYS = (
    (DONE, re.compile(r"\bsudah\b")),
    (OTHER_DAY, re.compile(r"^(?:ganti|pindah|undur|tunda|mundur)(?: saja)?$|\bhari lain\b")),
    (OTHER_DAY, re.compile(r"\b(?:ganti|pindah|undur|tunda|mundur)\b.*\b(?:hari|jam|tanggal|jadwal|besok|lusa)\b")),
    (COMING, re.compile(r"\b(?:datang|hadir)\b")),
)
NOT_AN_ANSWER = frozenset(
    "tidak belum bukan apa apakah berapa kapan mana dimana siapa kenapa bagaimana gimana bisa".split()
)
WITH_THE_BOOK = "imunisasi"

flow = Flow("reminder_answer", intents=(), takes={"date": "day", "time": "time"}, resumes=True)


@reader
def read_reminder_answer(heard: Heard) -> str:
    """coming, other_day or done: by digit, by yes or no, or by one of a few words in a short message."""
    words = normalise(heard.text).split()
    if len(words) == 1 and words[0] in BY_DIGIT:
        return BY_DIGIT[words[0]]
    if len(words) <= MOST_WORDS and "?" not in heard.text and not NOT_AN_ANSWER & set(words):
        for answer, telling in SAYS:
            if telling.search(" ".join(words)):
                return answer
    if heard.keyword in ("yes", "no"):
        return COMING if heard.keyword == "yes" else OTHER_DAY
    if heard.choices:
        return read_choice(heard)
    raise Unclear


@flow.step
def answer(turn: Turn) -> Ask | Go | Switch:
    """What the message itself answers; asked once more where it does not. The reminder is kept from here on."""
    reminder = turn.desk.last_reminder()
    if reminder is None:
        return Switch("menu")
    kept = {
        "reminder": str(reminder.id),
        "programme": reminder.programme,
        "person": str(reminder.person_id),
        "visit": reminder.visit_on.isoformat(),
        "poli": reminder.poli or "",
    }
    try:
        return Go("act", {**kept, "answer": turn.slot("answer") or read_reminder_answer(turn.heard)})
    except Unclear:
        return Go("ask", kept)


@flow.step
def ask(turn: Turn) -> Ask:
    return Ask("reminder_answer.ask", parse=read_reminder_answer, slot="answer", then="act", choices=CHOICES)


@flow.step
def act(turn: Turn) -> Say | Go:
    if turn.slot("answer") == DONE:
        _note(turn, DONE)
        has_book = WITH_THE_BOOK in turn.slots["programme"]
        return Say("reminder_answer.done_book" if has_book else "reminder_answer.done")
    if turn.slot("answer") == OTHER_DAY or turn.slot("day"):
        return Go("day")
    return Go("come")


@flow.step
def come(turn: Turn) -> Go:
    """A number for the day of the visit, or for the next day with room."""
    if not turn.slot("poli"):
        return Go("without_number")
    rooms = turn.desk.rooms_with_space(turn.slots["poli"], from_day=_visit_day(turn), limit=1)
    if not rooms:
        return Go("without_number")
    return Go("take", {"day": When(rooms[0].day, rooms[0].session).kept})


@flow.step
def without_number(turn: Turn) -> Say:
    _note(turn, COMING)
    return Say("reminder_answer.come", {"hari": say_date(_visit_day(turn))})


@flow.step
def day(turn: Turn) -> Ask | Say | Go:
    poli = turn.slot("poli")
    if not poli:
        return Go("moved_by_staff")
    settled = settle_when(turn, poli, may_ask_session=False)
    if isinstance(settled, Offer):
        return ask_when(turn, poli, settled, then="day")
    return Go("take", {"day": settled.kept})


@flow.step
def moved_by_staff(turn: Turn) -> Switch:
    """A visit without a poli has no queue of ours to move it in."""
    _note(turn, OTHER_DAY)
    return Switch("talk_to_staff", {"why": "reminder"})


@flow.step
def take(turn: Turn) -> Say | Go:
    poli, when = turn.slots["poli"], kept_when(turn.slots["day"])
    if when is None or when.session is None:
        return Go("day")
    person_id = int(turn.slots["person"])
    try:
        ticket = turn.desk.take_number(poli=poli, day=when.day, session=when.session, person_id=person_id)
    except QueueRefused as refused:
        return Go("refused", {"refused": refused.reason})
    _note(turn, turn.slots["answer"])
    values = ticket_values(turn, ticket)
    if not ticket.is_new:
        return Say("book_queue.already", values)
    return Say("book_queue.your_number", values, act=Act(flow.name, "took", ticket.id))


@flow.step
def refused(turn: Turn) -> Ask | Say:
    poli, when = turn.slots["poli"], kept_when(turn.slots["day"])
    day = turn.today if when is None else when.day
    return ask_when(turn, poli, other_day(turn, poli, turn.slots["refused"], day), then="day")


@flow.undoes
def give_back(turn: Turn, act: Act) -> Say:
    ticket = turn.desk.cancel(act.row)
    if ticket is None:
        return Say("book_queue.too_late")
    return Say("book_queue.given_back", ticket_values(turn, ticket))


def _note(turn: Turn, answer: str) -> None:
    turn.desk.answer_reminder(int(turn.slots["reminder"]), answer)


def _visit_day(turn: Turn) -> date:
    return max(date.fromisoformat(turn.slots["visit"]), turn.today)
