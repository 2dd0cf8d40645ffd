"""Moves a queue number to another day or session: the old one is given back only when the new one is taken."""

from __future__ import annotations

from clinic.queue import QueueRefused, Ticket
from flows.booking import Offer, When, ask_when, kept_when, other_day, read_when, settle_when
from flows.dialog import Act, Ask, Flow, Go, Say, Switch, Turn
from flows.tickets import (
    code_of_others,
    own_numbers,
    pick_ticket,
    read_ticket,
    skipped_named,
    ticket_choices,
    ticket_named,
    ticket_values,
)

flow = Flow(
    "reschedule_queue",
    intents=("reschedule_queue",),
    takes={"poli": "poli", "date": "day", "time": "time", "person": "who"},
    resumes=True,
)


@flow.step
def which(turn: Turn) -> Ask | Say | Go | Switch:
    tickets = turn.desk.tickets()
    if not tickets or skipped_named(turn, tickets) is not None:
        return Switch("queue_status")
    others = code_of_others(turn, tickets)
    if others is not None:
        return Say("reschedule_queue.not_yours", {"salah": others, "daftar": own_numbers(tickets)})
    meant = pick_ticket(turn, tickets, by_day=False)
    if len(meant) == 1:
        return Go("day", {"ticket": str(meant[0].id)})
    return Ask("reschedule_queue.which", parse=read_ticket, slot="ticket", then="day", choices=ticket_choices(meant))


@flow.step
def day(turn: Turn) -> Ask | Say | Go:
    """An hour without a day ("ganti siang aja") is about the day that was booked."""
    ticket = ticket_named(turn)
    if ticket is None:
        return Say("cancel_queue.gone")
    if ticket.state != "waiting":
        return Say("cancel_queue.called", ticket_values(turn, ticket))
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
        new = turn.desk.move(ticket.id, day=when.day, session=when.session)
    except QueueRefused as refused:
        return Go("refused", {"refused": refused.reason})
    if new is None:
        return Say("cancel_queue.called", ticket_values(turn, ticket))
    values = ticket_values(turn, new)
    if not new.is_new:
        return Say("book_queue.already", values)
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


@flow.undoes
def move_back(turn: Turn, act: Act) -> Say:
    """The old number again and the new one given up, or both as they are."""
    old = turn.desk.move_back(old_id=int(act.kind.removeprefix("from ")), new_id=act.row)
    if old is not None:
        return Say("cancel_queue.restored", ticket_values(turn, old))
    new = next((ticket for ticket in turn.desk.tickets() if ticket.id == act.row), None)
    return Say("cancel_queue.lost") if new is None else Say("reschedule_queue.stays", ticket_values(turn, new))
