"""Queue: the day of every poli at a glance, today's and those to come, and the doors to each room's page."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from flask import render_template, request

from bot.inbox.guard import pages
from bot.inbox.queue_notes import kept_notes
from bot.inbox.session import logged_in
from bot.services import current_services
from clinic.database import Session as Db
from clinic.facility import Facility, Poli
from clinic.facility_queue import Room
from clinic.queue import QueueRow, day_list
from clinic.queue_sessions import ChangeView, change_of, changes_on

PLACES = {"called": 0, "serving": 0, "waiting": 1}
"""Who is being served stands first, who waits comes next, the rest below."""
NOT_TAKEN = ("cancelled",)


@dataclass(frozen=True)
class SessionDay:
    """One session of the day: how many numbers it gave out of how many, and whether staff changed it."""

    name: str
    opens: str
    closes: str
    taken: int
    quota: int
    change: ChangeView | None


@dataclass(frozen=True)
class PoliDay:
    """One poli's day: its rooms, sessions and numbers."""

    poli: Poli
    rooms: tuple[Room, ...]
    sessions: tuple[SessionDay, ...]
    rows: tuple[QueueRow, ...]

    @property
    def now(self) -> tuple[QueueRow, ...]:
        """Who is called or being served."""
        return tuple(row for row in self.rows if row.state in ("called", "serving"))

    @property
    def waiting(self) -> tuple[QueueRow, ...]:
        return tuple(row for row in self.rows if row.state == "waiting")

    @property
    def present(self) -> int:
        """How many of the waiting told the counter that they are there."""
        return sum(row.arrived_at is not None for row in self.waiting)


@pages.get("/queue")
def show_queue() -> str:
    """Every poli of one day."""
    return render_template("inbox/queue.html", notes=kept_notes(), **_overview())


@pages.get("/live/queue")
def live_queue() -> str | tuple[str, int]:
    """The part of it that refreshes itself; nothing where nothing is new."""
    view = _overview()
    if request.args.get("seen") == view["seen"]:
        return "", 204
    return render_template("inbox/_queue.html", **view)


def days_ahead(facility: Facility, today: date) -> list[date]:
    """Today and every open day for which numbers can be taken."""
    ahead = (today + timedelta(days=days) for days in range(1, facility.booking_days_ahead + 1))
    return [today, *(day for day in ahead if facility.is_open_on(day))]


def _overview() -> Mapping[str, object]:
    services = current_services()
    facility = services.facility
    today = facility.today(services.clock())
    days = days_ahead(facility, today)
    day = next((each for each in days if each.isoformat() == request.args.get("day")), today)
    with services.database.reading() as db:
        polis = _polis(db, facility, day)
    return {
        "days": days,
        "today": today,
        "day": day,
        "polis": polis,
        "shown": request.args.get("poli", ""),
        "staff": logged_in(),
        "seen": hashlib.sha256(repr((day, polis)).encode()).hexdigest()[:16],
    }


def _polis(db: Db, facility: Facility, day: date) -> tuple[PoliDay, ...]:
    rows = day_list(db, day, facility=facility)
    changes = changes_on(db, [day])
    found = (
        _poli_day(facility, poli, day, tuple(row for row in rows if row.poli == poli.id), changes)
        for poli in facility.polis
    )
    return tuple(each for each in found if each.sessions or each.rows)


def _poli_day(
    facility: Facility, poli: Poli, day: date, rows: tuple[QueueRow, ...], changes: tuple[ChangeView, ...]
) -> PoliDay:
    taken = [row.session for row in rows if row.state not in NOT_TAKEN]
    sessions = tuple(
        SessionDay(
            name=session.name,
            opens=session.opens.strftime("%H.%M"),
            closes=session.closes.strftime("%H.%M"),
            taken=taken.count(session.name),
            quota=session.quota,
            change=change_of(changes, poli=poli.id, day=day, session=session.name),
        )
        for session in facility.sessions_on(poli.id, day)
    )
    by_place = sorted(rows, key=lambda row: PLACES.get(row.state, 2))
    return PoliDay(poli=poli, rooms=facility.rooms_of(poli.id), sessions=sessions, rows=tuple(by_place))
