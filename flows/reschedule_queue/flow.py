"""Moves a queue number to another day or session: the new one is taken before the old one is given back."""

from __future__ import annotations

from clinic.queue import QueueRefused, Ticket
from flows.booking import (
    Offer,
    When,
    ask_when,
    kept_when,
    other_day,
    pick_ticket,
    read_ticket,
    read_when,
    settle_when,
    ticket_choices,
    ticket_named,
    ticket_values,
)
from flows.dialog import Act, Ask, Flow, Go, Say, Switch, Turn

flow = Flow(
    "reschedule_queue",
    intents=("reschedule_queue",),
    takes={"poli": "poli", "date": "day", "time": "time", "person": "who"},
    resumes=True,
)


@flow.step
def which(turn: Turn) -> Ask | Go | Switch:
    tickets = turn.desk.tickets()
    if not tickets:
        return Switch("queue_status")
    meant = pick_ticket(turn, tickets, by_day=False)
    if len(meant) == 1:
        return Go("day", {"ticket": str(meant[0].id)})
    return Ask("reschedule_queue.which", parse=read_ticket, slot="ticket", then="day", choices=ticket_choices(meant))


@flow.step
def day(turn: Turn) -> Ask | Say | Go:
    """An hour without a day ("ganti siang aja") is about the day that was booked."""
    ticket = ticket_named(turn)
    if ticket is None or ticket.state != "waiting":
        return Say("cancel_queue.gone")
    if not turn.slot("day") and turn.slot("time"):
        return Go("day", {"day": ticket.day.isoformat()})
    settled = settle_when(turn, ticket.poli, may_ask_session=True)
    if isinstance(settled, Offer):
        return _ask(turn, ticket, settled)
    if settled == When(ticket.day, ticket.session):
        values = ticket_values(turn, ticket)
        return Ask("reschedule_queue.same", parse=read_when, slot="day", then="day", values=values)
    return Go("move", {"day": settled.kept})


@flow.step
def move(turn: Turn) -> Ask | Say | Go:
    ticket, when = ticket_named(turn), kept_when(turn.slots["day"])
    if ticket is None or when is None or when.session is None:
        return Go("day")
    try:
        new = _same_day(turn, ticket, when) if when.day == ticket.day else _take(turn, ticket, when)
    except QueueRefused as refused:
        return Go("refused", {"refused": refused.reason})
    values = ticket_values(turn, new)
    if not new.is_new:
        return Say("book_queue.already", values)
    if when.day != ticket.day:
        turn.desk.cancel(ticket.id)
    return Say(
        "reschedule_queue.moved", values | {"lama": ticket.code}, act=Act(flow.name, f"from {ticket.id}", new.id)
    )


@flow.step
def refused(turn: Turn) -> Ask | Say | Go:
    ticket, when = ticket_named(turn), kept_when(turn.slots["day"])
    if ticket is None or when is None:
        return Go("day")
    return _ask(turn, ticket, other_day(turn, ticket.poli, turn.slots["refused"], when.day))


def _ask(turn: Turn, ticket: Ticket, offer: Offer) -> Ask | Say:
    """The question for the new day, without the session that is held already; with none left the old number stays."""
    held = When(ticket.day, ticket.session).kept
    others = tuple(choice for choice in offer.choices if choice.value != held)
    if not others:
        return Say("reschedule_queue.nothing_free", ticket_values(turn, ticket))
    reply = "reschedule_queue.ask_day" if offer.reason == "ask_day" else None
    return ask_when(turn, ticket.poli, Offer(offer.reason, others, offer.day), then="day", reply=reply)


def _take(turn: Turn, ticket: Ticket, when: When) -> Ticket:
    return turn.desk.take_number(
        poli=ticket.poli, day=when.day, session=when.session or ticket.session, person_id=ticket.person_id
    )


def _same_day(turn: Turn, ticket: Ticket, when: When) -> Ticket:
    """One number per person, poli and day: the old one must go first, and comes back when the new one is refused."""
    turn.desk.cancel(ticket.id)
    try:
        return _take(turn, ticket, when)
    except QueueRefused:
        turn.desk.restore(ticket.id)
        raise


@flow.undoes
def move_back(turn: Turn, act: Act) -> Say:
    turn.desk.cancel(act.row)
    ticket = turn.desk.restore(int(act.kind.removeprefix("from ")))
    if ticket is None:
        return Say("cancel_queue.lost")
    return Say("cancel_queue.restored", ticket_values(turn, ticket))
