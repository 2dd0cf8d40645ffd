"""Why not: the true reason why nobody can book a poli on a day, or at an hour of it."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from clinic.facility import Session
from flows.dialog import Turn
from flows.offers import fits, rooms_on, say_session
from flows.text_gate import filtered_in
from flows.words import say_date, say_span

JUST_GONE = timedelta(days=60)
LONGEST_REASON = 36
"""Letters; a longer reason is left out, so that the offers fit into the same SMS."""


@dataclass(frozen=True)
class Refusal:
    """`reason` names the reply ("closed" is book_queue.closed), `values` what it says beyond poli, day and offers."""

    reason: str
    values: Mapping[str, str] = field(default_factory=dict)


def why_not(turn: Turn, poli: str, day: date) -> Refusal | None:
    """Why nobody can book there that day; None when one can."""
    if day < turn.today:
        return Refusal("past")
    if day > turn.today + timedelta(days=turn.facility.booking_days_ahead):
        gone = _just_gone(day, turn.today)
        return Refusal("too_far") if gone is None else Refusal("past", {"hari": say_date(gone)})
    if not turn.facility.is_open_on(day):
        return _for_reason("closed", "closed_for", turn.facility.closure_reason(day) or _special_name(turn, day))
    sessions = turn.facility.sessions_on(poli, day)
    if not sessions:
        return _for_reason("no_session", "no_session_for", turn.facility.closure_reason(day, poli=poli))
    held = turn.desk.open_sessions(poli, day)
    if not held:
        return Refusal("called_off")
    if rooms_on(turn, poli, day):
        return None
    return Refusal("over" if _are_over(turn, held, day) else "full")


def why_not_then(turn: Turn, poli: str, day: date, said: str) -> Refusal:
    """Why a session of that day will not do although another one would: called off, gone by, full, or never held."""
    asked = [session for session in turn.facility.sessions_on(poli, day) if fits(session, said)]
    if not asked:
        hours = dict.fromkeys(say_span(each.opens, each.closes) for each in turn.desk.open_sessions(poli, day))
        season = _special_name(turn, day)
        reason = "not_then" if season is None else "not_then_special"
        return Refusal(reason, {"waktu": " dan ".join(hours), **({} if season is None else {"masa": season})})
    values = {"hari": f"{say_date(day)} {say_session(asked[0])}"}
    held = [session for session in turn.desk.open_sessions(poli, day) if fits(session, said)]
    if not held:
        return Refusal("called_off", values)
    return Refusal("past" if _are_over(turn, held, day) else "full", values)


def _just_gone(day: date, today: date) -> date | None:
    """ "22 nov" on 23 November is yesterday's, although without a year it is read as next year's."""
    before = day - timedelta(days=366 if calendar.isleap(day.year) and (day.month, day.day) > (2, 28) else 365)
    is_same = (before.month, before.day) == (day.month, day.day)
    return before if is_same and timedelta(0) < today - before <= JUST_GONE else None


def _for_reason(bare: str, with_reason: str, reason: str | None) -> Refusal:
    if reason is None or not may_say(reason):
        return Refusal(bare)
    return Refusal(with_reason, {"alasan": reason})


def may_say(reason: str) -> bool:
    """Whether a reason from the health centre's settings may stand in an SMS: short, plain, and not filtered."""
    return len(reason) <= LONGEST_REASON and reason.isascii() and not filtered_in(reason)


def _special_name(turn: Turn, day: date) -> str | None:
    """Of days with other hours than usual: what they are called, such as Ramadan."""
    for special in turn.facility.special_hours:
        if special.day <= day <= special.until and day.weekday() in special.hours:
            return special.name if may_say(special.name) else None
    return None


def _are_over(turn: Turn, sessions: Sequence[Session], day: date) -> bool:
    return day == turn.today and all(session.closes <= _clock(turn) for session in sessions)


def _clock(turn: Turn) -> time:
    return turn.now.astimezone(turn.facility.zone).time()
