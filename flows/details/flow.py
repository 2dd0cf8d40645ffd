"""Asks what is still missing behind a number: a newcomer's birth date and NIK or card, and once how far they live.

Nobody has to answer: the number stands, and staff complete the rest at the counter.
"""

from __future__ import annotations

from datetime import date, timedelta

from clinic.people import nik_birth_date
from clinic.registering import NIK_DIGITS, is_same_day, nik_makes_sense
from flows.booking import ticket_values
from flows.details.known import (
    asked_again,
    birth_date_inside,
    born_of,
    born_with_year,
    called,
    keep_birth_date,
    label_of,
    person_of,
    ticket_of,
)
from flows.dialog import Act, Ask, Choice, Flow, Go, Say, Turn
from flows.identity_numbers import number_in
from flows.newcomers import (
    AGAIN,
    DIGITS,
    FAULTY,
    FORGOTTEN,
    NONE_AT_HAND,
    NOT_NOW,
    TRAVEL,
    kept_born,
    read_born_answer,
    read_number_answer,
    read_right_birth,
    read_travel,
    read_year_answer,
    say_born,
    say_what_is_kept,
)
from flows.words import MONTHS
from nlu.births import Born

AGE_IS_ABOUT = timedelta(days=400)
"""An age says the birth date to a year; a NIK within it fits."""
SAID, INSIDE = "said:", "nik:"

flow = Flow("details", intents=())


@flow.step
def begin(turn: Turn) -> Say | Go:
    """Where it stands, also after SALAH: what was kept of an answer that was taken back goes too."""
    person = person_of(turn)
    if person is None:
        return Say("details.noted_only")
    if turn.slot("known") or turn.slot("linked"):
        return Go("travel")
    keep_birth_date(turn, born_of(turn))
    if not turn.slot("born"):
        return Go("ask_born")
    if kept_born(turn.slot("born")).day_and_month and not turn.slot("year"):
        return Go("ask_year")
    if turn.slot("differs") and not turn.slot("right"):
        turn.desk.forget_number(person.person_id)
        return Go("ask_which")
    if not turn.slot("number"):
        turn.desk.forget_number(person.person_id)
        return Go("ask_number")
    return Go("travel")


# --- the birth date ----------------------------------------------------------------------------------------------


@flow.step
def ask_born(turn: Turn) -> Ask:
    wrong = turn.slot("wrong")
    return Ask(
        f"details.{wrong}" if wrong else "details.ask_born",
        parse=read_born_answer,
        slot="born",
        then="keep_born",
        values=called(turn),
        simpler="details.simpler_born",
        let_go="let_go",
    )


@flow.step
def keep_born(turn: Turn) -> Go:
    said = turn.slots["born"]
    if said == NOT_NOW:
        return Go("let_go")
    if said.isdigit():
        return Go("keep_number", {"born": FORGOTTEN, "number": said})
    if said.startswith(FAULTY):
        return asked_again(turn, "ask_born", "born", said.removeprefix(FAULTY))
    if kept_born(said).day_and_month is not None:
        return Go("ask_year")
    keep_birth_date(turn, born_of(turn))
    return Go("number", {"wrong": ""})


@flow.step
def ask_year(turn: Turn) -> Ask:
    day, month = kept_born(turn.slots["born"]).day_and_month or (1, 1)
    values = {"tanggal": f"{day} {MONTHS[month - 1]}"} if month <= len(MONTHS) else {"tanggal": f"{day}"}
    return Ask(
        "details.ask_year", parse=read_year_answer, slot="year", then="keep_year", values=values, let_go="let_go"
    )


@flow.step
def keep_year(turn: Turn) -> Go:
    """The day and its year together; a whole date instead of the year is taken as it is."""
    said = turn.slots["year"]
    if said == NOT_NOW:
        return Go("let_go")
    if kept_born(said if "-" in said else None).born is not None:
        return Go("keep_born", {"born": said})
    born = born_with_year(turn)
    if isinstance(born, str):
        return asked_again(turn, "ask_born", "born", born)
    keep_birth_date(turn, born)
    return Go("number", {"wrong": ""})


# --- NIK or card -------------------------------------------------------------------------------------------------


@flow.step
def number(turn: Turn) -> Go:
    """A number may stand beside the birth date in the same message."""
    beside = number_in(turn.text)
    return Go("ask_number") if beside is None else Go("keep_number", {"number": beside})


@flow.step
def ask_number(turn: Turn) -> Ask:
    values, born = called(turn), born_of(turn)
    reply = "details.ask_number"
    if turn.slot("wrong") == "digits":
        reply, values = "details.digits", {"jumlah": turn.slots["counted"]}
    elif turn.slot("wrong"):
        reply = f"details.{turn.slots['wrong']}"
    elif born is not None and not turn.slot("told"):
        reply, values = "details.ask_number_of", values | {"catatan": say_what_is_kept(born, today=turn.today)}
    return Ask(
        reply,
        parse=read_number_answer,
        slot="number",
        then="keep_number",
        values=values,
        simpler="details.simpler_number",
        let_go="let_go",
    )


@flow.step
def keep_number(turn: Turn) -> Go:
    """Only the doubtful part is asked again: the digits, the NIK, or which of two birth dates is right."""
    said = turn.slots["number"]
    if said == NOT_NOW:
        return Go("let_go")
    if said == NONE_AT_HAND:
        return Go("travel")
    if said.startswith(DIGITS):
        return asked_again(turn, "ask_number", "number", "digits", counted=said.removeprefix(DIGITS))
    if not said.isdigit():
        return Go("keep_born", {"born": said, "year": "", "number": ""})
    kept = {"number": "given", "sealed": turn.desk.seal(said), "differs": "", "wrong": ""}
    if len(said) != NIK_DIGITS:
        return Go("store", kept)
    if not nik_makes_sense(said, today=turn.today):
        return asked_again(turn, "ask_number", "number", "nik_shape")
    born, inside = born_of(turn), nik_birth_date(said, century_of=turn.today)
    if born is None or not born.is_exact:
        if born is None or (inside is not None and abs(inside - born.day) <= AGE_IS_ABOUT):
            keep_birth_date(turn, None if inside is None else Born(inside, is_exact=True))
            return Go("store", kept)
    elif is_same_day(born.day, said, today=turn.today):
        return Go("store", kept)
    return Go("ask_which", kept | {"differs": "yes"})


@flow.step
def ask_which(turn: Turn) -> Ask:
    born, inside = born_of(turn), birth_date_inside(turn)
    choices = (
        *(() if born is None else (Choice(f"{SAID}{born.day.isoformat()}", label_of(turn, born)),)),
        *(() if inside is None else (Choice(f"{INSIDE}{inside.isoformat()}", f"Lahir {say_born(inside)}"),)),
        Choice(AGAIN, "NIK salah"),
    )
    return Ask(
        "details.ask_which",
        parse=read_right_birth,
        slot="right",
        then="decide",
        values=called(turn),
        choices=choices,
        let_go="let_go",
    )


@flow.step
def decide(turn: Turn) -> Go:
    """The NIK's birth date, or the one that was said: there are real NIKs with a wrong date in them."""
    right = turn.slots["right"]
    if right == NOT_NOW:
        return Go("let_go")
    unsettled = {"right": "", "differs": "", "sealed": ""}
    if right.isdigit():
        return Go("keep_number", unsettled | {"number": right})
    if right == AGAIN:
        asked = asked_again(turn, "ask_number", "number", "nik_again")
        return Go(asked.step, unsettled | dict(asked.slots))
    if right.startswith(INSIDE):
        keep_birth_date(turn, Born(date.fromisoformat(right.removeprefix(INSIDE)), is_exact=True))
    return Go("store")


@flow.step
def store(turn: Turn) -> Go:
    """Whoever it belongs to, the answer is the same: nobody learns which numbers exist."""
    born = born_of(turn)
    is_typed = born is not None and born.is_exact and not (turn.slot("right") or "").startswith(INSIDE)
    kept = turn.desk.keep_number(
        int(turn.slots["person"]),
        turn.desk.unseal(turn.slots["sealed"]),
        ticket_id=int(turn.slots["ticket"]),
        typed=born.day if born is not None and is_typed else None,
    )
    if kept.how == "linked":
        return Go("travel", {"person": str(kept.person_id), "linked": "yes", "sealed": ""})
    return Go("travel")


# --- how far they live -------------------------------------------------------------------------------------------


@flow.step
def travel(turn: Turn) -> Go:
    if turn.slot("asked_travel"):
        turn.desk.keep_travel(None)
        return Go("ask_travel")
    if turn.desk.was_asked_travel():
        return Go("done")
    turn.desk.note_travel_asked()
    return Go("ask_travel", {"asked_travel": "yes"})


@flow.step
def ask_travel(turn: Turn) -> Ask:
    return Ask(
        "details.ask_travel",
        parse=read_travel,
        slot="travel",
        then="keep_travel",
        choices=TRAVEL,
        simpler="details.simpler_travel",
        let_go="done",
    )


@flow.step
def keep_travel(turn: Turn) -> Go:
    if turn.slots["travel"] != NOT_NOW:
        turn.desk.keep_travel(int(turn.slots["travel"]))
    return Go("done")


# --- the end -----------------------------------------------------------------------------------------------------


@flow.step
def done(turn: Turn) -> Say:
    ticket = ticket_of(turn)
    if ticket is None:
        return Say("details.noted_only")
    reply = "details.travel_noted" if turn.slot("known") else "details.noted"
    return Say(reply, ticket_values(turn, ticket), act=Act(flow.name, "noted", ticket.id))


@flow.step
def let_go(turn: Turn) -> Say:
    ticket = ticket_of(turn)
    return Say("details.let_go_only") if ticket is None else Say("details.let_go", ticket_values(turn, ticket))


@flow.undoes
def keep_all(turn: Turn, act: Act) -> Say:
    """SALAH behind the last answer is about an answer, not about the number."""
    ticket = next((each for each in turn.desk.tickets() if each.id == act.row), None)
    return Say("details.noted_only") if ticket is None else Say("details.mend_at_desk", ticket_values(turn, ticket))
