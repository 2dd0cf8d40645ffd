"""Doctors in Mobile JKN's second version: which sessions a doctor's number and hours choose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time

from bot.jkn.answers import Refused
from clinic.bpjs_doctors import doctors_known, is_within, sessions_of
from clinic.facility import Facility, Session

HOURS = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(?::[0-9]{2})?\s*-\s*([0-9]{1,2})[:.]([0-9]{2})(?::[0-9]{2})?")


def chosen_sessions(
    facility: Facility, poli: str, day: date, sessions: Sequence[Session], *, code: str, hours: str
) -> tuple[Session, ...]:
    """The open sessions of this doctor, those at these hours if they can be read; raises Refused.

    BPJS may have other hours of a doctor than we: what overlaps is meant.
    """
    doctors = [each for each in doctors_known(facility, poli, day) if str(each.bpjs_code) == code]
    wanted = _read_hours(hours)
    if wanted is not None:
        doctors = [each for each in doctors if is_within(each, *wanted)]
    theirs = {each.name for doctor in doctors for each in sessions_of(doctor, sessions)}
    chosen = [each for each in sessions if each.name in theirs]
    if not chosen:
        raise Refused("doctor_away")
    return tuple(sorted(chosen, key=lambda each: wanted is not None and not _overlap(each, *wanted)))


def _overlap(session: Session, opens: time, closes: time) -> bool:
    return opens < session.closes and session.opens < closes


def _read_hours(text: str) -> tuple[time, time] | None:
    found = HOURS.fullmatch(text.strip())
    if found is None:
        return None
    try:
        first, last = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    except ValueError:
        return None
    return (first, last) if first < last else None
