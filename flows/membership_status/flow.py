"""Says whether somebody's BPJS membership is active, to those who know the birth date on record."""

from __future__ import annotations

import re
from datetime import date

from clinic.contacts import LinkedPerson
from flows.dialog import Ask, Flow, Go, Say, Switch, Turn
from flows.readers import read_birth_day, read_yes_no
from flows.whom import choice_value, choices_among, find_whom, named_in, read_whom
from flows.words import first_name, say_as_of
from nlu.normalise import normalise

_MY_CARD = re.compile(r"\b(?:bpjs|kis|jkn|kartu|kepesertaan|status) saya\b")
PROVEN = ("matched", "staff")

flow = Flow("membership_status", intents=("membership_status",), takes={"person": "who"})


@flow.step
def start(turn: Turn) -> Go:
    """Take from the message what the entities do not hold: a name we know, and "bpjs saya"."""
    named = named_in(turn.text, turn.desk.people())
    if named is not None:
        return Go("whose", {"who": choice_value(named)})
    is_own = turn.slot("who") is None and _MY_CARD.search(normalise(turn.text)) is not None
    return Go("whose", {"who": "saya"} if is_own else {})


@flow.step
def whose(turn: Turn) -> Ask | Go:
    found = find_whom(turn.desk.people(), turn.slot("who"))
    if found.person is not None:
        return Go("birth_date", {"who": choice_value(found.person)})
    if not found.among:
        return Go("unknown")
    choices = choices_among(found.among, who=turn.slot("who"))
    return Ask("membership_status.whose", parse=read_whom, slot="who", then="whose", choices=choices)


@flow.step
def birth_date(turn: Turn) -> Ask | Go:
    """Membership is told only to those who know the birth date on record."""
    person = _person(turn)
    if person is None or turn.desk.membership(person.person_id) is None:
        return Go("unknown")
    if person.proof in PROVEN:
        return Go("answer")
    reply = "membership_status.wrong_birth_date" if turn.slot("wrong") else "membership_status.birth_date"
    values = {"nama": first_name(person.name)}
    return Ask(reply, parse=read_birth_day, slot="birth_date", then="check", values=values)


@flow.step
def check(turn: Turn) -> Go | Switch:
    person = _person(turn)
    if person is None:
        return Go("unknown")
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


# --- somebody who is not in the register ---------------------------------------------------------------------------


@flow.step
def unknown(turn: Turn) -> Ask:
    return Ask("membership_status.unknown", parse=read_yes_no, slot="staff", then="offered")


@flow.step
def offered(turn: Turn) -> Say | Switch:
    if turn.slot("staff") == "yes":
        return Switch("talk_to_staff", {"why": "membership"})
    return Say("membership_status.fine")


def _person(turn: Turn) -> LinkedPerson | None:
    return find_whom(turn.desk.people(), turn.slot("who")).person
