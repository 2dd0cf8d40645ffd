"""Doctors of sessions: who sees patients in which session, what they are called, and whom a message names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time
from itertools import dropwhile, takewhile
from typing import Protocol

from clinic.facility import Facility, Session
from flows.dialog import Turn

TITLES = frozenset("dr drg dokter dok doktor bidan perawat mantri suster".split())
"""What stands before a doctor's name, in the file and in messages."""
BESIDE_A_NAME = TITLES | frozenset("bu ibu pak bapak yang sama dengan gigi umum saja si".split())
SHORTEST_NAME = 3
_WORD = re.compile(r"[^\W\d_]+")
LONGEST_CALLED = 14
"""Letters of a name, so that an offer stays short."""


class HasHours(Protocol):
    """A session, or a doctor's row."""

    @property
    def opens(self) -> time: ...

    @property
    def closes(self) -> time: ...


def doctors_of(facility: Facility, poli: str, day: date, session: Session) -> tuple[str, ...]:
    """Who sees patients in that session: its own doctor, or whoever has hours in it on that day."""
    if session.doctor is not None:
        return (session.doctor,)
    there = (each for each in facility.doctors_on(poli, day) if _overlap(each, session))
    return tuple(dict.fromkeys(doctor.name for doctor in there))


def doctor_to_say(facility: Facility, poli: str, day: date, session: str) -> str | None:
    """The doctor's short name where another session at the same hour is another doctor's; else there is no need."""
    sessions = facility.sessions_on(poli, day)
    this = next((each for each in sessions if each.name == session), None)
    if this is None or this.doctor is None:
        return None
    others = (each for each in sessions if each.doctor not in (None, this.doctor) and _overlap(each, this))
    return say_doctor(facility, this.doctor) if any(others) else None


def say_doctor(facility: Facility, name: str) -> str:
    """Title and the first name that no other doctor here shares: "dr. Melati"."""
    shared = {word for other in facility.doctors if other.name != name for word in _name_words(other.name)}
    title = name.split()[0] if _plain(name.split()[0]) in TITLES else ""
    own = [word for word in _WORD.findall(_bare(name)) if word.lower() not in shared and _is_name(word.lower())]
    called = own[0] if own else _bare(name).removeprefix(title).strip()
    return f"{title} {called[:LONGEST_CALLED]}".strip()


def doctor_meant(turn: Turn, poli: str) -> str | None:
    """The doctor of this poli whom this message, or else the first one of the flow, names behind a title."""
    of_poli = {each.name for each in turn.facility.doctors if each.poli == poli}
    found = turn.facility.poli(poli)
    of_poli |= {each.doctor for each in (found.sessions if found else ()) if each.doctor is not None}
    return doctor_named(turn.text, of_poli) or doctor_named(turn.opened_by, of_poli)


def doctor_named(text: str, doctors: Iterable[str]) -> str | None:
    """The one doctor whose name stands behind a title in the text: "dr melati", "dokter yang melati"."""
    behind = _behind_titles(text)
    counts = {name: max((_fitting(words, name) for words in behind), default=0) for name in doctors}
    most = max(counts.values(), default=0)
    best = [name for name, count in counts.items() if count == most]
    return best[0] if most and len(best) == 1 else None


def doctor_in(label: str) -> str:
    """What stands in a label from a title on: "Besok pagi dr. Melati" has "dr. Melati"."""
    return " ".join(dropwhile(lambda word: _plain(word) not in TITLES, label.split()))


def _behind_titles(text: str) -> list[list[str]]:
    """What stands behind each title: in "ke dokter buat melati" no doctor's name comes first, so none is meant."""
    words = [word.lower() for word in _WORD.findall(text)]
    titles = [at for at, word in enumerate(words) if word in TITLES]
    return [list(dropwhile(BESIDE_A_NAME.__contains__, words[at + 1 :])) for at in titles]


def _fitting(words: list[str], name: str) -> int:
    own = _name_words(name)
    return len(list(takewhile(own.__contains__, words)))


def _name_words(name: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(_bare(name)) if _is_name(word.lower())}


def _is_name(word: str) -> bool:
    return word not in TITLES and len(word) >= SHORTEST_NAME


def _bare(name: str) -> str:
    """The name without degrees: "dr. Siti Rahma, Sp.A" is "dr. Siti Rahma"."""
    return name.split(",")[0]


def _plain(word: str) -> str:
    return word.strip(".").lower()


def _overlap(one: HasHours, other: HasHours) -> bool:
    return one.opens < other.closes and other.opens < one.closes
