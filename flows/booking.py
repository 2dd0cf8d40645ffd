"""What can be booked: the days and sessions a patient may choose, and why another day will not do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from clinic.facility import Session
from clinic.queue import SessionRoom, Ticket
from flows.dialog import Ask, Choice, Heard, Say, Turn, Unclear
from flows.readers import read_choice, read_day_choice, read_yes_no, reader
from flows.whom import find_whom, named_in
from flows.words import first_name, part_of_day, say_coming, say_date, say_day, say_time
from nlu.dates import is_someday, read_day

ROOMS_LOOKED_AT = 6
ANY_HOUR = "/"
PARTS_OF_DAY = ("pagi", "siang", "sore", "malam")


@dataclass(frozen=True)
class When:
    """A day, and a session of it when one was chosen.

    `any_hour` marks a day named without an hour: an hour said earlier is then a preference, no condition.
    """

    day: date
    session: str | None = None
    any_hour: bool = False

    @property
    def kept(self) -> str:
        """As a slot keeps it."""
        return self.day.isoformat() if self.session is None else f"{self.day.isoformat()}/{self.session}"


@dataclass(frozen=True)
class Offer:
    """What to ask instead of a day that will not do: `reason` names the reply, `choices` what there is."""

    reason: str
    choices: tuple[Choice, ...]
    day: date | None = None


@reader
def read_when(heard: Heard) -> str:
    """A day and perhaps a session: an offer by its digit, a day in any words, or the one offer that is named.

    "besok2" is no day, although "Besok" may be offered.
    """
    if is_someday(heard.text):
        raise Unclear
    if heard.text.strip().isdigit() or read_day(heard.text, today=heard.today) is None:
        return read_choice(heard)
    day = read_day_choice(heard)
    return day if heard.understanding.value("time") is not None else day + ANY_HOUR


def kept_when(kept: str | None) -> When | None:
    """What a slot keeps as "2026-11-24", "2026-11-24/pagi", or "2026-11-24/" for any hour."""
    if not kept:
        return None
    day, _, session = kept.partition("/")
    return When(date.fromisoformat(day), session or None, any_hour=kept.endswith(ANY_HOUR))


def settle_when(turn: Turn, poli: str, *, may_ask_session: bool) -> When | Offer:
    """The day and session that slots `day` and `time` mean, or what to ask to get there."""
    when = kept_when(turn.slot("day"))
    if when is None:
        return Offer("ask_day", offers(turn, poli, from_day=turn.today, said=turn.slot("time")))
    reason = why_not(turn, poli, when.day)
    if reason is not None:
        return other_day(turn, poli, reason, when.day)
    rooms = rooms_on(turn, poli, when.day)
    said = when.session or turn.slot("time")
    wanted = fitting(rooms, turn.facility.sessions_on(poli, when.day), said)
    if not wanted and when.any_hour:
        said, wanted = None, rooms
    if not wanted:
        return other_day(turn, poli, "not_then", when.day)
    if len(wanted) > 1 and said is None and may_ask_session:
        return Offer("ask_session", tuple(_session_choice(room) for room in wanted), when.day)
    return When(when.day, wanted[0].session)


def other_day(turn: Turn, poli: str, reason: str, day: date) -> Offer:
    """The next two sessions with room, the first there are where none is later, and why it is not the day asked for."""
    later = () if reason == "too_far" else offers(turn, poli, from_day=day, most=2)
    return Offer(reason, later or offers(turn, poli, from_day=turn.today, most=2), day)


def ask_when(turn: Turn, poli: str, offer: Offer, *, then: str, reply: str | None = None) -> Ask | Say:
    """The question for a day, or that there is nothing free at all."""
    name = next(known.name for known in turn.facility.polis if known.id == poli)
    if not offer.choices:
        return Say("book_queue.nothing_free", {"poli": name})
    values = {"poli": name} | ({} if offer.day is None else {"hari": say_date(offer.day)})
    key = reply or f"book_queue.{offer.reason}"
    return Ask(key, parse=read_when, slot="day", then=then, values=values, choices=offer.choices)


def why_not(turn: Turn, poli: str, day: date) -> str | None:
    """Why nobody can book there that day: past, too_far, closed, no_session, over or full; None when one can."""
    if day < turn.today:
        return "past"
    if day > turn.today + timedelta(days=turn.facility.booking_days_ahead):
        return "too_far"
    if not turn.facility.is_open_on(day):
        return "closed"
    sessions = turn.facility.sessions_on(poli, day)
    if not sessions:
        return "no_session"
    if rooms_on(turn, poli, day):
        return None
    is_over = day == turn.today and all(session.closes <= _clock(turn) for session in sessions)
    return "over" if is_over else "full"


def rooms_on(turn: Turn, poli: str, day: date) -> tuple[SessionRoom, ...]:
    """The sessions of that day that have room, by time."""
    rooms = turn.desk.rooms_with_space(poli, from_day=day, limit=ROOMS_LOOKED_AT)
    return tuple(room for room in rooms if room.day == day)


def fitting(rooms: Sequence[SessionRoom], sessions: Sequence[Session], said: str | None) -> tuple[SessionRoom, ...]:
    """The rooms that fit a session name, a part of the day or a time; all of them when nothing was said."""
    if said is None:
        return tuple(rooms)
    names = {session.name for session in sessions if _fits(session, said)}
    return tuple(room for room in rooms if room.session in names)


def offers(turn: Turn, poli: str, *, from_day: date, said: str | None = None, most: int = 3) -> tuple[Choice, ...]:
    """The next sessions with room as choices; those at the hour that was asked for, when there are any."""
    start = max(from_day, turn.today)
    rooms = turn.desk.rooms_with_space(poli, from_day=start, limit=ROOMS_LOOKED_AT)
    wanted = tuple(r for r in rooms if fitting((r,), turn.facility.sessions_on(poli, r.day), said))
    return tuple(choice_of(turn, poli, room) for room in (wanted or rooms)[:most])


def choice_of(turn: Turn, poli: str, room: SessionRoom) -> Choice:
    """A session as a choice: "Besok pagi", or just "Besok" when that day has one session."""
    day = say_day(room.day, today=turn.today)
    label = day[0].upper() + day[1:]
    if len(turn.facility.sessions_on(poli, room.day)) > 1:
        label += f" {say_session(room)}"
    return Choice(When(room.day, room.session).kept, label)


def _session_choice(room: SessionRoom) -> Choice:
    """A session of a day that is settled: "Pagi jam 8"."""
    when = say_time(room.opens)
    if room.session in PARTS_OF_DAY:
        when = f"{room.session.capitalize()} {when.removesuffix(part_of_day(room.opens)).strip()}"
    return Choice(When(room.day, room.session).kept, when)


def say_session(room: SessionRoom) -> str:
    """A session's name where it is a part of the day, else when it begins."""
    return room.session if room.session in PARTS_OF_DAY else say_time(room.opens)


def ticket_values(turn: Turn, ticket: Ticket) -> dict[str, str]:
    """What replies say about a number."""
    now = turn.now.astimezone(turn.facility.zone)
    return {
        "poli": ticket.poli_name,
        "antrian": ticket.code,
        "nama": first_name(ticket.person_name),
        "hari": say_date(ticket.day),
        "jam": say_coming(ticket.day, opens=ticket.opens, closes=ticket.closes, now=now),
    }


def ticket_choices(tickets: Sequence[Ticket]) -> tuple[Choice, ...]:
    """Numbers as choices: "B12 Budi"."""
    return tuple(Choice(str(ticket.id), f"{ticket.code} {first_name(ticket.person_name)}") for ticket in tickets)


def ticket_named(turn: Turn) -> Ticket | None:
    """The number that slot `ticket` names, as long as this phone still holds it."""
    return next((ticket for ticket in turn.desk.tickets() if str(ticket.id) == turn.slot("ticket")), None)


def pick_ticket(turn: Turn, tickets: Sequence[Ticket], *, by_day: bool = True) -> tuple[Ticket, ...]:
    """The numbers that are meant by poli, day, person or code; all of them when nothing fits."""
    meant = tuple(tickets)
    person = find_whom(turn.desk.people(), turn.slot("who")).person if turn.slot("who") else None
    person = named_in(turn.text, turn.desk.people()) or person
    for fits in (
        lambda ticket: ticket.code.lower() in turn.text.lower().split(),
        lambda ticket: ticket.poli == turn.slot("poli"),
        lambda ticket: by_day and ticket.day.isoformat() == turn.slot("day"),
        lambda ticket: person is not None and ticket.person_id == person.person_id,
    ):
        meant = tuple(ticket for ticket in meant if fits(ticket)) or meant
    return meant


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


def _fits(session: Session, said: str) -> bool:
    if said == session.name or said == part_of_day(session.opens):
        return True
    if said in PARTS_OF_DAY or ":" not in said:
        return False
    clock = time.fromisoformat(said)
    return session.opens <= clock < session.closes or part_of_day(clock) == part_of_day(session.opens)


def _clock(turn: Turn) -> time:
    return turn.now.astimezone(turn.facility.zone).time()
