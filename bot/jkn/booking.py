"""Booking by Mobile JKN: the same numbers, places and closures as everybody's, refused in BPJS' words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.jkn import doctors
from bot.jkn.answers import UNKNOWN_PERSON, Refused, words
from bot.jkn.bodies import Booking
from bot.services import Services
from clinic.audit import record
from clinic.database import Session as Db
from clinic.facility import Facility, Poli, Session
from clinic.jkn import standing_of
from clinic.jkn_people import ask_staff, match_person
from clinic.queue import QueueRefused, Ticket, position, take_number
from clinic.queue_sessions import open_sessions

ACTOR = VIA = "jkn"
IN_BPJS_WORDS = {"full": "full"}
"""What the queue refuses -> the sentence; whatever else it refuses means that the poli is closed."""


@dataclass(frozen=True)
class Booked:
    """A number that was given."""

    ticket: Ticket
    before: int
    last_called: str


def book(db: Db, services: Services, wish: Booking, *, now: datetime) -> Booked | Refused:
    """The next number of this poli and day, or why not.

    A refusal that was written down (a case, a card that is known now) is given back; raises Refused where nothing was.
    """
    facility = services.facility
    poli = poli_of(facility, wish.poli_code)
    sessions = sessions_to_book(db, facility, poli, wish, now=now)
    match = match_person(db, card=wish.card, nik=wish.nik, keeper=services.keeper)
    if match.mismatched:
        return mismatch(db, facility, match.mismatched, now=now)
    if match.person_id is None:
        raise Refused("person_unknown", code=UNKNOWN_PERSON)
    try:
        ticket = _take(db, facility, poli, sessions, wish, person_id=match.person_id, now=now)
    except Refused as refusal:
        return refusal
    if not ticket.is_new:
        return Refused("duplicate")
    record(db, actor=ACTOR, action="jkn.book", subject=f"queue_entry:{ticket.id}", now=now)
    standing = standing_of(db, poli.id, wish.day)
    before = position(db, ticket, facility=facility).before
    return Booked(ticket, before=before, last_called=code_called(poli, standing.last_called))


def poli_of(facility: Facility, code: str) -> Poli:
    """The poli with this number at BPJS; raises Refused."""
    found = next((poli for poli in facility.polis if poli.bpjs_code == code), None)
    if found is None:
        raise Refused("poli_unknown")
    return found


def sessions_to_book(db: Db, facility: Facility, poli: Poli, wish: Booking, *, now: datetime) -> tuple[Session, ...]:
    """Where a number may be taken, in the order in which it is tried; raises Refused."""
    today = facility.today(now)
    ahead = min(facility.bpjs.days_ahead, facility.booking_days_ahead)
    sessions = open_sessions(db, facility, poli.id, wish.day)
    if not sessions or not poli.is_open_to_booking or wish.day > today + timedelta(days=ahead):
        raise Refused("poli_closed")
    if wish.doctor_code is not None:
        sessions = doctors.chosen_sessions(
            facility, poli.id, wish.day, sessions, code=wish.doctor_code, hours=wish.hours or ""
        )
    clock = now.astimezone(facility.zone).time()
    left = tuple(each for each in sessions if wish.day > today or clock < each.closes)
    if not left:
        last = max(each.closes for each in sessions)
        raise Refused("too_late", poli=poli.name, time=f"{last:%H:%M}")
    return left


def mismatch(db: Db, facility: Facility, people: Iterable[int], *, now: datetime) -> Refused:
    """Nothing is given on a card and NIK that do not belong together here; staff look at the records."""
    ids = ", ".join(str(person_id) for person_id in people)
    hours = facility.limits.due_hours.of("error")
    ask_staff(db, words("mismatch_case", people=ids), now=now, due_hours=hours)
    record(db, actor=ACTOR, action="jkn.mismatch", subject=f"person:{ids}"[:80], now=now)
    return Refused("person_unknown")


def code_called(poli: Poli, number: int | None) -> str:
    """A number as people see it; "" where none was called: never null."""
    return "" if number is None else f"{poli.letter}{number}"


def _take(
    db: Db,
    facility: Facility,
    poli: Poli,
    sessions: Iterable[Session],
    wish: Booking,
    *,
    person_id: int,
    now: datetime,
) -> Ticket:
    """In the first session that has a place."""
    reason = "full"
    for session in sessions:
        try:
            return take_number(
                db,
                facility=facility,
                poli=poli.id,
                day=wish.day,
                session=session.name,
                person_id=person_id,
                contact_id=None,
                via=VIA,
                now=now,
                actor=ACTOR,
                complaint=wish.complaint,
            )
        except QueueRefused as refused:
            reason = refused.reason
    raise Refused(IN_BPJS_WORDS.get(reason, "poli_closed"))
