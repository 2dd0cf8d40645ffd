"""Queue, newcomer: what one line at the counter says about somebody who came without a number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from clinic.database import Session
from clinic.facility import Facility
from clinic.facility_queue import PRIORITIES, Room
from clinic.people_search import FoundPerson
from clinic.queue import rooms_with_space
from clinic.queue_room import GivenNumber, given_number
from clinic.queue_sessions import open_sessions
from nlu.births import read_age, read_birth_date

LONGEST_LINE = 200
ONLY_DIGITS = re.compile(r"[0-9]{1,3}|(?:19|20)[0-9]{2}")
MOST_SESSIONS = 20


@dataclass(frozen=True)
class WalkInForm:
    """The line as it was typed, and what stands in the way of a number."""

    name: str = ""
    born: str = ""
    priority: str = ""
    session: str = ""
    """A poli and its session, "umum/pagi"; empty: the room's next one."""
    person: str = ""
    """The id of a person on record, "new" for somebody who only has the same name, or empty."""
    is_beyond_quota: bool = False
    problem: str = ""
    """A key of the templates' words."""
    same_name: tuple[FoundPerson, ...] = ()


@dataclass(frozen=True)
class SessionChoice:
    """A session of today that is not over; `left` places, none when it is full."""

    poli: str
    poli_name: str
    name: str
    opens: time
    closes: time
    left: int

    @property
    def key(self) -> str:
        """As the form names it."""
        return f"{self.poli}/{self.name}"


@dataclass(frozen=True)
class Born:
    """A birth date as it was said: an age alone is the first of July of that year."""

    day: date
    is_exact: bool


def read_form(form: Mapping[str, str]) -> WalkInForm:
    """The fields as they were sent, tidied."""
    priority = form.get("priority", "")
    return WalkInForm(
        name=tidy_name(form.get("name", "")),
        born=form.get("born", "").strip()[:40],
        priority=priority if priority in PRIORITIES else "",
        session=form.get("session", "")[:60],
        person=form.get("person", "")[:12],
        is_beyond_quota=form.get("beyond") == "1",
    )


def tidy_name(typed: str) -> str:
    """A name as it stands on lists: "siti  aminah" is Siti Aminah; one with a capital of its own stays as it is."""
    plain = " ".join(typed.split())[:LONGEST_LINE]
    return plain.title() if plain.islower() or (plain.isupper() and len(plain) > 3) else plain


def read_born(typed: str, *, today: date) -> Born | None:
    """A birth date in people's forms, an age ("72", "umur 33", "8 bulan") or a year of birth; else None."""
    found = read_birth_date(typed, today=today)
    if found is not None:
        return Born(found, is_exact=True)
    bare = ONLY_DIGITS.fullmatch(typed.strip())
    if bare is not None and len(bare[0]) == 4:
        year = int(bare[0])
        return Born(date(year, 7, 1), is_exact=False) if year < today.year else None
    age = int(bare[0]) if bare is not None else read_age(typed)
    if age is None or age > 120:
        return None
    born = date(today.year - age, 7, 1)
    return Born(min(born, today), is_exact=False)


def sessions_today(db: Session, facility: Facility, room: Room, *, now: datetime) -> tuple[SessionChoice, ...]:
    """The sessions of today that are not over: this room's, the one to give first in front; then the other polis'."""
    here = [each for each in _choices(db, facility, room.poli, now=now) if _is_for(room, facility, each, now)]
    others = (poli.id for poli in facility.polis if poli.id != room.poli)
    there = [each for poli in others for each in _choices(db, facility, poli, now=now)]
    return (*sorted(here, key=lambda each: each.left == 0), *there)


def _choices(db: Session, facility: Facility, poli_id: str, *, now: datetime) -> list[SessionChoice]:
    poli, day, clock = facility.poli(poli_id), facility.today(now), now.astimezone(facility.zone).time()
    only_today = facility.model_copy(update={"booking_days_ahead": 0})
    space = rooms_with_space(db, only_today, poli_id, from_day=day, limit=MOST_SESSIONS, now=now)
    left = {each.session: each.left for each in space}
    return [
        SessionChoice(poli_id, poli.name if poli else "", each.name, each.opens, each.closes, left.get(each.name, 0))
        for each in open_sessions(db, facility, poli_id, day)
        if each.closes > clock
    ]


def _is_for(room: Room, facility: Facility, choice: SessionChoice, now: datetime) -> bool:
    """Not a session of another room's doctor."""
    doctors = {each.name: each.doctor for each in facility.sessions_on(room.poli, facility.today(now))}
    return room.doctor is None or doctors.get(choice.name) in (None, room.doctor)


def given_in(db: Session, facility: Facility, entry_id: int | None) -> GivenNumber | None:
    """The number that was just handed out, if one was."""
    return given_number(db, facility, entry_id) if entry_id is not None else None
