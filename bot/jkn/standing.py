"""Standing: how a poli's day is for Mobile JKN, where one number stands, and giving it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from bot.jkn.answers import Refused, words
from bot.jkn.bodies import Held
from bot.jkn.booking import ACTOR, code_called, poli_of
from bot.services import Services
from clinic.audit import record
from clinic.bpjs_doctors import doctors_known, practice_hours, sessions_of
from clinic.database import Session as Db
from clinic.facility import Doctor, Facility, Poli, Session
from clinic.jkn import HeldNumber, number_of, standing_of
from clinic.jkn_people import person_of_card
from clinic.queue import HOLDS_A_NUMBER, cancel_number, position
from clinic.queue_sessions import open_sessions
from clinic.queue_ticket import ticket_of
from clinic.queue_turns import known_entry

WAS_SERVED = ("called", "serving", "done")


def poli_standing(db: Db, services: Services, poli_code: str, day: date) -> Mapping[str, object]:
    """The whole poli, in text as the first version has it; raises Refused."""
    poli, _ = _open_poli(db, services.facility, poli_code, day)
    standing = standing_of(db, poli.id, day)
    return {
        "namapoli": poli_name(poli),
        "totalantrean": str(standing.total),
        "sisaantrean": str(standing.waiting),
        "antreanpanggil": code_called(poli, standing.last_called),
        "keterangan": "",
    }


def standing_by_doctor(db: Db, services: Services, poli_code: str, day: date) -> list[Mapping[str, object]]:
    """One line per doctor that BPJS knows, as the second version has it; raises Refused."""
    facility = services.facility
    poli, sessions = _open_poli(db, facility, poli_code, day)
    there = [(doctor, sessions_of(doctor, sessions)) for doctor in doctors_known(facility, poli.id, day)]
    lines = [_line(db, poli, day, doctor, theirs) for doctor, theirs in there if theirs]
    if not lines:
        raise Refused("doctor_away")
    return lines


def number_standing(db: Db, services: Services, held: Held, *, now: datetime) -> Mapping[str, object]:
    """Where the number of this card's holder stands; raises Refused."""
    facility = services.facility
    poli = poli_of(facility, held.poli_code)
    found = _number(db, services, held, poli)
    if found is None or found.state not in HOLDS_A_NUMBER:
        raise Refused("not_found")
    ticket = ticket_of(db, facility, known_entry(db, found.id))
    record(db, actor=ACTOR, action="jkn.look", subject=f"queue_entry:{found.id}", now=now)
    return {
        "nomorantrean": ticket.code,
        "namapoli": poli_name(poli),
        "sisaantrean": str(position(db, ticket, facility=facility).before),
        "antreanpanggil": code_called(poli, standing_of(db, poli.id, held.day).last_called),
        "keterangan": come_early(facility) if found.state == "waiting" else "",
    }


def give_back(db: Db, services: Services, held: Held, *, now: datetime) -> None:
    """Cancel the number; its place is free at once, as Mobile JKN has no way back. Raises Refused."""
    poli = poli_of(services.facility, held.poli_code)
    found = _number(db, services, held, poli)
    if found is not None and found.state == "waiting":
        done = cancel_number(db, found.id, facility=services.facility, now=now, actor=ACTOR, keep=False)
        if done is not None:
            record(db, actor=ACTOR, action="jkn.cancel", subject=f"queue_entry:{found.id}", now=now)
            return
        found = _number(db, services, held, poli)  # called or cancelled by somebody else a moment ago
    if found is None or found.state == "skipped":
        raise Refused("not_found")
    raise Refused("served_already" if found.state in WAS_SERVED else "cancelled_already")


def poli_name(poli: Poli) -> str:
    """Ours is "Umum", theirs is "Poli Umum"."""
    name = words("poli_name", name=poli.name)
    return poli.name if poli.name.casefold().startswith(name.split()[0].casefold()) else name


def come_early(facility: Facility) -> str:
    minutes = facility.bpjs.arrive_minutes
    return words("come_early", minutes=minutes) if minutes else ""


def _open_poli(db: Db, facility: Facility, poli_code: str, day: date) -> tuple[Poli, tuple[Session, ...]]:
    poli = poli_of(facility, poli_code)
    sessions = open_sessions(db, facility, poli.id, day)
    if not sessions:
        raise Refused("poli_closed")
    return poli, sessions


def _line(db: Db, poli: Poli, day: date, doctor: Doctor, sessions: tuple[Session, ...]) -> Mapping[str, object]:
    standing = standing_of(db, poli.id, day, sessions=[each.name for each in sessions])
    return {
        "namapoli": poli_name(poli),
        "totalantrean": str(standing.total),
        "sisaantrean": standing.waiting,
        "antreanpanggil": code_called(poli, standing.last_called),
        "keterangan": "",
        "kodedokter": doctor.bpjs_code,
        "namadokter": doctor.name,
        "jampraktek": practice_hours(doctor),
    }


def _number(db: Db, services: Services, held: Held, poli: Poli) -> HeldNumber | None:
    person_id = person_of_card(db, held.card, keeper=services.keeper)
    return None if person_id is None else number_of(db, person_id, poli.id, held.day)
