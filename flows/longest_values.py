"""Longest values: what stands for a reply's placeholders at worst, taken from a health centre's own settings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from clinic.facility import Doctor, Facility, Poli, Session
from flows.dialog import Choice
from flows.doctors import doctor_to_say
from flows.offers import say_session
from flows.render import numbered
from flows.timetable import say_sessions, say_weekdays
from flows.why_not import may_say
from flows.words import LONGEST_CALLED, say_coming, say_date, say_span

A_YEAR = 366
A_MONDAY = date(2026, 11, 23)
OFFERED_DAYS = 3
LONG_NAME = "Nurhidayatullahwatiningsih"[:LONGEST_CALLED]
OF_ONE_DOCTOR = "doctor_schedule.one_doctor"
BOOKING_REPLIES = (
    "book_queue.ask_day book_queue.full book_queue.over book_queue.not_then book_queue.closed book_queue.no_session"
    " book_queue.past book_queue.too_far book_queue.next_week book_queue.either_day book_queue.closed_for"
    " book_queue.no_session_for book_queue.called_off book_queue.not_then_special book_queue.not_that_doctor"
    " book_queue.no_room_with_doctor reschedule_queue.ask_day"
).split()


def longest_values(facility: Facility, key: str = "") -> dict[str, str]:
    """Placeholder -> the longest that can stand for it here; `key` is the reply, where it makes a difference."""
    day = _longest(say_date(date(2026, 1, 1) + timedelta(days=each)) for each in range(A_YEAR))
    code = f"{facility.polis[0].letter}{sum(session.quota for session in facility.polis[0].sessions):03}"
    values = {
        "puskesmas": facility.short_name,
        "alamat": facility.address,
        "patokan": facility.landmark or "-",
        "telepon": _longest((facility.phone, facility.emergency_phone or "")),
        "tempat": facility.name,
        "poli": _longest(poli.name for poli in facility.polis),
        "nama": LONG_NAME,
        "hari": day,
        "buka": day,
        "bukan": day,
        "jam": _longest(_times(facility)),
        "alasan": _longest(closure.reason for closure in facility.closures if may_say(closure.reason)),
        "masa": _longest(special.name for special in facility.special_hours if may_say(special.name)),
        "jadwal": _longest(_weeks(facility) if key == OF_ONE_DOCTOR else map(say_sessions, facility.polis)),
        "dokter": _doctors(facility, key),
        "layanan": _services(facility, key),
        "syarat": _longest(facility.requirements.values()),
        **dict.fromkeys(("antrian", "lama", "sekarang"), code),
    }
    choices = _choices(facility, key)
    return {name: value for name, value in values.items() if value} | ({"pilihan": choices} if choices else {})


def poli_labels(facility: Facility) -> tuple[str, ...]:
    """What the question for a poli offers."""
    return tuple(poli.name for poli in facility.polis if poli.is_open_to_booking)


def day_labels(facility: Facility) -> tuple[str, ...]:
    """The longest that the question for a day can offer: dates with the part of the day."""
    part = _longest(
        f"{say_session(session)}{_doctor_behind(facility, poli, session, mark=' ')}"
        for poli in facility.polis
        for session in poli.sessions
    )
    dates = [say_date(date(2026, 11, 24) + timedelta(days=each)) for each in range(OFFERED_DAYS)]
    return tuple(f"{each} {part}" for each in dates)


def _doctor_behind(facility: Facility, poli: Poli, session: Session, *, mark: str) -> str:
    """What is said of a session's doctor where another one works at the same hour, on any of its days."""
    days = (A_MONDAY + timedelta(days=weekday) for weekday in session.days)
    said = (doctor_to_say(facility, poli.id, day, session.name) for day in days)
    return _longest(f"{mark}{doctor}" for doctor in said if doctor is not None)


def _choices(facility: Facility, key: str) -> str:
    """What the health centre's settings offer; whom a phone speaks for is in no settings, the example says that."""
    if key in ("book_queue.ask_poli", "book_queue.no_such_poli"):
        return _numbered(poli_labels(facility))
    if key in BOOKING_REPLIES:
        return _numbered(day_labels(facility))
    return ""


def _numbered(labels: Iterable[str]) -> str:
    return numbered([Choice(label, label) for label in labels])


def _times(facility: Facility) -> Iterable[str]:
    now = datetime(2026, 11, 24, 9, 0, tzinfo=facility.zone)
    for poli in facility.polis:
        for session in poli.sessions:
            doctor = _doctor_behind(facility, poli, session, mark=", ")
            tomorrow = now.date() + timedelta(days=1)
            yield say_coming(now.date(), opens=time(0), closes=session.closes, now=now) + doctor
            yield say_coming(tomorrow, opens=session.opens, closes=session.closes, now=now) + doctor
    yield from (say_span(*hours) for hours in facility.hours.values() if hours is not None)


def _weeks(facility: Facility) -> Iterable[str]:
    for name in {doctor.name for doctor in facility.doctors}:
        rows = [doctor for doctor in facility.doctors if doctor.name == name]
        yield ", ".join(f"{say_weekdays(row.days)} {say_span(row.opens, row.closes)}" for row in rows)


def _doctors(facility: Facility, key: str) -> str:
    if key == OF_ONE_DOCTOR:
        return _longest(doctor.name for doctor in facility.doctors)
    days = range(7)
    if key == "doctor_schedule.everybody":
        return _longest(_everybody(facility, day) for day in days)
    return _longest(_of_a_day(_there(facility, poli.id, day)) for poli in facility.polis for day in days)


def _everybody(facility: Facility, day: int) -> str:
    parts = []
    for poli in facility.polis:
        names = dict.fromkeys(doctor.name for doctor in _there(facility, poli.id, day))
        if names:
            parts.append(f"{poli.name}: {', '.join(names)}")
    return "\n".join(parts)


def _of_a_day(doctors: Iterable[Doctor]) -> str:
    return ", ".join(f"{doctor.name} {say_span(doctor.opens, doctor.closes)}" for doctor in doctors)


def _there(facility: Facility, poli_id: str, day: int) -> list[Doctor]:
    return [doctor for doctor in facility.doctors if doctor.poli == poli_id and day in doctor.days]


def _services(facility: Facility, key: str) -> str:
    if key == "facility_info.services":
        return ", ".join(facility.services)
    return _longest(facility.services) if key == "facility_info.has_service" else ""


def _longest(values: Iterable[str]) -> str:
    return max(values, key=len, default="")
