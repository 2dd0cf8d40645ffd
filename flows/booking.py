"""What can be booked: the day and session that a patient means, and what to offer where that will not do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from clinic.queue import SessionRoom
from flows.dialog import Ask, Choice, Heard, Say, Turn, Unclear
from flows.doctors import doctor_in, doctor_meant, doctor_named, say_doctor
from flows.offers import ROOMS_LOOKED_AT, as_choices, emptiest, fitting, rooms_of_doctor, rooms_on, session_choice
from flows.readers import read_choice, read_day_choice, reader
from flows.tickets import ticket_values
from flows.why_not import Refusal, why_not, why_not_then
from flows.words import say_date
from nlu.dates import Week, is_someday, next_week, read_day, two_days

__all__ = ["Offer", "When", "ask_when", "kept_when", "other_day", "read_when", "settle_when", "ticket_values"]

ANY_HOUR = "/"
MOST_OFFERS = 3


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
    values: Mapping[str, str] = field(default_factory=dict)


@reader
def read_when(heard: Heard) -> str:
    """A day and perhaps a session: an offer by its digit, a day in any words, or the one offer that is named.

    "besok2" is no day, although "Besok" may be offered. A doctor alone is the first offer with that doctor.
    """
    if is_someday(heard.text):
        raise Unclear
    if heard.text.strip().isdigit() or read_day(heard.text, today=heard.today) is None:
        return _by_doctor(heard) or read_choice(heard)
    day = read_day_choice(heard)
    return day if heard.understanding.value("time") is not None else day + ANY_HOUR


def _by_doctor(heard: Heard) -> str | None:
    doctors = {choice.value: doctor_in(choice.label) for choice in heard.choices}
    named = doctor_named(heard.text, [doctor for doctor in doctors.values() if doctor])
    return next((value for value, doctor in doctors.items() if doctor == named), None) if named else None


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
    week = _week_said(turn, when)
    if week is not None:
        return _some_day_of(turn, poli, week)
    either = _either_day(turn, poli, when)
    if either is not None:
        return either
    refusal = why_not(turn, poli, when.day)
    if refusal is not None:
        return _instead(turn, poli, refusal, when.day)
    return _session_of(turn, poli, when, may_ask=may_ask_session)


def _session_of(turn: Turn, poli: str, when: When, *, may_ask: bool) -> When | Offer:
    """The session of a day that has room: by its name, the hour, the doctor; else asked for, or the first one."""
    rooms = rooms_on(turn, poli, when.day)
    doctor = doctor_meant(turn, poli) if when.session is None else None
    if doctor is not None:
        of_doctor = [room for room in rooms_of_doctor(turn, poli, doctor, from_day=when.day) if room.day == when.day]
        if not of_doctor:
            return _another_day_of_doctor(turn, poli, doctor, when.day)
        rooms = tuple(of_doctor)
    said = when.session or turn.slot("time")
    wanted = fitting(rooms, turn.facility.sessions_on(poli, when.day), said)
    if not wanted and when.any_hour:
        said, wanted = None, rooms
    if not wanted and said is not None:
        return _instead(turn, poli, why_not_then(turn, poli, when.day, said), when.day)
    if not wanted:  # the last place went while we looked
        return _instead(turn, poli, Refusal("full"), when.day)
    if len({room.opens for room in wanted}) > 1 and said is None and may_ask:
        return Offer("ask_session", tuple(session_choice(turn, poli, room) for room in wanted), when.day)
    return When(when.day, emptiest(wanted).session)


def other_day(turn: Turn, poli: str, reason: str, day: date) -> Offer:
    """The next two sessions with room, and why it is not the one asked for; `reason` where nothing more is known."""
    when = kept_when(turn.slot("day"))
    refusal = why_not(turn, poli, day)
    if refusal is None and when is not None and when.day == day and when.session is not None:
        refusal = why_not_then(turn, poli, day, when.session)
    return _instead(turn, poli, refusal or Refusal(reason), day)


def _instead(turn: Turn, poli: str, refusal: Refusal, day: date) -> Offer:
    """Two offers from the day asked for on, or the first there are where none is later."""
    later = () if refusal.reason == "too_far" else offers(turn, poli, from_day=day, most=2)
    return Offer(refusal.reason, later or offers(turn, poli, from_day=turn.today, most=2), day, refusal.values)


def _another_day_of_doctor(turn: Turn, poli: str, doctor: str, day: date) -> Offer:
    """The next two sessions of the doctor who was named, or of anybody where the doctor has none with room."""
    rooms = rooms_of_doctor(turn, poli, doctor, from_day=day) or rooms_of_doctor(
        turn, poli, doctor, from_day=turn.today
    )
    choices = as_choices(turn, poli, rooms[:2]) or offers(turn, poli, from_day=day, most=2)
    reason = "not_that_doctor" if rooms else "no_room_with_doctor"
    return Offer(reason, choices, day, {"dokter": say_doctor(turn.facility, doctor)})


def _week_said(turn: Turn, when: When) -> Week | None:
    """ "minggu depan" names no day: where that is what was said, with this message or the first one of the flow."""
    if when.session is not None or read_day(turn.text, today=turn.today) not in (None, when.day):
        return None
    weeks = (next_week(text, today=turn.today) for text in (turn.text, turn.opened_by))
    return next((week for week in weeks if week is not None and week.day == when.day), None)


def _either_day(turn: Turn, poli: str, when: When) -> Offer | None:
    """ "rabu tgl 26" where the 26th is a Thursday: both are offered, as far as there is room on both."""
    days = two_days(turn.text, today=turn.today) if when.session is None else None
    if days is None or when.day not in days:
        return None
    rooms = [rooms_on(turn, poli, day) for day in sorted(days)]
    return Offer("either_day", as_choices(turn, poli, [each[0] for each in rooms])) if all(rooms) else None


def _some_day_of(turn: Turn, poli: str, week: Week) -> Offer:
    choices = offers(turn, poli, from_day=week.monday, said=turn.slot("time"))
    if not choices:
        return _instead(turn, poli, Refusal("too_far"), week.monday)
    return Offer("next_week", choices)


def offers(
    turn: Turn, poli: str, *, from_day: date, said: str | None = None, most: int = MOST_OFFERS
) -> tuple[Choice, ...]:
    """The next sessions with room as choices: at the hour and with the doctor asked for, where there are any."""
    start = max(from_day, turn.today)
    doctor = doctor_meant(turn, poli)
    rooms = rooms_of_doctor(turn, poli, doctor, from_day=start) if doctor is not None else ()
    rooms = rooms or turn.desk.rooms_with_space(poli, from_day=start, limit=ROOMS_LOOKED_AT)
    wanted = tuple(room for room in rooms if _is_wanted(turn, poli, room, said))
    return as_choices(turn, poli, (wanted or rooms)[:most])


def _is_wanted(turn: Turn, poli: str, room: SessionRoom, said: str | None) -> bool:
    return bool(fitting((room,), turn.facility.sessions_on(poli, room.day), said))


def ask_when(turn: Turn, poli: str, offer: Offer, *, then: str, reply: str | None = None) -> Ask | Say:
    """The question for a day, or that there is nothing free at all."""
    name = next(known.name for known in turn.facility.polis if known.id == poli)
    if not offer.choices:
        return Say("book_queue.nothing_free", {"poli": name})
    values = {"poli": name, **({} if offer.day is None else {"hari": say_date(offer.day)}), **offer.values}
    key = reply or f"book_queue.{offer.reason}"
    return Ask(key, parse=read_when, slot="day", then=then, values=values, choices=offer.choices)
