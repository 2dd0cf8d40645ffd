"""Session: who is logged in, since when, and when that ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import g, session

from bot.services import current_services
from clinic.staff import StaffView, staff_by_id

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)


def begin(staff: StaffView, now: datetime) -> None:
    """Start a fresh session: nothing of what the browser brought along stays, the CSRF token included."""
    session.clear()
    session.permanent = True
    session["staff"] = staff.id
    session["epoch"] = staff.session_epoch
    session["began"] = now.timestamp()
    session["seen"] = now.timestamp()
    g.staff = staff


def end() -> None:
    """Forget who this browser was."""
    session.clear()
    g.staff = None


def find_staff(now: datetime, *, is_live: bool) -> StaffView | None:
    """The staff member of this session, or None when it ended; a page that refreshes itself keeps nobody in."""
    if "staff" not in session or _is_over(now):
        return None
    with current_services().database.reading() as db:
        staff = staff_by_id(db, session["staff"])
    if staff is None or not staff.is_active or staff.session_epoch != session["epoch"]:
        return None
    if not is_live:
        session["seen"] = now.timestamp()
    return staff


def _is_over(now: datetime) -> bool:
    began = datetime.fromtimestamp(session["began"], UTC)
    seen = datetime.fromtimestamp(session["seen"], UTC)
    return now - began > ABSOLUTE or now - seen > IDLE


def logged_in() -> StaffView:
    """The staff member whom the guard of the inbox let in."""
    staff: StaffView = g.staff
    return staff
