"""Replies: what staff write goes out through the outbox, once, however often the button is pressed."""

from __future__ import annotations

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bot.inbox.cases import CasePage, case_page, read_case, silence
from bot.inbox.guard import pages
from bot.inbox.session import logged_in
from bot.services import current_services
from clinic.audit import record
from clinic.cases import take_case
from clinic.conversation_view import AddressView
from clinic.inbox_view import case_row
from clinic.outbox import queue_message

MAX_REPLY = 1500
"""Letters; the provider takes 1600."""
KEPT_CONTROLS = "\n\u200d"
"""Line ends, and the joiner that holds compound emoji together."""


@pages.post("/cases/<code>/reply")
def reply(code: str) -> AnyResponse | tuple[str, int]:
    """Queue a reply and take the case with it; the same form sent again queues nothing."""
    page = read_case(code)
    text = _clean(request.form.get("text", ""))
    key = request.form.get("key", "")
    problem = _problem(page, text=text, key=key)
    if problem is not None:
        return case_page(page, problem=problem, draft=text, key=key if _is_uuid(key) else ""), 400
    refusal = _queue(code, page.reply_to or abort(404), text=text, key=key)
    if refusal is not None:
        return case_page(read_case(code), problem=refusal, draft=text, key=key), 409
    return redirect(url_for("inbox.show_case", code=code))


@pages.post("/letters")
def count_letters() -> str:
    """How long the reply is by now, as SMS."""
    return render_template("_letters.html", text=request.form.get("text", "")[: 4 * MAX_REPLY])


def _queue(code: str, address: AddressView, *, text: str, key: str) -> str | None:
    """Queue the reply, or say why not: another may have taken or closed the case since the page was shown."""
    services, staff = current_services(), logged_in()
    now = services.clock()
    with services.database.transaction() as db:
        case = case_row(db, code)
        if case is None or case.contact_id is None:
            abort(404)
        if case.state == "closed" or case.taken_by not in (None, staff.id):
            return "is_closed" if case.state == "closed" else "held_by_other"
        outbox_id = queue_message(
            db,
            key=f"staff:{UUID(key)}",
            contact_id=case.contact_id,
            address_id=address.id,
            channel=address.channel,
            text=text,
            priority="staff",
            staff_id=staff.id,
            now=now,
        )
        if outbox_id is not None:
            take_case(db, case.id, staff_id=staff.id, now=now, silent_for=silence())
            actor, detail = f"staff:{staff.id}", f"outbox:{outbox_id}"
            record(db, actor=actor, action="reply", subject=f"case:{case.id}", detail=detail, now=now)
    flash("queued" if outbox_id is not None else "already_queued")
    return None


def _problem(page: CasePage, *, text: str, key: str) -> str | None:
    if not text:
        return "empty"
    if len(text) > MAX_REPLY:
        return "too_long"
    if not _is_uuid(key):
        return "no_key"
    return None if page.reply_to is not None else "no_address"


def _clean(text: str) -> str:
    """What can be sent: one kind of line end, and none of the control characters that a paste may carry."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in lines if letter in KEPT_CONTROLS or letter.isprintable()).strip()


def _is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
