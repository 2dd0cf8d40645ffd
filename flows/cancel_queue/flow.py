"""Gives a queue number back, after asking which one and whether."""

from __future__ import annotations

from clinic.queue import Ticket
from flows.booking import pick_ticket, read_cancel, read_ticket, ticket_choices, ticket_named, ticket_values
from flows.dialog import Act, Ask, Flow, Go, Say, Turn

flow = Flow("cancel_queue", intents=("cancel_queue",), takes={"poli": "poli", "date": "day", "person": "who"})


@flow.step
def which(turn: Turn) -> Ask | Say | Go:
    tickets = turn.desk.tickets()
    if not tickets:
        return Say("cancel_queue.none")
    meant = pick_ticket(turn, tickets)
    if len(meant) == 1:
        return Go("sure", {"ticket": str(meant[0].id)})
    return Ask("cancel_queue.which", parse=read_ticket, slot="ticket", then="give_back", choices=ticket_choices(meant))


@flow.step
def sure(turn: Turn) -> Ask | Say:
    ticket = ticket_named(turn)
    if ticket is None:
        return Say("cancel_queue.gone")
    return Ask("cancel_queue.sure", parse=read_cancel, slot="sure", then="decided", values=ticket_values(turn, ticket))


@flow.step
def decided(turn: Turn) -> Say | Go:
    if turn.slot("sure") == "yes":
        return Go("give_back")
    ticket = ticket_named(turn)
    return Say("cancel_queue.gone") if ticket is None else Say("cancel_queue.kept", ticket_values(turn, ticket))


@flow.step
def give_back(turn: Turn) -> Say:
    ticket = ticket_named(turn)
    cancelled: Ticket | None = None if ticket is None else turn.desk.cancel(ticket.id)
    if cancelled is None:
        return Say("cancel_queue.gone")
    return Say("cancel_queue.done", ticket_values(turn, cancelled), act=Act(flow.name, "cancelled", cancelled.id))


@flow.undoes
def take_back(turn: Turn, act: Act) -> Say:
    ticket = turn.desk.restore(act.row)
    if ticket is None:
        return Say("cancel_queue.lost")
    return Say("cancel_queue.restored", ticket_values(turn, ticket))
