"""A poli's timetable: its next day, and its days and hours in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from clinic.facility import Facility, Poli, Session
from flows.words import DAYS, say_span

DAYS_LOOKED_AHEAD = 31


def first_poli(facility: Facility, wanted: Iterable[str]) -> Poli | None:
    """The first of these polis that this health centre has."""
    return next((poli for poli in map(facility.poli, wanted) if poli is not None), None)


def next_session_day(
    facility: Facility,
    poli_id: str,
    now: datetime,
    *,
    sessions_on: Callable[[str, date], Iterable[Session]] | None = None,
) -> date | None:
    """The first day from now on with a session that is not over yet; None when none is in sight.

    `sessions_on` knows better than the file: the desk leaves out what staff closed for once.
    """
    sessions_on = sessions_on or facility.sessions_on
    local = now.astimezone(facility.zone)
    for ahead in range(DAYS_LOOKED_AHEAD):
        day = local.date() + timedelta(days=ahead)
        sessions = sessions_on(poli_id, day)
        if any(ahead or session.closes > local.time() for session in sessions):
            return day
    return None


def say_sessions(poli: Poli) -> str:
    """When the poli works in any week: "Senin-Sabtu jam 8-11, Selasa, Kamis jam 1-2 siang"."""
    return ", ".join(
        f"{say_weekdays(session.days)} {say_span(session.opens, session.closes)}" for session in poli.sessions
    )


def say_weekdays(days: Iterable[int]) -> str:
    """Weekdays in words; three and more in a row as from-to: "Senin-Rabu, Jumat"."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(_say_run(run) for run in runs)


def _say_run(run: list[int]) -> str:
    if len(run) > 2:
        return f"{DAYS[run[0]]}-{DAYS[run[-1]]}"
    return ", ".join(DAYS[day] for day in run)
