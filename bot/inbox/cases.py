"""Cases: the list of what waits for a person, the page of one case, and taking, closing and reopening it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bot.inbox.guard import pages
from bot.inbox.session import logged_in
from bot.services import current_services
from bot.template_ids import template_id
from clinic.audit import record
from clinic.cases import close_case, reopen_case, take_case
from clinic.conversation_view import AddressView, ContactCard, Line, contact_card, conversation
from clinic.inbox_view import CaseRow, case_row, case_rows, count_cases

PAGE_SIZE = 50
LINES_SHOWN = 100
MAX_OUTCOME = 2000
STATES = ("open", "taken", "closed", "all")


@dataclass(frozen=True)
class CasePage:
    """What the page of one case shows."""

    case: CaseRow
    contact: ContactCard | None
    lines: tuple[Line, ...]
    earlier: datetime | None
    """Where the page of earlier messages begins, when there are any."""

    @property
    def reply_to(self) -> AddressView | None:
        """The address that a reply goes to: the one the contact last wrote from."""
        if self.contact is None or not self.contact.addresses:
            return None
        return self.contact.addresses[0]


@pages.get("")
def list_cases() -> str:
    """The list, urgent first."""
    return render_template("inbox/list.html", **_list())


@pages.get("/live/cases")
def live_list() -> str:
    """The part of the list that refreshes itself."""
    return render_template("inbox/_cases.html", **_list())


@pages.get("/cases/<code>")
def show_case(code: str) -> str:
    """One case with both sides of its conversation."""
    return case_page(read_case(code, before=_moment(request.args.get("before"))))


@pages.get("/live/cases/<code>")
def live_conversation(code: str) -> str | tuple[str, int]:
    """The conversation alone, as it refreshes itself beside a half-written reply; nothing where nothing is new.

    So a voice note goes on playing, and photos are not fetched again every few seconds.
    """
    page = read_case(code)
    seen = hashlib.sha256(render_template("inbox/_conversation.html", page=page).encode()).hexdigest()[:16]
    if request.args.get("seen") == seen:
        return "", 204
    return render_template("inbox/_conversation.html", page=page, seen=seen)


@pages.post("/cases/<code>/take")
def take(code: str) -> AnyResponse:
    """Take the case, from a colleague too: from now on the bot is silent in this conversation."""
    services, staff, now = current_services(), logged_in(), current_services().clock()
    with services.database.transaction() as db:
        case = case_row(db, code) or abort(404)
        if case.state == "closed":
            flash("already_closed")
            return _back(code)
        take_case(db, case.id, staff_id=staff.id, now=now, silent_for=silence())
        record(db, actor=f"staff:{staff.id}", action="take", subject=f"case:{case.id}", now=now)
    flash("taken")
    return _back(code)


@pages.post("/cases/<code>/close")
def close(code: str) -> AnyResponse | tuple[str, int]:
    """Close the case with its outcome and give the conversation back to the bot."""
    services, staff, now = current_services(), logged_in(), current_services().clock()
    outcome = request.form.get("outcome", "").strip()[:MAX_OUTCOME]
    if not outcome:
        return case_page(read_case(code), problem="no_outcome"), 400
    with services.database.transaction() as db:
        case = case_row(db, code) or abort(404)
        if case.state == "closed":
            flash("already_closed")
            return _back(code)
        if case.taken_by not in (None, staff.id):
            flash("held_by_other")
            return _back(code)
        close_case(db, case.id, staff_id=staff.id, outcome=outcome, now=now)
        record(db, actor=f"staff:{staff.id}", action="close", subject=f"case:{case.id}", now=now)
    flash("closed")
    return _back(code)


@pages.post("/cases/<code>/reopen")
def reopen(code: str) -> AnyResponse:
    """Open a closed case again."""
    services, staff, now = current_services(), logged_in(), current_services().clock()
    with services.database.transaction() as db:
        case = case_row(db, code) or abort(404)
        if case.state == "closed":
            reopen_case(db, case.id, now=now)
            record(db, actor=f"staff:{staff.id}", action="reopen", subject=f"case:{case.id}", now=now)
    flash("reopened")
    return _back(code)


@pages.post("/cases/<code>/number")
def show_number(code: str) -> str:
    """The page with the whole number, for a call; who looked is kept."""
    services, staff, now = current_services(), logged_in(), current_services().clock()
    page = read_case(code)
    with services.database.transaction() as db:
        subject = f"contact:{page.case.contact_id}"
        record(db, actor=f"staff:{staff.id}", action="show_number", subject=subject, now=now)
    return case_page(page, shows_number=True)


def silence() -> timedelta:
    """How long the bot stays silent after staff acted, should nobody close the case."""
    return timedelta(hours=current_services().facility.limits.silent_hours)


def read_case(code: str, *, before: datetime | None = None) -> CasePage:
    """All that the page of this case shows, or 404."""
    with current_services().database.reading() as db:
        case = case_row(db, code) or abort(404)
        if case.contact_id is None:
            return CasePage(case=case, contact=None, lines=(), earlier=None)
        lines = conversation(db, case.contact_id, limit=LINES_SHOWN + 1, before=before)
        shown = lines[-LINES_SHOWN:]
        earlier = shown[0].at if len(lines) > LINES_SHOWN else None
        card = contact_card(db, case.contact_id)
    return CasePage(case=case, contact=card, lines=shown, earlier=earlier)


def case_page(page: CasePage, *, problem: str = "", draft: str = "", key: str = "", shows_number: bool = False) -> str:
    """The page; after a refused reply with the reason and what was typed."""
    return render_template(
        "inbox/case.html",
        page=page,
        problem=problem,
        draft=draft,
        reply_key=key or str(uuid4()),
        staff=logged_in(),
        shows_number=shows_number,
        is_past="before" in request.args,
        may_ask_to_open=_may_ask_to_open(),
    )


def _may_ask_to_open() -> bool:
    """Whether WhatsApp has approved the template that asks a patient to read a late reply."""
    services = current_services()
    with services.database.reading() as db:
        return template_id(db, services.facility, "staff_answer") is not None


def _list() -> Mapping[str, object]:
    state = request.args.get("state", "open")
    code = request.args.get("q", "").strip()[:8]
    page = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    state = state if state in STATES else "open"
    with current_services().database.reading() as db:
        rows = case_rows(
            db,
            state="all" if code else state,
            code=code,
            limit=PAGE_SIZE + 1,
            offset=(page - 1) * PAGE_SIZE,
        )
        counts = count_cases(db)
    return {
        "rows": rows[:PAGE_SIZE],
        "has_next": len(rows) > PAGE_SIZE,
        "counts": counts,
        "state": state,
        "q": code,
        "page": page,
        "staff": logged_in(),
    }


def _moment(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        abort(404)
    return moment if moment.tzinfo else abort(404)


def _back(code: str) -> AnyResponse:
    return redirect(url_for("inbox.show_case", code=code))
