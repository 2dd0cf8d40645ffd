"""Audit: who did what lately, for admins."""

from __future__ import annotations

from flask import abort, render_template, request

from bot.inbox.guard import pages
from bot.inbox.session import logged_in
from bot.services import current_services
from clinic.audit_view import latest_acts

PAGE_SIZE = 100


@pages.get("/audit")
def show_audit() -> str:
    """The last acts; for admins only."""
    if logged_in().role != "admin":
        abort(403)
    before = request.args.get("before", type=int)
    with current_services().database.reading() as db:
        rows = latest_acts(db, limit=PAGE_SIZE + 1, before_id=before)
    return render_template("inbox/audit.html", rows=rows[:PAGE_SIZE], has_more=len(rows) > PAGE_SIZE)
