"""Paper, lines: what somebody typed off a sheet, read into clean values or into the word that says what is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from clinic.facility import Facility, Poli
from clinic.facility_queue import PRIORITIES
from clinic.people import LONGEST_NAME

STATES = {
    "done": ("done", "selesai", "dilayani", "s"),
    "skipped": ("skipped", "dilewati", "lewat", "tidak datang", "l"),
    "waiting": ("waiting", "menunggu", "m"),
    "cancelled": ("cancelled", "canceled", "batal", "b"),
}
BEFORE_OPENING, AFTER_CLOSING = timedelta(hours=2), timedelta(hours=4)
"""People come early and doctors go late; what lies further outside is a slip of the pen."""
OLDEST_YEAR = 1900
_NUMBER = re.compile(r"([A-Za-z])[ .-]*0*([1-9][0-9]{0,3})")
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[.:]?([0-5][0-9])(?:[.:][0-5][0-9])?")
_DATED = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ](.+)")


@dataclass(frozen=True)
class PaperLine:
    """One line as it was typed; `row` says where it stands. `decision`: what staff chose after a conflict."""

    row: int
    number: str
    state: str = ""
    name: str = ""
    birth_year: str = ""
    priority: str = ""
    arrived: str = ""
    called: str = ""
    done: str = ""
    decision: str = ""


@dataclass(frozen=True)
class Typed:
    """A line that can be read."""

    poli: Poli
    number: int
    state: str
    name: str
    birth_year: int | None
    priority: str | None
    arrived_at: datetime | None
    called_at: datetime | None
    done_at: datetime | None
    decision: str

    @property
    def code(self) -> str:
        return f"{self.poli.letter}{self.number}"

    @property
    def first_time(self) -> datetime | None:
        """When their service began, as far as it was written down."""
        return self.called_at or self.done_at or self.arrived_at


class PaperConflict(Exception):
    """A line that is not taken over: `reason` is a word of the list in docs/staff.md, `about` what it concerns."""

    def __init__(self, reason: str, about: str = "", *, choice: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.about = about
        self.choice = choice
        """What staff may decide so that the line is taken over: paper (the sheet is right), other (another person)."""


def read_line(line: PaperLine, facility: Facility, day: date, *, now: datetime) -> Typed:
    """The values of a line; raises PaperConflict."""
    poli, number = read_number(line.number, facility)
    state = next((name for name, words in STATES.items() if _plain(line.state) in words), None)
    if state is None:
        raise PaperConflict("bad_state", line.state)
    times = [_read_time(text, facility, day, now=now) for text in (line.arrived, line.called, line.done)]
    known = [each for each in times if each is not None]
    if known != sorted(known):
        raise PaperConflict("times_in_disorder")
    return Typed(
        poli=poli,
        number=number,
        state=state,
        name=" ".join(line.name.split())[:LONGEST_NAME],
        birth_year=_read_year(line.birth_year, latest=day.year),
        priority=_read_priority(line.priority),
        arrived_at=times[0],
        called_at=times[1],
        done_at=times[2],
        decision=_plain(line.decision),
    )


def read_number(text: str, facility: Facility) -> tuple[Poli, int]:
    """The poli and the count of "B12"; raises PaperConflict."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        raise PaperConflict("bad_number", text.strip()[:20])
    letter = found[1].upper()
    poli = next((each for each in facility.polis if each.letter == letter), None)
    if poli is None:
        raise PaperConflict("unknown_poli", letter)
    return poli, int(found[2])


def same_name(one: str, other: str) -> bool:
    """The same words, whatever their case and punctuation."""
    return _words(one) == _words(other)


def fits_name(typed: str, known: str) -> bool:
    """The same name, or its beginning: on paper "Siti" stands for "Siti Aminah"."""
    short, long = sorted((_words(typed), _words(known)), key=len)
    return bool(short) and long[: len(short)] == short


def _read_time(text: str, facility: Facility, day: date, *, now: datetime) -> datetime | None:
    text = text.strip()
    if not text:
        return None
    dated = _DATED.fullmatch(text)
    if dated is not None and dated[1] != day.isoformat():
        raise PaperConflict("outside_day", text[:20])
    found = _TIME.fullmatch(dated[2] if dated is not None else text)
    if found is None:
        raise PaperConflict("bad_time", text[:20])
    at = datetime.combine(day, time(int(found[1]), int(found[2])), tzinfo=facility.zone)
    if at > now:
        raise PaperConflict("in_the_future", text[:20])
    hours = facility.hours_on(day)
    if hours is not None:
        opens, closes = (datetime.combine(day, each, tzinfo=facility.zone) for each in (hours.opens, hours.closes))
        if not opens - BEFORE_OPENING <= at <= closes + AFTER_CLOSING:
            raise PaperConflict("outside_day", text[:20])
    return at


def _read_year(text: str, *, latest: int) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not text.isdecimal() or not OLDEST_YEAR <= int(text) <= latest:
        raise PaperConflict("bad_birth_year", text[:20])
    return int(text)


def _read_priority(text: str) -> str | None:
    key = _plain(text).replace(" ", "_")
    if key in ("", "-", "biasa"):
        return None
    key = {"hamil": "ibu_hamil", "bumil": "ibu_hamil"}.get(key, key)
    if key not in PRIORITIES:
        raise PaperConflict("bad_priority", text.strip()[:20])
    return key


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def _words(name: str) -> list[str]:
    return re.findall(r"\w+", name.casefold())
