"""Says which number is called, how many come before the patient, and when it is about their turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from clinic.queue import Ticket
from clinic.queue_estimate import Estimate
from clinic.queue_sessions import CLOSED
from flows.dialog import Ask, Flow, Go, Say, Switch, Turn
from flows.late import says_late
from flows.queue_status.poli_now import poli_now
from flows.readers import read_yes_no
from flows.tickets import begins_at, code_of_others, is_late, pick_ticket, ticket_values
from flows.waiting_words import say_estimate
from flows.words import first_name, say_day, say_time, say_waiting

MOST_LINES = 3
ABOUT = {
    "waiting": "waiting_about",
    "next": "next_about",
    "not_begun": "not_begun_about",
    "first": "first_about",
    "begins_late": "begins_late_about",
    "if_late": "if_late_about",
}
"""Reply -> the one that also says about when."""
_LATE = {True: "begins_late", False: "begins_late_first"}

flow = Flow("queue_status", intents=("queue_status",), takes={"poli": "poli", "person": "who"})


@flow.step
def status(turn: Turn) -> Ask | Say | Go | Switch:
    tickets = (*turn.desk.tickets(), *turn.desk.skipped())
    asked = _poli_asked(turn, tickets)
    if asked is not None:
        return Go("board", {"poli": asked})
    if not tickets:
        return Ask("queue_status.none", parse=read_yes_no, slot="book", then="offered")
    meant = pick_ticket(turn, tickets)
    if len(meant) == 1:
        return _say_one(turn, meant[0])
    return Say("queue_status.several", {"daftar": "\n".join(_line(turn, ticket) for ticket in meant[:MOST_LINES])})


@flow.step
def board(turn: Turn) -> Ask:
    return poli_now(turn, turn.slots["poli"])


@flow.step
def offered(turn: Turn) -> Say | Switch:
    if turn.slot("book") != "yes":
        return Say("queue_status.fine")
    poli = turn.slot("poli")
    return Switch("book_queue", {"poli": poli} if poli else {})


def _poli_asked(turn: Turn, tickets: tuple[Ticket, ...]) -> str | None:
    """The poli that is asked about as such, by its name or another's number, where this phone holds none."""
    poli, code = turn.slot("poli"), code_of_others(turn, tickets)
    if code is not None:
        poli = next(each.id for each in turn.facility.polis if code.startswith(each.letter))
    is_here = poli is not None and turn.facility.poli(poli) is not None
    return poli if is_here and all(ticket.poli != poli for ticket in tickets) else None


def _say_one(turn: Turn, ticket: Ticket) -> Say | Switch:
    values = ticket_values(turn, ticket)
    if ticket.state in ("called", "serving"):
        return Say("queue_status.your_turn" if ticket.state == "called" else "queue_status.being_served", values)
    if ticket.state == "skipped":
        return _say_skipped(turn, ticket, values)
    if _is_called_off(turn, ticket):
        return Switch("called_off", {"tickets": str(ticket.id)})
    if ticket.day != turn.today:
        return Say("queue_status.another_day", values)
    if _is_closed_now(turn):
        return Say("queue_status.closed", values)
    return _say_waiting(turn, ticket, values)


def _say_waiting(turn: Turn, ticket: Ticket, values: dict[str, str]) -> Say:
    """Number now, how many first, and when; without an honest range what is known is said alone."""
    position, estimate = turn.desk.position(ticket), _honest(turn, ticket)
    before = position.before if estimate is None else estimate.before
    values |= {
        "sisa": str(before),
        "sekarang": position.serving_code or "",
        "lewat": str(_called_back_after(turn, ticket)),
    }
    if says_late(turn.text):
        kind, values["lewat"] = "if_late", str(_called_back_after(turn, ticket))
    elif position.serving_code is not None:
        kind = "waiting" if before else "next"
    elif is_late(turn, ticket):
        kind, values["mulai"] = _LATE[bool(before)], say_time(begins_at(turn, ticket).time())
    else:
        kind = "not_begun" if before else "first"
    if estimate is None or kind not in ABOUT:
        return Say(f"queue_status.{kind}", values)
    return Say(f"queue_status.{ABOUT[kind]}", values | {"kira": _say(turn, estimate)})


def _say_skipped(turn: Turn, ticket: Ticket, values: dict[str, str]) -> Say:
    after = _called_back_after(turn, ticket)
    if _is_closed_now(turn):
        return Say("queue_status.closed", values)
    return Say("queue_status.skipped" if after else "queue_status.skipped_next", values | {"lewat": str(after)})


def _called_back_after(turn: Turn, ticket: Ticket) -> int:
    """After how many people who comes late is called."""
    row = turn.desk.board_row(ticket.poli)
    return min(turn.facility.queue.late_back_after, row.waiting if row is not None else 0)


def _line(turn: Turn, ticket: Ticket) -> str:
    """ "B12 Budi: 4 orang lagi, kira-kira jam 9.40-10.10"."""
    name = f"{ticket.code} {first_name(ticket.person_name)}"
    if ticket.state in ("called", "serving"):
        return f"{name}: {say_waiting(None)}"
    if ticket.state == "skipped":
        return f"{name}: lapor loket"
    if _is_called_off(turn, ticket):
        return f"{name}: poli tutup"
    if ticket.day != turn.today:
        return f"{name}: {say_day(ticket.day, today=turn.today)}"
    estimate = _honest(turn, ticket)
    if estimate is None:
        return f"{name}: {say_waiting(turn.desk.position(ticket).before)}"
    return f"{name}: {say_waiting(estimate.before)}, {_say(turn, estimate)}"


def _honest(turn: Turn, ticket: Ticket) -> Estimate | None:
    """The estimate, no earlier than the session begins; None where nothing is held any more."""
    estimate = turn.desk.estimate(ticket)
    if estimate is None or _is_called_off(turn, ticket) or _is_closed_now(turn):
        return None
    begins = begins_at(turn, ticket)
    return None if estimate.latest < begins else replace(estimate, earliest=max(estimate.earliest, begins))


def _say(turn: Turn, estimate: Estimate) -> str:
    return say_estimate(estimate, facility=turn.facility, now=turn.now)


def _is_called_off(turn: Turn, ticket: Ticket) -> bool:
    change = turn.desk.change_of(ticket.poli, ticket.day, ticket.session)
    return change is not None and change.kind == CLOSED


def _is_closed_now(turn: Turn) -> bool:
    """Whether the centre's day is over."""
    hours = turn.facility.hours_on(turn.today)
    return hours is None or turn.now >= datetime.combine(turn.today, hours.closes, turn.facility.zone)
