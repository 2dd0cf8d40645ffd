"""Replies: what staff write goes out through the outbox, once, however often the button is pressed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bot.inbox.cases import CasePage, case_page, read_case, silence
from bot.inbox.guard import pages
from bot.inbox.session import logged_in
from bot.media import file_fault
from bot.security import MAX_UPLOAD_BYTES
from bot.services import current_services
from bot.template_ids import template_id
from clinic.audit import record
from clinic.cases import take_case
from clinic.conversation_view import AddressView
from clinic.database import Session
from clinic.held_replies import held_until
from clinic.inbox_view import case_row
from clinic.media import keep_file
from clinic.outbox import queue_message
from flows.whatsapp_templates import TEMPLATES

STAFF_ANSWER = "staff_answer"
TAKES_FILES = "whatsapp"
"""The only channel on which a picture can be sent."""
MAX_REPLY = 1500
"""Letters; the provider takes 1600."""
KEPT_CONTROLS = "\n\u200d"
"""Line ends, and the joiner that holds compound emoji together."""


@dataclass(frozen=True)
class Draft:
    """What the form holds: a text, a file, or both, under the key of this form."""

    text: str
    key: str
    file: bytes | None = None


@pages.post("/cases/<code>/reply")
def reply(code: str) -> AnyResponse | tuple[str, int]:
    """Queue a reply and take the case with it; the same form sent again queues nothing."""
    page = read_case(code)
    draft = _draft()
    problem = _problem(page, draft)
    if problem is not None:
        return case_page(page, problem=problem, draft=draft.text, key=draft.key if _is_uuid(draft.key) else ""), 400
    refusal = _queue(code, page.reply_to or abort(404), draft)
    if refusal is not None:
        return case_page(read_case(code), problem=refusal, draft=draft.text, key=draft.key), 409
    return redirect(url_for("inbox.show_case", code=code))


@pages.post("/letters")
def count_letters() -> str:
    """How long the reply is by now, as SMS."""
    return render_template("_letters.html", text=request.form.get("text", "")[: 4 * MAX_REPLY])


def _queue(code: str, address: AddressView, draft: Draft) -> str | None:
    """Queue the reply, or say why not: another may have taken or closed the case since the page was shown."""
    services, staff = current_services(), logged_in()
    now = services.clock()
    with services.database.transaction() as db:
        case = case_row(db, code)
        if case is None or case.contact_id is None:
            abort(404)
        if case.state == "closed" or case.taken_by not in (None, staff.id):
            return "is_closed" if case.state == "closed" else "held_by_other"
        outbox_id = _write(db, case.contact_id, address, draft, now=now)
        if outbox_id is not None:
            take_case(db, case.id, staff_id=staff.id, now=now, silent_for=silence())
            actor, detail = f"staff:{staff.id}", f"outbox:{outbox_id}"
            record(db, actor=actor, action="reply", subject=f"case:{case.id}", detail=detail, now=now)
    flash(_said(address, now) if outbox_id is not None else "already_queued")
    return None


def _write(db: Session, contact_id: int, address: AddressView, draft: Draft, *, now: datetime) -> int | None:
    """The reply in the outbox; None when this form has been sent before.

    Where WhatsApp takes no free text any more, the patient is asked to write, and the reply waits for that.
    """
    staff, key = logged_in(), UUID(draft.key)
    if draft.file is not None:
        keep_file(db, name=key.hex, data=draft.file, staff_id=staff.id, now=now)
    is_held = not address.takes_free_text(now)
    held = held_until(now) if is_held else None
    outbox_id = queue_message(
        db,
        key=f"staff:{key}",
        contact_id=contact_id,
        address_id=address.id,
        channel=address.channel,
        text=draft.text,
        media=() if draft.file is None else (key.hex,),
        priority="staff",
        staff_id=staff.id,
        now=now,
        not_before=held,
        useless_after=held,
    )
    if is_held and outbox_id is not None:
        _ask_to_open(db, contact_id, address, key=key, now=now)
    return outbox_id


def _ask_to_open(db: Session, contact_id: int, address: AddressView, *, key: UUID, now: datetime) -> None:
    """The template that says that staff have answered; without one the patient is not told, and staff call."""
    facility = current_services().facility
    sid = template_id(db, facility, STAFF_ANSWER)
    if sid is None:
        return
    template, values = TEMPLATES[STAFF_ANSWER], {"puskesmas": facility.short_name}
    queue_message(
        db,
        key=f"staff:{key}:open",
        contact_id=contact_id,
        address_id=address.id,
        channel=address.channel,
        text=template.filled(values),
        template={"sid": sid, "variables": template.variables(values)},
        priority="staff",
        staff_id=logged_in().id,
        now=now,
    )


def _said(address: AddressView, now: datetime) -> str:
    return "queued" if address.takes_free_text(now) else "held"


def _draft() -> Draft:
    upload = request.files.get("file")
    data = upload.read(MAX_UPLOAD_BYTES) if upload is not None and upload.filename else None
    return Draft(text=_clean(request.form.get("text", "")), key=request.form.get("key", ""), file=data or None)


def _problem(page: CasePage, draft: Draft) -> str | None:
    if not draft.text and draft.file is None:
        return "empty"
    if len(draft.text) > MAX_REPLY:
        return "too_long"
    if not _is_uuid(draft.key):
        return "no_key"
    if page.reply_to is None:
        return "no_address"
    if draft.file is None:
        return None
    return file_fault(draft.file) if page.reply_to.channel == TAKES_FILES else "no_file_here"


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
