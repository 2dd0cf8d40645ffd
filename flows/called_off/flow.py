"""Offers another day to those whose session staff closed; the old numbers stay until they have chosen."""

from __future__ import annotations

from collections.abc import Sequence

from clinic.queue import QueueRefused, SessionRoom, Ticket
from flows.booking import kept_when, read_when
from flows.dialog import Act, Ask, Choice, Flow, Go, Heard, Say, Switch, Turn, Unclear
from flows.offers import ROOMS_LOOKED_AT, as_choices
from flows.readers import read_choice, reader
from flows.tickets import own_numbers, ticket_values
from flows.words import say_date

GIVE_UP = "give_up"
LABEL_OF_GIVING_UP = "Batal"
MOST_DAYS = 2

flow = Flow("called_off", intents=())


@reader
def read_other_day(heard: Heard) -> str:
    """One of the days offered, a day in the patient's own words, or that the number is given up."""
    if heard.keyword == "cancel":
        return GIVE_UP
    try:
        return read_choice(heard)
    except Unclear:
        return read_when(heard)


@flow.step
def ask(turn: Turn) -> Ask | Say:
    """Slot `tickets` holds the numbers of this phone that are concerned."""
    tickets = concerned(turn)
    if not tickets:
        return Say("cancel_queue.gone")
    values = said_of(turn, tickets)
    choices = _days(turn, tickets)
    if not choices:
        return Say("called_off.closed", values)
    given_up = Choice(GIVE_UP, LABEL_OF_GIVING_UP)
    return Ask(
        "called_off.ask", parse=read_other_day, slot="day", then="chosen", values=values, choices=(*choices, given_up)
    )


@flow.step
def chosen(turn: Turn) -> Ask | Say | Go:
    tickets = concerned(turn)
    if not tickets:
        return Say("cancel_queue.gone")
    if turn.slot("day") == GIVE_UP:
        gone = [ticket for ticket in tickets if turn.desk.cancel(ticket.id) is not None]
        return Say("called_off.given_up", {"antrian": own_numbers(gone)}) if gone else Say("cancel_queue.gone")
    return _move(turn, tickets)


def concerned(turn: Turn) -> tuple[Ticket, ...]:
    """Those of the numbers that still wait."""
    ids = (turn.slot("tickets") or "").split(",")
    return tuple(each for each in turn.desk.tickets() if str(each.id) in ids and each.state == "waiting")


def said_of(turn: Turn, tickets: Sequence[Ticket]) -> dict[str, str]:
    """The values of this flow's texts."""
    first = tickets[0]
    return {"poli": first.poli_name, "hari": say_date(first.day), "antrian": own_numbers(tickets)}


def _move(turn: Turn, tickets: Sequence[Ticket]) -> Say | Go:
    """All of them to the day chosen; what does not fit there is asked for again, with what is free now."""
    when = kept_when(turn.slot("day"))
    rooms = turn.desk.rooms_with_space(tickets[0].poli, from_day=turn.today, limit=ROOMS_LOOKED_AT)
    fits = [
        room
        for room in rooms
        if when is not None and room.day == when.day and room.session == (when.session or room.session)
    ]
    if not fits or fits[0].left < len(tickets):
        return Go("ask")
    new, left = _moved(turn, tickets, fits[0])
    if not new:
        return Go("ask")
    said = ticket_values(turn, new[0])
    values = {"poli": new[0].poli_name, "daftar": own_numbers(new), "hari": said["hari"], "jam": said["jam"]}
    rest = ",".join(str(ticket.id) for ticket in left)
    act = Act(flow.name, "moved", new[0].id)
    return Say("called_off.moved", values, act=act, goes_on=Switch(flow.name, {"tickets": rest}) if left else None)


@flow.undoes
def choose_again(turn: Turn, act: Act) -> Say:
    """The day it came from is closed: the number stays where it is, and how to choose another day is said."""
    new = next((ticket for ticket in turn.desk.tickets() if ticket.id == act.row), None)
    return Say("cancel_queue.lost") if new is None else Say("called_off.stays", ticket_values(turn, new))


def _moved(turn: Turn, tickets: Sequence[Ticket], room: SessionRoom) -> tuple[list[Ticket], list[Ticket]]:
    """The new numbers, and the old ones that found no place any more; who holds a number there gives up the old one."""
    new: list[Ticket] = []
    for place, ticket in enumerate(tickets):
        try:
            moved = turn.desk.move(ticket.id, day=room.day, session=room.session)
        except QueueRefused:
            return new, list(tickets[place:])
        if moved is not None and not moved.is_new:
            turn.desk.cancel(ticket.id)
        if moved is not None:
            new.append(moved)
    return new, []


def _days(turn: Turn, tickets: Sequence[Ticket]) -> tuple[Choice, ...]:
    """The next sessions from the closed day on that have room for all of them; earlier ones where there are none."""
    first = tickets[0]
    for day in (first.day, turn.today):
        rooms = turn.desk.rooms_with_space(first.poli, from_day=day, limit=ROOMS_LOOKED_AT)
        enough = [
            room
            for room in rooms
            if room.left >= len(tickets) and (room.day, room.session) != (first.day, first.session)
        ]
        if enough:
            return as_choices(turn, first.poli, enough[:MOST_DAYS])
    return ()
