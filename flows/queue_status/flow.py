"""Says which number is called and how many come before the patient."""

from __future__ import annotations

from clinic.queue import Ticket
from flows.booking import ticket_values
from flows.dialog import Ask, Flow, Say, Switch, Turn
from flows.readers import read_yes_no
from flows.words import first_name, say_day, say_waiting

MOST_LINES = 3

flow = Flow("queue_status", intents=("queue_status",))


@flow.step
def status(turn: Turn) -> Ask | Say:
    tickets = turn.desk.tickets()
    if not tickets:
        return Ask("queue_status.none", parse=read_yes_no, slot="book", then="offered")
    if len(tickets) == 1:
        return _say_one(turn, tickets[0])
    return Say("queue_status.several", {"daftar": "\n".join(_line(turn, ticket) for ticket in tickets[:MOST_LINES])})


@flow.step
def offered(turn: Turn) -> Say | Switch:
    return Switch("book_queue") if turn.slot("book") == "yes" else Say("queue_status.fine")


def _say_one(turn: Turn, ticket: Ticket) -> Say:
    values = ticket_values(turn, ticket)
    if _is_called(ticket):
        return Say("queue_status.your_turn", values)
    if ticket.day != turn.today:
        return Say("queue_status.another_day", values)
    position = turn.desk.position(ticket)
    values |= {"sisa": str(position.before), "sekarang": position.serving_code or ""}
    if position.serving_code is None:
        return Say("queue_status.not_begun" if position.before else "queue_status.first", values)
    return Say("queue_status.waiting" if position.before else "queue_status.next", values)


def _line(turn: Turn, ticket: Ticket) -> str:
    """ "B12 Budi: 4 orang lagi"."""
    name = f"{ticket.code} {first_name(ticket.person_name)}"
    if _is_called(ticket):
        return f"{name}: {say_waiting(None)}"
    if ticket.day != turn.today:
        return f"{name}: {say_day(ticket.day, today=turn.today)}"
    return f"{name}: {say_waiting(turn.desk.position(ticket).before)}"


def _is_called(ticket: Ticket) -> bool:
    return ticket.state in ("called", "serving")
