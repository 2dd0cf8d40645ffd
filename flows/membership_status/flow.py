"""Says whether somebody's BPJS membership is active, to those who know the birth date on record."""

from __future__ import annotations

import re
from datetime import date

from clinic.contacts import LinkedPerson
from flows.dialog import Ask, Flow, Go, Heard, Say, Switch, Turn, Unclear
from flows.identity_numbers import birth_date_beside, number_in
from flows.readers import read_birth_day, read_yes_no, reader
from flows.whom import SOMEBODY_ELSE, choice_value, choices_among, find_whom, named_in, read_whom, role_of
from flows.words import first_name, say_as_of
from nlu.normalise import normalise

_MY_CARD = re.compile(r"\b(?:bpjs|kis|jkn|kartu|kepesertaan|status) saya\b")
PROVEN = ("matched", "staff")
NUMBER = re.compile(r"\d{13}|\d{16}")
FORGOTTEN = "forgotten"
GONE = frozenset("lupa hilang ketinggalan".split())
NOT_AT_HAND = frozenset("ada punya tau tahu hafal ingat bawa pegang".split())
SOME_DIGITS = 6

flow = Flow("membership_status", intents=("membership_status",), takes={"person": "who"})


@reader
def read_member_number(heard: Heard) -> str:
    """The digits of a card number or a NIK, or that the number is forgotten or not at hand."""
    number = number_in(heard.text)
    if number is not None:
        return number
    if _is_forgotten(heard):
        return FORGOTTEN
    has_digits = len(re.findall(r"\d", heard.text)) >= SOME_DIGITS
    raise Unclear("membership_status.count_digits" if has_digits else None)


@reader
def read_member(heard: Heard) -> str:
    """One of the people offered, a new name, or a number that says who it is."""
    return number_in(heard.text) or read_whom(heard)


@reader
def read_birth_or_forgotten(heard: Heard) -> str:
    """A birth date as ISO date, or that it is not known."""
    try:
        return read_birth_day(heard)
    except Unclear:
        if _is_forgotten(heard):
            return FORGOTTEN
        raise


@flow.step
def start(turn: Turn) -> Go:
    """Take from the message what the entities do not hold: a number, a name we know, and "bpjs saya"."""
    number = number_in(turn.text)
    if number is not None:
        return Go("number", {"number": number})
    named = named_in(turn.text, turn.desk.people())
    if named is not None:
        return Go("whose", {"who": choice_value(named)})
    is_own = turn.slot("who") is None and _MY_CARD.search(normalise(turn.text)) is not None
    return Go("whose", {"who": "saya"} if is_own else {})


@flow.step
def whose(turn: Turn) -> Ask | Go:
    who = turn.slot("who")
    if NUMBER.fullmatch(who or ""):
        return Go("number", {"who": SOMEBODY_ELSE, "number": str(who)})
    found = find_whom(turn.desk.people(), who)
    if found.person is not None:
        return Go("birth_date", {"who": choice_value(found.person)})
    if not found.among:
        return Go("number", {"number": "", "birth_date": ""})
    choices = choices_among(found.among, who=who)
    return Ask("membership_status.whose", parse=read_member, slot="who", then="whose", choices=choices)


# --- somebody this phone speaks for -------------------------------------------------------------------------------


@flow.step
def birth_date(turn: Turn) -> Ask | Go:
    """Membership is told only to those who know the birth date on record."""
    person = _person(turn)
    if person is None or turn.desk.membership(person.person_id) is None:
        is_proven = person is not None and person.proof in PROVEN
        return Go("unknown") if is_proven else Go("number", {"number": "", "birth_date": ""})
    if person.proof in PROVEN:
        return Go("answer")
    reply = "membership_status.wrong_birth_date" if turn.slot("wrong") else "membership_status.birth_date"
    values = {"nama": first_name(person.name)}
    return Ask(reply, parse=read_birth_or_forgotten, slot="birth_date", then="check", values=values)


@flow.step
def check(turn: Turn) -> Go | Switch:
    person = _person(turn)
    if person is None or turn.slot("birth_date") == FORGOTTEN:
        return Go("without_number")
    if turn.desk.confirm_birth_date(person.person_id, date.fromisoformat(turn.slots["birth_date"])):
        return Go("answer")
    if turn.slot("wrong"):
        return Switch("talk_to_staff", {"why": "birth_date"})
    return Go("birth_date", {"wrong": "yes"})


@flow.step
def answer(turn: Turn) -> Say | Go:
    person = _person(turn)
    membership = None if person is None else turn.desk.membership(person.person_id)
    if person is None or membership is None:
        return Go("unknown")
    as_of = say_as_of(membership.as_of, today=turn.today)
    values = {"nama": first_name(person.name), "catatan": as_of}
    if not membership.is_active:
        return Say("membership_status.inactive", values)
    if not membership.facility:
        return Say("membership_status.active", values)
    return Say("membership_status.active_at", values | {"tempat": membership.facility})


# --- somebody found by number -------------------------------------------------------------------------------------


@flow.step
def number(turn: Turn) -> Ask | Go:
    """The number itself is not kept: only the key by which the register finds it."""
    given = turn.slot("number")
    if given == FORGOTTEN:
        return Go("without_number")
    if not given:
        reply = "membership_status.no_match" if turn.slot("wrong") else "membership_status.number"
        return Ask(reply, parse=read_member_number, slot="number", then="number")
    born = birth_date_beside(turn.text, today=turn.today)
    said = {"birth_date": born.isoformat()} if born is not None else {"birth_date": ""}
    return Go("number_birth_date", {"number": turn.desk.number_key(given), **said})


@flow.step
def number_birth_date(turn: Turn) -> Ask | Go:
    if turn.slot("birth_date"):
        return Go("find")
    return Ask("membership_status.their_birth_date", parse=read_birth_or_forgotten, slot="birth_date", then="find")


@flow.step
def find(turn: Turn) -> Go | Switch:
    """A wrong number and a wrong birth date get the same answer: nobody learns which numbers exist."""
    if turn.slots["birth_date"] == FORGOTTEN:
        return Go("without_number")
    born = date.fromisoformat(turn.slots["birth_date"])
    member = turn.desk.find_member(turn.slots["number"], born, role=_said_role(turn))
    if member is not None:
        return Go("answer", {"who": choice_value(member)})
    if turn.slot("wrong"):
        return Switch("talk_to_staff", {"why": "membership"})
    return Go("number", {"number": "", "birth_date": "", "wrong": "yes"})


# --- where the register does not help -----------------------------------------------------------------------------


@flow.step
def unknown(turn: Turn) -> Ask:
    return Ask("membership_status.unknown", parse=read_yes_no, slot="staff", then="offered")


@flow.step
def without_number(turn: Turn) -> Ask:
    return Ask("membership_status.without_number", parse=read_yes_no, slot="staff", then="offered")


@flow.step
def offered(turn: Turn) -> Say | Switch:
    if turn.slot("staff") == "yes":
        return Switch("talk_to_staff", {"why": "membership"})
    return Say("membership_status.fine")


def _person(turn: Turn) -> LinkedPerson | None:
    """Who is meant; where the register does not know them, somebody it knows whose name holds all of theirs."""
    people = turn.desk.people()
    meant = find_whom(people, turn.slot("who")).person
    if meant is None or turn.desk.membership(meant.person_id) is not None:
        return meant
    names = set(meant.name.casefold().split())
    namesakes = (person for person in people if names <= set(person.name.casefold().split()))
    return next((person for person in namesakes if turn.desk.membership(person.person_id) is not None), meant)


def _said_role(turn: Turn) -> str | None:
    """What the person is to the writer; None when nothing was said about it."""
    meant = find_whom(turn.desk.people(), turn.slot("who")).person
    if meant is not None:
        return meant.role
    return role_of(turn.slot("who")) if turn.slot("who") else None


def _is_forgotten(heard: Heard) -> bool:
    words = set(normalise(heard.text).split())
    is_missing = bool(words & {"tidak", "belum"} and words & NOT_AT_HAND)
    return heard.keyword == "no" or bool(words & GONE) or is_missing
