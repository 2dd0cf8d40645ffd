"""Visit days: on which open day a visit can be, in which poli, and from when until when it is held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from clinic.facility import Facility
from scheduler.programme import Programme

LONGEST_WAIT = 90
"""So many days we look ahead for an open day; a centre closed for longer invites nobody."""


@dataclass(frozen=True)
class VisitDay:
    """When and where somebody is expected."""

    day: date
    poli: str | None
    opens: time
    closes: time


def programme_poli(programme: Programme, facility: Facility) -> str | None:
    """The poli where visits of this programme take place: the first of its list that the centre has."""
    return next((poli for poli in programme.polis if facility.poli(poli) is not None), None)


def next_visit_day(facility: Facility, poli: str | None, *, earliest: date) -> VisitDay | None:
    """The first day from `earliest` on that the poli holds sessions; any open day when there is no such poli."""
    for ahead in range(LONGEST_WAIT):
        visit = _visit_on(facility, poli, earliest + timedelta(days=ahead))
        if visit is not None:
            return visit
    return None


def _visit_on(facility: Facility, poli: str | None, day: date) -> VisitDay | None:
    hours = facility.hours_on(day)
    if hours is None:
        return None
    if poli is None:
        return VisitDay(day, None, hours.opens, hours.closes)
    sessions = facility.sessions_on(poli, day)
    if not sessions:
        return None
    return VisitDay(day, poli, sessions[0].opens, max(session.closes for session in sessions))
