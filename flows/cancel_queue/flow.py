"""Gives a queue number back, after asking which one and whether."""

from __future__ import annotations

from collections.abc import Sequence

from clinic.queue import Ticket
from flows.dialog import Act, Ask, Flow, Go, Say, Turn
from flows.tickets import (
    code_of_others,
    own_numbers,
    pick_ticket,
    read_cancel,
    read_ticket,
    skipped_named,
    ticket_choices,
    ticket_named,
    ticket_values,
)

flow = Flow("cancel_queue", intents=("cancel_queue",), takes={"poli": "poli", "date": "day", "person": "who"})


@flow.step
def which(turn: Turn) -> Ask | Say | Go:
    tickets = turn.desk.tickets()
    skipped = skipped_named(turn, tickets)
    if skipped is not None:
        return Say("cancel_queue.skipped", ticket_values(turn, skipped))
    others = code_of_others(turn, tickets)
    if others is not None:
        return _refuse(others, tickets)
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
    if ticket.state != "waiting":
        return Say("cancel_queue.called", ticket_values(turn, ticket))
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
    if ticket is None:
        return Say("cancel_queue.gone")
    cancelled = turn.desk.cancel(ticket.id)
    if cancelled is None:
        return Say("cancel_queue.called", ticket_values(turn, ticket))
    return Say("cancel_queue.done", ticket_values(turn, cancelled), act=Act(flow.name, "cancelled", cancelled.id))


def _refuse(code: str, tickets: Sequence[Ticket]) -> Say:
    """A number that this phone does not hold is nobody's business here, whether it exists or not."""
    if not tickets:
        return Say("cancel_queue.not_yours", {"salah": code})
    return Say("cancel_queue.only_yours", {"salah": code, "daftar": own_numbers(tickets)})


@flow.undoes
def take_back(turn: Turn, act: Act) -> Say:
    ticket = turn.desk.restore(act.row)
    if ticket is None:
        return Say("cancel_queue.lost")
    return Say("cancel_queue.restored", ticket_values(turn, ticket))
