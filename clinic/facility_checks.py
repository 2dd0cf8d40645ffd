"""Facility checks: what is wrong with a health centre's settings although every single value is well-formed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clinic.facility import WEEKDAYS, Facility, Poli

INDONESIAN_ZONES = ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")


@dataclass(frozen=True)
class Fault:
    """One mistake: at which place, what, and what is allowed there."""

    place: tuple[str | int, ...]
    what: str
    allowed: str


def faults_of(facility: Facility) -> Iterator[Fault]:
    """Every mistake between the values."""
    yield from _zone(facility)
    yield from _weekly_hours(facility)
    yield from _polis(facility)
    yield from _doctors(facility)
    yield from _rooms(facility)
    yield from _closures(facility)
    yield from _special_hours(facility)
    yield from _limits(facility)
    if facility.queue.counter_every == 1:
        what = "1 would keep every number for the counter"
        yield Fault(("queue", "counter_every"), what, "0 for none, or a number from 2 to 10 such as 3")
    yield from _twice(("routes", "order"), facility.routes.order)
    yield from _twice(("budget", "sacrifice"), facility.budget.sacrifice)


def _zone(facility: Facility) -> Iterator[Fault]:
    allowed = "Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT)"
    try:
        ZoneInfo(facility.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Fault(("timezone",), f"{facility.timezone!r} is no time zone", allowed)
        return
    if facility.timezone not in INDONESIAN_ZONES:
        yield Fault(("timezone",), f"{facility.timezone!r} is not in Indonesia", allowed)


def _weekly_hours(facility: Facility) -> Iterator[Fault]:
    for weekday, hours in facility.hours.items():
        if hours is not None:
            yield from _backwards(("hours", WEEKDAYS[weekday]), hours.opens, hours.closes)
    if not any(facility.hours.values()):
        yield Fault(("hours",), "no day is open", "at least one day such as senin: 07:30-14:00")


def _backwards(place: tuple[str | int, ...], opens: time, closes: time) -> Iterator[Fault]:
    if closes <= opens:
        yield Fault(place, f"closes at {closes:%H:%M} but opens at {opens:%H:%M}", "closing comes after opening")


def _polis(facility: Facility) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for index, poli in enumerate(facility.polis):
        if poli.letter in seen:
            free = "".join(sorted(set("ABCDEFGHIJKLMNOPQRSTUVWXYZ") - set(seen)))[:5]
            what = f"{poli.letter!r} is the letter of poli {seen[poli.letter]} already"
            yield Fault(("polis", index, "letter"), what, f"a letter that is free, such as {', '.join(free)}")
        if poli.id in seen.values():
            yield Fault(("polis", index, "id"), f"{poli.id!r} is used twice", "an id that no other poli has")
        seen.setdefault(poli.letter, poli.id)
        yield from _sessions(facility, index, poli)


def _sessions(facility: Facility, index: int, poli: Poli) -> Iterator[Fault]:
    names: set[str] = set()
    for number, session in enumerate(poli.sessions):
        place = ("polis", index, "sessions", number)
        if session.name in names:
            yield Fault((*place, "name"), f"{session.name!r} is used twice", "one name per session of a poli")
        names.add(session.name)
        if session.doctor is not None and session.doctor not in {doctor.name for doctor in facility.doctors}:
            yield Fault((*place, "doctor"), f"there is no doctor {session.doctor!r}", "a name that stands in doctors")
        yield from _backwards((*place, "closes"), session.opens, session.closes)
        yield from _outside(facility, place, days=session.days, opens=session.opens, closes=session.closes)


def _outside(
    facility: Facility, place: tuple[str | int, ...], *, days: tuple[int, ...], opens: time, closes: time
) -> Iterator[Fault]:
    for weekday in days:
        hours = facility.hours.get(weekday)
        if hours is None:
            what = f"{WEEKDAYS[weekday]} is a closed day in hours"
            yield Fault((*place, "days"), what, "days on which the centre is open")
        elif opens < hours.opens or closes > hours.closes:
            what = f"{opens:%H:%M}-{closes:%H:%M} is outside the opening hours of {WEEKDAYS[weekday]}"
            yield Fault((*place, "opens"), what, f"within {hours.opens:%H:%M}-{hours.closes:%H:%M}")


def _rooms(facility: Facility) -> Iterator[Fault]:
    polis = tuple(poli.id for poli in facility.polis)
    for index, room in enumerate(facility.rooms):
        if room.poli not in polis:
            yield Fault(("rooms", index, "poli"), f"there is no poli {room.poli!r}", "one of " + ", ".join(polis))
        if room.doctor is not None and room.doctor not in {doctor.name for doctor in facility.doctors}:
            yield Fault(
                ("rooms", index, "doctor"), f"there is no doctor {room.doctor!r}", "a name that stands in doctors"
            )
        taken = {other.id for other in facility.rooms[:index]} | (set(polis) - {room.poli})
        if room.id in taken:
            what = f"{room.id!r} is a room or another poli already"
            yield Fault(("rooms", index, "id"), what, "an id that no room has")


def _doctors(facility: Facility) -> Iterator[Fault]:
    for index, doctor in enumerate(facility.doctors):
        place = ("doctors", index)
        if facility.poli(doctor.poli) is None:
            allowed = "one of " + ", ".join(poli.id for poli in facility.polis)
            yield Fault((*place, "poli"), f"there is no poli {doctor.poli!r}", allowed)
        yield from _backwards((*place, "closes"), doctor.opens, doctor.closes)


def _closures(facility: Facility) -> Iterator[Fault]:
    for index, closure in enumerate(facility.closures):
        if closure.until is not None and closure.until < closure.day:
            yield Fault(("closures", index, "until"), f"{closure.until} is before {closure.day}", "a later date")
        if closure.poli is not None and facility.poli(closure.poli) is None:
            allowed = "one of " + ", ".join(poli.id for poli in facility.polis)
            yield Fault(("closures", index, "poli"), f"there is no poli {closure.poli!r}", allowed)


def _special_hours(facility: Facility) -> Iterator[Fault]:
    for index, special in enumerate(facility.special_hours):
        place = ("special_hours", index)
        if special.until < special.day:
            yield Fault((*place, "until"), f"{special.until} is before {special.day}", "a later date")
        for weekday, hours in special.hours.items():
            if hours is not None:
                yield from _backwards((*place, "hours", WEEKDAYS[weekday]), hours.opens, hours.closes)


def _limits(facility: Facility) -> Iterator[Fault]:
    limits = facility.limits
    if limits.quiet_until <= limits.quiet_from:
        what = f"{limits.quiet_until:%H:%M} is not after quiet_from {limits.quiet_from:%H:%M}"
        yield Fault(("limits", "quiet_until"), what, "a time after quiet_from, such as 19:00")


def _twice(place: tuple[str | int, ...], names: Sequence[str]) -> Iterator[Fault]:
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Fault((*place, index), f"{name!r} stands there twice", "every name once, in the order wanted")
