"""BPJS, doctors: which doctor of BPJS' list a session of ours belongs to, and which sessions are a doctor's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time

from clinic.facility import Doctor, Facility, Session


def doctors_known(facility: Facility, poli: str, day: date) -> tuple[Doctor, ...]:
    """Who is in that poli on that day and has a number at BPJS, by time."""
    return tuple(doctor for doctor in facility.doctors_on(poli, day) if doctor.bpjs_code is not None)


def sessions_of(doctor: Doctor, sessions: Iterable[Session]) -> tuple[Session, ...]:
    """The sessions in which this doctor is there: those named after them, else those at the same time."""
    return tuple(each for each in sessions if each.doctor in (None, doctor.name) and _meet(doctor, each))


def doctor_of(facility: Facility, poli: str, day: date, session: str) -> Doctor | None:
    """Who is there in this session and has a number at BPJS; of several the first of the day."""
    planned = next((each for each in facility.sessions_on(poli, day) if each.name == session), None)
    if planned is None:
        return None
    return next((each for each in doctors_known(facility, poli, day) if sessions_of(each, [planned])), None)


def practice_hours(doctor: Doctor) -> str:
    """A doctor's hours as BPJS writes them (jampraktek)."""
    return f"{doctor.opens:%H:%M}-{doctor.closes:%H:%M}"


def is_within(doctor: Doctor, opens: time, closes: time) -> bool:
    """Whether these hours and the doctor's have anything in common."""
    return opens < doctor.closes and doctor.opens < closes


def _meet(doctor: Doctor, session: Session) -> bool:
    return is_within(doctor, session.opens, session.closes)
