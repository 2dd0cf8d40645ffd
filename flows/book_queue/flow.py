"""Gives a queue number: which poli, which day, for whom, asking only what was not said."""

from __future__ import annotations

import re
from datetime import date

from clinic.contacts import LinkedPerson
from clinic.facility import Poli
from clinic.queue import QueueRefused, Ticket
from flows.booking import Offer, When, ask_when, kept_when, other_day, settle_when, ticket_values
from flows.dialog import Act, Ask, Choice, Flow, Go, Heard, Say, Switch, Turn
from flows.newcomers import born_aside
from flows.readers import read_choice, reader
from flows.whom import (
    SOMEBODY_ELSE,
    Found,
    choice_value,
    choices_among,
    find_whom,
    name_given,
    named_in,
    new_name,
    read_patient_name,
    read_whom,
    role_of,
    same_name,
)
from nlu.normalise import normalise
from nlu.value_words import value_words, without_marks

MOST_POLIS = 8
FROM_THE_LIST = "list"
FOR_ANY_ILLNESS = "umum"
FEELS_ILL = frozenset("sakit demam panas batuk pilek flu muntah mencret diare pusing meriang sariawan gatal".split())
_FOR_SO_MANY = re.compile(
    r"\b(?:untuk|buat|daftar\w*|ambil\w*|rombongan|total)(?: rombongan)? (\d{1,3})"
    r" (?:orang|anak|pasien|warga|murid|siswa|santri|lansia|balita)\b"
)
TOOK, TOOK_FOR_NEW_PERSON = "took", "took_for_new_person"
NAME_QUESTIONS = {
    "self": "book_queue.ask_own_name",
    "child": "book_queue.ask_child_name",
    "parent": "book_queue.ask_parent_name",
    "spouse": "book_queue.ask_spouse_name",
}

flow = Flow(
    "book_queue",
    intents=("book_queue",),
    takes={"poli": "poli", "date": "day", "time": "time", "person": "who"},
    resumes=True,
)


@flow.step
def start(turn: Turn) -> Go | Say:
    """Take from the message what the entities do not hold: a name, and that somebody feels ill."""
    said: dict[str, str] = {}
    wrote = turn.slot("wrote") or turn.text
    known = named_in(wrote, turn.desk.people())
    new_name = name_given(wrote)
    if known is not None:
        said["who"] = choice_value(known)
    elif new_name is not None:
        said["name"] = new_name
    crowd = _crowd(wrote)
    if crowd > turn.facility.queue.numbers_per_phone:
        return Say("book_queue.too_many_at_once", {"batas": str(turn.facility.queue.numbers_per_phone)})
    if crowd > 1:
        said["crowd"] = "yes"
    if FEELS_ILL & set(normalise(wrote).split()):
        said["ill"] = "yes"
    return Go("poli", said)


def _crowd(text: str) -> int:
    """For how many at once, where that is said: "untuk 30 orang"."""
    found = _FOR_SO_MANY.search(without_marks(value_words(text)))
    return int(found[1]) if found is not None else 1


# --- where -------------------------------------------------------------------------------------------------------


@flow.step
def poli(turn: Turn) -> Ask | Go:
    polis = _polis(turn)
    wanted = turn.slot("poli")
    if any(poli.id == wanted for poli in polis):
        return Go("day")
    if len(polis) == 1:
        return Go("day", {"poli": polis[0].id})
    if not wanted and turn.slot("ill") and any(poli.id == FOR_ANY_ILLNESS for poli in polis):
        return _offer_general(turn)
    is_unknown = bool(wanted) and wanted != FROM_THE_LIST
    return Ask(
        "book_queue.no_such_poli" if is_unknown else "book_queue.ask_poli",
        parse=read_choice,
        slot="poli",
        then="poli",
        choices=tuple(Choice(poli.id, poli.name) for poli in polis),
    )


def _offer_general(turn: Turn) -> Ask:
    choices = (Choice(FOR_ANY_ILLNESS, _poli(turn, FOR_ANY_ILLNESS).name), Choice(FROM_THE_LIST, "Poli lain"))
    return Ask("book_queue.offer_general", parse=read_offered_poli, slot="poli", then="poli", choices=choices)


@reader
def read_offered_poli(heard: Heard) -> str:
    """The poli offered, another one that is named, or the list."""
    if heard.keyword in ("yes", "no"):
        return heard.choices[0 if heard.keyword == "yes" else 1].value
    named = heard.understanding.value("poli")
    return named if named is not None else read_choice(heard)


def _polis(turn: Turn) -> tuple[Poli, ...]:
    return tuple(poli for poli in turn.facility.polis if poli.is_open_to_booking)[:MOST_POLIS]


def _poli(turn: Turn, poli_id: str) -> Poli:
    return next(poli for poli in turn.facility.polis if poli.id == poli_id)


# --- when --------------------------------------------------------------------------------------------------------


@flow.step
def day(turn: Turn) -> Ask | Say | Go:
    """The session is asked for only where it is all that is missing; otherwise the first with room will do."""
    poli = turn.slots["poli"]
    settled = settle_when(turn, poli, may_ask_session=_found(turn).person is not None)
    if isinstance(settled, Offer):
        return ask_when(turn, poli, settled, then="day")
    return Go("who", {"day": settled.kept})


@flow.step
def refused(turn: Turn) -> Ask | Say:
    """The place went to somebody else, or the day passed, between the question and the answer."""
    poli = turn.slots["poli"]
    when = kept_when(turn.slot("day")) or When(turn.today)
    return ask_when(turn, poli, other_day(turn, poli, turn.slots["refused"], when.day), then="day")


# --- for whom ----------------------------------------------------------------------------------------------------


@flow.step
def who(turn: Turn) -> Ask | Go:
    named = new_name(turn.slot("who"))
    if named is not None:
        return Go("take", {"who": SOMEBODY_ELSE, "name": named})
    found = _found(turn)
    if found.person is not None or turn.slot("name"):
        return Go("take")
    if found.among:
        choices = choices_among(found.among, who=turn.slot("who"))
        return Ask("book_queue.ask_who", parse=read_whom, slot="who", then="who", choices=choices)
    return Go("name")


@flow.step
def name(turn: Turn) -> Ask:
    any_name = "book_queue.ask_first_name" if turn.slot("crowd") else "book_queue.ask_name"
    reply = NAME_QUESTIONS.get(role_of(turn.slot("who")), any_name)
    return Ask(reply, parse=read_patient_name, slot="name", then="take", takes_anything=True)


def _found(turn: Turn) -> Found:
    """A name that was given wins over everything but a person who was chosen."""
    found = find_whom(turn.desk.people(), turn.slot("who"))
    is_chosen = found.person is not None and turn.slot("who") == choice_value(found.person)
    return Found() if turn.slot("name") and not is_chosen else found


# --- the number --------------------------------------------------------------------------------------------------


@flow.step
def take(turn: Turn) -> Say | Go:
    when = kept_when(turn.slots["day"])
    if when is None or when.session is None:
        return Go("day")
    known = _known(turn)
    if _holds_enough(turn, known, poli=turn.slots["poli"], day=when.day):
        return Say("book_queue.too_many", {"batas": str(turn.facility.queue.numbers_per_phone)})
    person = known or turn.desk.add_person(name=turn.slots["name"], role=role_of(turn.slot("who")))
    poli = turn.slots["poli"]
    try:
        ticket = turn.desk.take_number(poli=poli, day=when.day, session=when.session, person_id=person.person_id)
    except QueueRefused as refused:
        return Go("refused", {"who": choice_value(person), "name": "", "refused": refused.reason})
    values = ticket_values(turn, ticket)
    if not ticket.is_new:
        return Say("book_queue.already", values)
    kind = TOOK if known is not None else TOOK_FOR_NEW_PERSON
    act = Act(flow.name, kind, ticket.id)
    return Say("book_queue.your_number", values, act=act, goes_on=_details(turn, ticket, is_new=known is None))


def _details(turn: Turn, ticket: Ticket, *, is_new: bool) -> Switch | None:
    """What is asked in the same message: of a newcomer who they are, of everybody once how far they live."""
    if not is_new and turn.desk.was_asked_travel():
        return None
    who = {"person": str(ticket.person_id), "ticket": str(ticket.id)}
    if not is_new:
        return Switch("details", who | {"known": "yes"})
    texts = (turn.text, turn.opened_by)
    told = (born_aside(text, name=ticket.person_name, today=turn.today) for text in texts)
    born = next((each for each in told if each is not None), None)
    return Switch("details", who | ({"born": born, "told": "yes"} if born is not None else {}))


def _holds_enough(turn: Turn, known: LinkedPerson | None, *, poli: str, day: date) -> bool:
    """Whether one more number or newcomer is too many for one phone; a number that is held already is told again."""
    tickets, rules = turn.desk.tickets(), turn.facility.queue
    if known is None and len(turn.desk.people()) >= rules.people_per_phone:
        return True
    held = ((ticket.person_id, ticket.poli, ticket.day) for ticket in tickets)
    is_held = known is not None and (known.person_id, poli, day) in held
    return len(tickets) >= rules.numbers_per_phone and not is_held


def _known(turn: Turn) -> LinkedPerson | None:
    """The person meant, when this phone speaks for them already, if only under the name that was given."""
    found = _found(turn).person
    return found if found is not None else same_name(turn.desk.people(), turn.slots["name"])


@flow.undoes
def give_back(turn: Turn, act: Act) -> Say:
    ticket = turn.desk.cancel(act.row)
    if ticket is None:
        return Say("book_queue.too_late")
    is_claimed = any(each.proof == "claimed" for each in turn.desk.people() if each.person_id == ticket.person_id)
    if act.kind == TOOK_FOR_NEW_PERSON and is_claimed:
        turn.desk.unlink(ticket.person_id)
    return Say("book_queue.given_back", ticket_values(turn, ticket))
