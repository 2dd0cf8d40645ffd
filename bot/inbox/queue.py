"""Queue: today's numbers for the people at the counter, who call, finish and skip them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bot.inbox.guard import pages
from bot.inbox.session import logged_in
from bot.services import current_services
from clinic.audit import record
from clinic.facility import Facility
from clinic.queue import call_next, day_list, finish, skip

PLACES = {"called": 0, "serving": 0, "waiting": 1}
"""Who is being served stands first, who waits comes next, the rest below."""


@pages.get("/queue")
def show_queue() -> str:
    """The list of one poli: today's, or that of a day to come."""
    return render_template("inbox/queue.html", **_queue())


@pages.get("/live/queue")
def live_queue() -> str:
    """The part of it that refreshes itself."""
    return render_template("inbox/_queue.html", **_queue())


@pages.post("/queue/call")
def call() -> AnyResponse:
    """Call the next number of a poli."""
    services = current_services()
    poli = services.facility.poli(request.form.get("poli", "")) or abort(404)
    now = services.clock()
    with services.database.transaction() as db:
        actor = f"staff:{logged_in().id}"
        for row in day_list(db, services.facility.today(now), facility=services.facility, poli=poli.id):
            if row.state in ("called", "serving"):
                finish(db, row.id, facility=services.facility, now=now, actor=actor)
        called = call_next(db, poli.id, services.facility.today(now), facility=services.facility, now=now, actor=actor)
        if called is not None:
            record(db, actor=actor, action="call", subject=f"queue_entry:{called.id}", now=now)
    flash("called" if called is not None else "nobody_waits")
    return redirect(url_for("inbox.show_queue", poli=poli.id))


@pages.post("/queue/<int:entry_id>/<any(done, skip):outcome>")
def set_outcome(entry_id: int, outcome: str) -> AnyResponse:
    """Say that a called number was served, or did not come."""
    services = current_services()
    now = services.clock()
    with services.database.transaction() as db:
        actor = f"staff:{logged_in().id}"
        close = finish if outcome == "done" else skip
        was_called = close(db, entry_id, facility=services.facility, now=now, actor=actor)
        if was_called:
            record(db, actor=actor, action=f"queue_{outcome}", subject=f"queue_entry:{entry_id}", now=now)
    if not was_called:
        flash("not_called")
    return redirect(url_for("inbox.show_queue", poli=request.form.get("poli")))


def _queue() -> Mapping[str, object]:
    services = current_services()
    polis = services.facility.polis
    poli = services.facility.poli(request.args.get("poli", "")) or polis[0]
    today = services.facility.today(services.clock())
    days = _days(services.facility, today)
    day = next((each for each in days if each.isoformat() == request.args.get("day")), today)
    with services.database.reading() as db:
        rows = day_list(db, day, facility=services.facility, poli=poli.id)
    return {
        "days": days,
        "today": today,
        "has_called": any(row.state in ("called", "serving") for row in rows),
        "rows": sorted(rows, key=lambda row: PLACES.get(row.state, 2)),
        "poli": poli,
        "polis": polis,
        "day": day,
        "staff": logged_in(),
    }


def _days(facility: Facility, today: date) -> list[date]:
    """Today and every open day for which numbers can be taken."""
    ahead = (today + timedelta(days=days) for days in range(1, facility.booking_days_ahead + 1))
    return [today, *(day for day in ahead if facility.is_open_on(day))]
