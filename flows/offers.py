"""Offers: the sessions of a poli that have room, as choices with a day, a part of the day and perhaps a doctor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time

from clinic.facility import Session
from clinic.queue import SessionRoom
from flows.dialog import Choice, Turn
from flows.doctors import doctor_to_say, doctors_of
from flows.words import part_of_day, say_day, say_time

ROOMS_LOOKED_AT = 8
MOST_SESSIONS = 8
PARTS_OF_DAY = ("pagi", "siang", "sore", "malam")


def rooms_on(turn: Turn, poli: str, day: date) -> tuple[SessionRoom, ...]:
    """The sessions of that day that have room, by time."""
    rooms = turn.desk.rooms_with_space(poli, from_day=day, limit=ROOMS_LOOKED_AT)
    return tuple(room for room in rooms if room.day == day)


def rooms_of_doctor(turn: Turn, poli: str, doctor: str, *, from_day: date) -> tuple[SessionRoom, ...]:
    """The sessions from that day on that have room and in which this doctor sees patients."""
    days = turn.facility.booking_days_ahead + 1
    most = days * MOST_SESSIONS
    rooms = turn.desk.rooms_with_space(poli, from_day=from_day, limit=most)
    return tuple(room for room in rooms if doctor in _doctors(turn, poli, room))


def fitting(rooms: Sequence[SessionRoom], sessions: Sequence[Session], said: str | None) -> tuple[SessionRoom, ...]:
    """The rooms that fit a session name, a part of the day or a time; all of them when nothing was said."""
    if said is None:
        return tuple(rooms)
    names = {session.name for session in sessions if fits(session, said)}
    return tuple(room for room in rooms if room.session in names)


def fits(session: Session, said: str) -> bool:
    """Whether a session is what "pagi", "09:30" or its own name says."""
    if said == session.name or said == part_of_day(session.opens):
        return True
    if said in PARTS_OF_DAY or ":" not in said:
        return False
    clock = time.fromisoformat(said)
    return session.opens <= clock < session.closes or part_of_day(clock) == part_of_day(session.opens)


def emptiest(rooms: Sequence[SessionRoom]) -> SessionRoom:
    """The earliest; of several at that hour, by different doctors, the one with most room."""
    return max((room for room in rooms if room.opens == rooms[0].opens), key=lambda room: room.left)


def as_choices(turn: Turn, poli: str, rooms: Sequence[SessionRoom]) -> tuple[Choice, ...]:
    """Sessions as choices."""
    return tuple(choice_of(turn, poli, room) for room in rooms)


def choice_of(turn: Turn, poli: str, room: SessionRoom) -> Choice:
    """A session as a choice: "Besok pagi", "Besok pagi dr. Melati", or just "Besok" when that day has one session."""
    day = say_day(room.day, today=turn.today)
    label = day[0].upper() + day[1:]
    doctor = doctor_to_say(turn.facility, poli, room.day, room.session)
    if len({session.opens for session in turn.facility.sessions_on(poli, room.day)}) > 1:
        label += f" {say_session(room)}"
    return Choice(kept_as(room), label if doctor is None else f"{label} {doctor}")


def session_choice(turn: Turn, poli: str, room: SessionRoom) -> Choice:
    """A session of a day that is settled: "Pagi jam 8", "Pagi jam 8 dr. Melati"."""
    when = say_time(room.opens)
    if room.session in PARTS_OF_DAY:
        when = f"{room.session.capitalize()} {when.removesuffix(part_of_day(room.opens)).strip()}"
    doctor = doctor_to_say(turn.facility, poli, room.day, room.session)
    label = when[0].upper() + when[1:]
    return Choice(kept_as(room), label if doctor is None else f"{label} {doctor}")


def say_session(room: SessionRoom | Session) -> str:
    """A session's name where it is a part of the day, else the part of the day, or when it begins."""
    name = room.name if isinstance(room, Session) else room.session
    if name in PARTS_OF_DAY:
        return name
    return part_of_day(room.opens) if name.split("_")[0] in PARTS_OF_DAY else say_time(room.opens)


def kept_as(room: SessionRoom) -> str:
    """As a slot keeps it: "2026-11-24/pagi"."""
    return f"{room.day.isoformat()}/{room.session}"


def _doctors(turn: Turn, poli: str, room: SessionRoom) -> tuple[str, ...]:
    sessions = turn.facility.sessions_on(poli, room.day)
    return next((doctors_of(turn.facility, poli, room.day, each) for each in sessions if each.name == room.session), ())
