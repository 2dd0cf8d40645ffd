"""Queue, changes: the doctor is late or a poli closed; one form shows who is concerned, one press tells them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bot.channels.routing import route_kinds
from bot.inbox.guard import pages
from bot.inbox.queue import days_ahead
from bot.inbox.queue_notes import Note, keep_note, kept_notes
from bot.inbox.session import logged_in
from bot.queue_notices import Concerned, change_session, concerned, undo_session_change
from bot.services import current_services
from clinic.audit import record
from clinic.database import Session
from clinic.facility import Poli
from clinic.queue_sessions import CLOSED, LATE, ChangeView, changes_on

MINUTES = (15, 30, 45, 60, 90, 120, 180)
LONGEST_REASON = 200


@dataclass(frozen=True)
class Wanted:
    """The form as it stands; `session` None is the whole day, `problem` a key of the templates' words."""

    poli: Poli
    day: date
    session: str | None
    kind: str
    late_minutes: int
    reason: str
    problem: str = ""


@dataclass(frozen=True)
class Made:
    """A change that stands, and whom staff have to tell themselves."""

    change: ChangeView
    poli: Poli | None
    to_tell: tuple[Concerned, ...]


@pages.get("/queue/change")
def show_changes() -> str:
    """The form; with "look" how many people are concerned, before anybody is told; below, what was changed."""
    return render_template("inbox/queue_change.html", notes=kept_notes(), **_page(request.args))


@pages.post("/queue/change")
def change() -> AnyResponse | tuple[str, int]:
    """Change the session and tell everyone concerned; each person is told once, however often this is pressed."""
    services, staff, now = current_services(), logged_in(), current_services().clock()
    wanted = _wanted(request.form)
    if wanted.problem:
        return render_template("inbox/queue_change.html", notes=(), **_page(request.form)), 400
    with services.database.reading() as db:
        made = changes_on(db, [wanted.day], poli=wanted.poli.id)
    if any(_is_same(each, wanted) for each in made):
        keep_note(Note("changed_before"))
        return _back(wanted)
    told = change_session(
        services,
        poli=wanted.poli.id,
        day=wanted.day,
        session=wanted.session,
        kind=CLOSED if wanted.kind == CLOSED else LATE,
        late_minutes=wanted.late_minutes if wanted.kind == LATE else None,
        reason=wanted.reason,
        staff_id=staff.id,
        now=now,
    )
    subject = f"queue:{wanted.poli.id}:{wanted.day.isoformat()}:{wanted.session or 'all'}"
    with services.database.transaction() as db:
        actor, detail = f"staff:{staff.id}", f"{wanted.kind} told {told}"
        record(db, actor=actor, action="queue_change", subject=subject, now=now, detail=detail)
    keep_note(Note("told", count=told))
    return _back(wanted)


@pages.post("/queue/change/<int:change_id>/undo")
def undo_change(change_id: int) -> AnyResponse:
    """The session is as it was; those who were told are told again."""
    services, staff, now = current_services(), logged_in(), current_services().clock()
    is_undone = undo_session_change(services, change_id, staff_id=staff.id, now=now)
    if is_undone:
        with services.database.transaction() as db:
            actor, subject = f"staff:{staff.id}", f"session_change:{change_id}"
            record(db, actor=actor, action="queue_change_undo", subject=subject, now=now)
    keep_note(Note("undone" if is_undone else "undone_before"))
    return redirect(url_for("inbox.show_changes", poli=request.form.get("poli"), day=request.form.get("day")))


def _back(wanted: Wanted) -> AnyResponse:
    return redirect(url_for("inbox.show_changes", poli=wanted.poli.id, day=wanted.day.isoformat()))


def _page(form: Mapping[str, str]) -> Mapping[str, object]:
    services = current_services()
    facility = services.facility
    wanted = _wanted(form)
    days = days_ahead(facility, facility.today(services.clock()))
    looks = bool(form.get("look")) or bool(form.get("csrf_token"))
    with services.database.reading() as db:
        whom = _whom(db, poli=wanted.poli.id, day=wanted.day, session=wanted.session)
        made = _made(db, days)
    return {
        "wanted": wanted,
        "days": days,
        "today": days[0],
        "sessions": facility.sessions_on(wanted.poli.id, wanted.day),
        "minutes": MINUTES,
        "looks": looks and not wanted.problem,
        "shows_problem": looks and wanted.problem,
        "concerned": whom,
        "made": made,
        "staff": logged_in(),
    }


def _made(db: Session, days: list[date]) -> tuple[Made, ...]:
    """What is changed from today on, the newest first."""
    facility = current_services().facility
    return tuple(
        Made(each, facility.poli(each.poli), tuple(one for one in _of_change(db, each) if not one.can_be_told))
        for each in reversed(changes_on(db, days))
    )


def _of_change(db: Session, each: ChangeView) -> tuple[Concerned, ...]:
    return _whom(db, poli=each.poli, day=each.day, session=each.session)


def _whom(db: Session, *, poli: str, day: date, session: str | None) -> tuple[Concerned, ...]:
    """Who waits there, and whether a message of ours reaches them."""
    services = current_services()
    routes = route_kinds(services.settings)
    return concerned(db, services.facility, poli=poli, day=day, session=session, now=services.clock(), routes=routes)


def _wanted(form: Mapping[str, str]) -> Wanted:
    services = current_services()
    facility = services.facility
    poli = facility.poli(form.get("poli", "")) or facility.polis[0]
    days = days_ahead(facility, facility.today(services.clock()))
    day = next((each for each in days if each.isoformat() == form.get("day")), days[0])
    names = [each.name for each in facility.sessions_on(poli.id, day)]
    session = form.get("session") or None
    kind = form.get("kind", LATE)
    minutes = form.get("late_minutes", "30")
    late = int(minutes) if minutes.isdecimal() else 0
    problem = ""
    if not names:
        problem = "no_session_that_day"
    elif session is not None and session not in names:
        session, problem = None, "no_such_session"
    elif kind not in (CLOSED, LATE) or (kind == LATE and late not in MINUTES):
        problem = "no_such_change"
    elif not form.get("reason", "").strip():
        problem = "reason_missing"
    return Wanted(poli, day, session, kind, late, form.get("reason", "").strip()[:LONGEST_REASON], problem)


def _is_same(each: ChangeView, wanted: Wanted) -> bool:
    late = wanted.late_minutes if wanted.kind == LATE else 0
    return (each.session, each.kind, each.late_minutes) == (wanted.session, wanted.kind, late)
