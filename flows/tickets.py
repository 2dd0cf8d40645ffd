"""Tickets in words: what replies say of a number, and which of a family's numbers a message means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from clinic.queue import Ticket
from clinic.queue_sessions import LATE
from flows.dialog import Choice, Heard, Turn
from flows.doctors import doctor_to_say
from flows.readers import read_choice, read_yes_no, reader
from flows.whom import find_whom, named_in
from flows.words import first_name, say_coming, say_date, say_time

MOST_NUMBERS = 3
_CODE = re.compile(r"\b([a-z])[ -]?(\d{1,3})\b(?![.:]\d)", re.I)


def ticket_values(turn: Turn, ticket: Ticket) -> dict[str, str]:
    """What replies say about a number; a session that begins late says so where it says when to come."""
    return {
        "poli": ticket.poli_name,
        "antrian": ticket.code,
        "nama": first_name(ticket.person_name),
        "hari": say_date(ticket.day),
        "jam": _when(turn, ticket),
    }


def begins_at(turn: Turn, ticket: Ticket) -> datetime:
    """When the ticket's session begins, later than usual where staff said so."""
    change = turn.desk.change_of(ticket.poli, ticket.day, ticket.session)
    late = change.late_minutes if change is not None and change.kind == LATE else 0
    return datetime.combine(ticket.day, ticket.opens, turn.facility.zone) + timedelta(minutes=late)


def is_late(turn: Turn, ticket: Ticket) -> bool:
    """Whether the session begins late and has not begun yet."""
    begins = begins_at(turn, ticket)
    return begins.time() != ticket.opens and turn.now < begins


def _when(turn: Turn, ticket: Ticket) -> str:
    """ "jam 8 pagi", "jam 8 pagi, dr. Melati", "mundur ke jam 9 pagi", "sebelum jam 11 siang"."""
    doctor = doctor_to_say(turn.facility, ticket.poli, ticket.day, ticket.session)
    begins, now = begins_at(turn, ticket), turn.now.astimezone(turn.facility.zone)
    if is_late(turn, ticket):
        when = f"mundur ke {say_time(begins.time())}"
    else:
        when = say_coming(ticket.day, opens=begins.time(), closes=ticket.closes, now=now)
    return when if doctor is None else f"{when}, {doctor}"


def ticket_choices(tickets: Sequence[Ticket]) -> tuple[Choice, ...]:
    """Numbers as choices: "B12 Budi"."""
    return tuple(Choice(str(ticket.id), f"{ticket.code} {first_name(ticket.person_name)}") for ticket in tickets)


def own_numbers(tickets: Sequence[Ticket]) -> str:
    """The first few numbers in a row: "B1 Siti, A2 Rohani"."""
    return ", ".join(choice.label for choice in ticket_choices(tickets[:MOST_NUMBERS]))


def ticket_named(turn: Turn) -> Ticket | None:
    """The number that slot `ticket` names, as long as this phone still holds it."""
    return next((ticket for ticket in turn.desk.tickets() if str(ticket.id) == turn.slot("ticket")), None)


def pick_ticket(turn: Turn, tickets: Sequence[Ticket], *, by_day: bool = True) -> tuple[Ticket, ...]:
    """The numbers that are meant by poli, day, person or code; all of them when nothing fits."""
    meant = tuple(tickets)
    person = find_whom(turn.desk.people(), turn.slot("who")).person if turn.slot("who") else None
    person = named_in(turn.text, turn.desk.people()) or person
    said = code_said(turn)
    for fits in (
        lambda ticket: ticket.code == said,
        lambda ticket: ticket.poli == turn.slot("poli"),
        lambda ticket: by_day and ticket.day.isoformat() == turn.slot("day"),
        lambda ticket: person is not None and ticket.person_id == person.person_id,
    ):
        meant = tuple(ticket for ticket in meant if fits(ticket)) or meant
    return meant


def code_said(turn: Turn) -> str | None:
    """The one number of a poli here that the message names: "b3", "B 12"; None when it names none or several."""
    letters = {poli.letter for poli in turn.facility.polis}
    found = {f"{letter.upper()}{int(count)}" for letter, count in _CODE.findall(turn.text) if letter.upper() in letters}
    return found.pop() if len(found) == 1 else None


def code_of_others(turn: Turn, tickets: Sequence[Ticket]) -> str | None:
    """A number that the message names and that is none of these."""
    said = code_said(turn)
    return None if said is None or any(ticket.code == said for ticket in tickets) else said


def skipped_named(turn: Turn, tickets: Sequence[Ticket]) -> Ticket | None:
    """The skipped number that the message names and that none of these is; with none of these the last one skipped."""
    said, skipped = code_said(turn), turn.desk.skipped()
    if said is None:
        return skipped[-1] if skipped and not tickets else None
    if any(ticket.code == said for ticket in tickets):
        return None
    return next((ticket for ticket in skipped if ticket.code == said), None)


@reader
def read_ticket(heard: Heard) -> str:
    """One of the numbers offered: by digit, by code, or by a word of the name ("yg budi")."""
    words = set(heard.text.lower().split())
    named = [choice for choice in heard.choices if words & set(choice.label.lower().split())]
    return named[0].value if len(named) == 1 else read_choice(heard)


@reader
def read_cancel(heard: Heard) -> str:
    """Yes or no to "cancel it?", where "batal" is a yes."""
    return "yes" if heard.keyword == "cancel" else read_yes_no(heard)
