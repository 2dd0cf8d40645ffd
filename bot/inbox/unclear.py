"""Unclear: the messages that the bot did not surely understand, and staff who say in one tap what they mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bot.inbox.guard import pages
from bot.inbox.session import logged_in
from bot.services import current_services
from clinic.audit import record
from clinic.database import Session
from clinic.identity import mask
from clinic.unclear_messages import (
    STATES,
    UnclearView,
    count_open_unclear,
    dismiss_message,
    label_message,
    reopen_unclear,
    unclear_view,
    unclear_views,
)
from flows.identity_numbers import without_numbers
from nlu.numbers import find_numbers
from nlu.understanding import INTENTS

PAGE_SIZE = 20
MOST_BUTTONS = 3
NOTHING = "out_of_scope"


@dataclass(frozen=True)
class UnclearCard:
    """One message as the page shows it."""

    message: UnclearView
    text: str
    """As it was written, numbers of persons masked."""
    likely: tuple[str, ...]
    """The meanings that get a button each, best first."""

    @property
    def was_taken_for_something(self) -> bool:
        return self.message.intent != NOTHING


@pages.context_processor
def _count_for_the_layout() -> dict[str, Any]:
    """A function, so that parts of pages that refresh themselves need not count."""
    return {"open_unclear": _count_open}


@pages.get("/unclear")
def list_unclear() -> str:
    """Messages that wait for their meaning, or those that have one; the newest first."""
    state = request.args.get("state", "open")
    state = state if state in STATES else "open"
    page = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    done_id = request.args.get("done", type=int)
    with current_services().database.reading() as db:
        rows = unclear_views(db, state=state, limit=PAGE_SIZE + 1, offset=(page - 1) * PAGE_SIZE)
        done = unclear_view(db, done_id) if done_id is not None else None
    return render_template(
        "inbox/unclear.html",
        cards=[card_of(row) for row in rows[:PAGE_SIZE]],
        has_next=len(rows) > PAGE_SIZE,
        done=card_of(done) if done is not None else None,
        state=state,
        page=page,
    )


@pages.post("/unclear/<int:message_id>/label")
def label_unclear(message_id: int) -> AnyResponse:
    """Say what a message means, or say it anew."""
    label = request.form.get("label", "")
    if label not in INTENTS:
        abort(400)
    services, staff = current_services(), logged_in()
    return _act(
        message_id,
        "label",
        lambda db: label_message(db, message_id, label=label, staff_id=staff.id, seen=_seen(), now=services.clock()),
        detail=label,
    )


@pages.post("/unclear/<int:message_id>/dismiss")
def dismiss_unclear(message_id: int) -> AnyResponse:
    """Say that nothing can be learnt from a message."""
    services, staff = current_services(), logged_in()
    return _act(
        message_id,
        "dismiss",
        lambda db: dismiss_message(db, message_id, staff_id=staff.id, seen=_seen(), now=services.clock()),
    )


@pages.post("/unclear/<int:message_id>/undo")
def undo_unclear(message_id: int) -> AnyResponse:
    """Take back what was said about a message: it waits again."""
    return _act(message_id, "unlabel", lambda db: reopen_unclear(db, message_id, seen=_seen()))


def card_of(message: UnclearView) -> UnclearCard:
    """The message with its numbers masked and its likely meanings, each once."""
    likely = dict.fromkeys(name for name in (message.intent, *message.others) if name in INTENTS and name != NOTHING)
    return UnclearCard(message, _masked(message.text), tuple(likely)[:MOST_BUTTONS])


def _act(message_id: int, action: str, change: Callable[[Session], bool], *, detail: str = "") -> AnyResponse:
    """Do it and write it down, or say that a colleague was faster; back to the list the button stood in."""
    services, staff = current_services(), logged_in()
    with services.database.transaction() as db:
        if unclear_view(db, message_id) is None:
            abort(404)
        is_done = change(db)
        if is_done:
            subject = f"unclear_message:{message_id}"
            record(db, actor=f"staff:{staff.id}", action=action, subject=subject, detail=detail, now=services.clock())
    if not is_done:
        flash("decided_by_other")
    return redirect(_back(message_id if is_done else None))


def _back(done: int | None) -> str:
    state, page = request.form.get("state"), request.form.get("page", type=int)
    # The anchor puts the keyboard at the list again, not at the top of the page.
    return url_for("inbox.list_unclear", state=state, page=page, done=done, _anchor="isi")


def _seen() -> str:
    return request.form.get("seen", "")


def _masked(text: str) -> str:
    text = without_numbers(text)
    for found in find_numbers(text):
        text = text.replace(found.raw, mask(found.raw))
    return text


def _count_open() -> int:
    with current_services().database.reading() as db:
        return count_open_unclear(db)
