"""Which doctor or midwife is in, by poli and day, or when one of them is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from clinic.facility import Doctor, Poli
from flows.asked import words_in
from flows.dialog import Flow, Say, Turn
from flows.timetable import DAYS_LOOKED_AHEAD, say_weekdays
from flows.words import say_day, say_span

TITLES = frozenset("dr dr. drg drg. bidan dokter suster perawat".split())
SHORTEST_NAME = 3

flow = Flow("doctor_schedule", intents=("doctor_schedule",), takes={"poli": "poli", "date": "day"}, is_answer=True)


@flow.step
def answer(turn: Turn) -> Say:
    asked = turn.slot("poli")
    poli = turn.facility.poli(asked) if asked else None
    if asked and poli is None:
        return Say("doctor_schedule.no_such_poli", {"poli": ", ".join(poli.name for poli in turn.facility.polis)})
    named = _named_in(turn)
    if poli is None and named:
        return Say("doctor_schedule.one_doctor", {"dokter": named[0].name, "jadwal": _say_week(turn, named)})
    return _say_in(turn, poli)


def _say_in(turn: Turn, poli: Poli | None) -> Say:
    """Who is in on the day asked for, or on the first day from now on when anybody is."""
    polis = turn.facility.polis if poli is None else (poli,)
    asked = date.fromisoformat(str(turn.slot("day"))) if turn.slot("day") else None
    day = asked if asked is not None and _on(turn, polis, asked) else _next_day(turn, polis, asked or turn.today)
    if day is None:
        return Say("doctor_schedule.unknown")
    values = {"hari": say_day(day, today=turn.today)}
    if poli is None:
        return Say("doctor_schedule.everybody", {**values, "dokter": _say_everybody(turn, day)})
    values |= {"poli": poli.name, "dokter": _say_doctors(_on(turn, polis, day))}
    if asked is not None and asked != day:
        return Say("doctor_schedule.not_that_day", {**values, "bukan": say_day(asked, today=turn.today)})
    return Say("doctor_schedule.poli", values)


def _on(turn: Turn, polis: Sequence[Poli], day: date) -> list[Doctor]:
    """The doctors of that day whose hours are not over."""
    local = turn.now.astimezone(turn.facility.zone)
    open_polis = [poli for poli in polis if not _is_closed(turn, poli, day)]
    found = [doctor for poli in open_polis for doctor in turn.facility.doctors_on(poli.id, day)]
    return [doctor for doctor in found if day != local.date() or doctor.closes > local.time()]


def _is_closed(turn: Turn, poli: Poli, day: date) -> bool:
    """Whether that poli alone is closed then, by the file or by staff for once."""
    if turn.facility.closure_reason(day, poli=poli.id) is not None:
        return True
    return bool(turn.facility.sessions_on(poli.id, day)) and not turn.desk.open_sessions(poli.id, day)


def _next_day(turn: Turn, polis: Sequence[Poli], first: date) -> date | None:
    days = (first + timedelta(days=ahead) for ahead in range(DAYS_LOOKED_AHEAD))
    return next((day for day in days if _on(turn, polis, day)), None)


def _say_doctors(doctors: Sequence[Doctor]) -> str:
    """Each doctor once, with all hours: "dr. Rina jam 8-11 dan jam 12.30-2 siang"."""
    spans: dict[str, list[str]] = {}
    for doctor in doctors:
        spans.setdefault(doctor.name, []).append(say_span(doctor.opens, doctor.closes))
    return ", ".join(f"{name} {' dan '.join(hours)}" for name, hours in spans.items())


def _say_everybody(turn: Turn, day: date) -> str:
    parts = []
    for poli in turn.facility.polis:
        names = dict.fromkeys(doctor.name for doctor in _on(turn, (poli,), day))
        if names:
            parts.append(f"{poli.name}: {', '.join(names)}")
    return "\n".join(parts)


def _say_week(turn: Turn, rows: Sequence[Doctor]) -> str:
    return ", ".join(f"{say_weekdays(row.days)} {say_span(row.opens, row.closes)}" for row in rows)


def _named_in(turn: Turn) -> list[Doctor]:
    """All rows of the one doctor whose name stands in the message; none when several share the word."""
    words = words_in(turn.text) - TITLES
    rows = [doctor for doctor in turn.facility.doctors if words & _naming_words(doctor)]
    return rows if len({row.name for row in rows}) == 1 else []


def _naming_words(doctor: Doctor) -> set[str]:
    return {word for word in doctor.name.lower().split() if word not in TITLES and len(word) >= SHORTEST_NAME}
