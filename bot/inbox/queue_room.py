"""Queue, room: the page of one room, where a nurse calls, serves and skips, and every key has a button."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bot.inbox.guard import pages
from bot.inbox.queue_newcomer import WalkInForm, given_in, sessions_today
from bot.inbox.queue_notes import Note, asks_for_a_part, keep_note, kept_notes
from bot.inbox.session import logged_in
from bot.services import current_services
from clinic.audit import record
from clinic.database import Session
from clinic.facility_queue import PRIORITIES, Room
from clinic.queue import (
    Called,
    RoomBusy,
    begin,
    call_again,
    call_next,
    call_number,
    check_in,
    day_list,
    finish,
    set_priority,
    skip,
)
from clinic.queue_room import RoomDay, given_number, room_day
from clinic.queue_sessions import changes_on

REASONS = (*PRIORITIES, "dari_lab", "dokter_minta", "tadi_terlewat")
"""Why a number is called out of turn; staff may write something else, which the board does not show."""
LONGEST_REASON = 40
TYPED_NUMBER = re.compile(r"\s*([A-Za-z]?)\s*-?\s*([0-9]{1,4})\s*")


@pages.get("/queue/<room_id>")
def show_room(room_id: str) -> str:
    """One room's day."""
    room = known_room(room_id)
    return room_page(room, notes=kept_notes(), given_id=request.args.get("given", type=int))


@pages.get("/live/queue/<room_id>")
def live_room(room_id: str) -> str | tuple[str, int]:
    """The part of it that refreshes itself; nothing where nothing is new, so that nobody is disturbed."""
    view = _view(known_room(room_id))
    if request.args.get("seen") == view["seen"]:
        return "", 204
    return render_template("inbox/_queue_room.html", **view)


@pages.post("/queue/<room_id>/next")
def call_next_number(room_id: str) -> AnyResponse | str:
    """Call whoever is next; where the form says so, close the number that is still called, in the same step."""
    room, services = known_room(room_id), current_services()
    now, facility = services.clock(), services.facility
    with services.database.transaction() as db:
        _close_as_asked(db, now=now)
        try:
            called = call_next(db, room, facility.today(now), facility=facility, now=now, actor=_actor())
        except RoomBusy as busy:
            note = Note("busy", code=busy.code)
        else:
            note = _called(db, called, "call", now=now) or Note("nobody_waits")
    return _answer(room, note)


@pages.post("/queue/<room_id>/<int:entry_id>/<any(again, begin, done, skip):act>")
def act_on_called(room_id: str, entry_id: int, act: str) -> AnyResponse | str:
    """Call the called number again, begin its service, close it; who was faster is told."""
    room, services, now = known_room(room_id), current_services(), current_services().clock()
    with services.database.transaction() as db:
        if act in ("done", "skip"):
            is_done = _close(db, entry_id, act, now=now)
        else:
            change = call_again if act == "again" else begin
            is_done = change(db, entry_id, facility=services.facility, now=now, actor=_actor())
            if is_done:
                record(db, actor=_actor(), action=f"queue_{act}", subject=f"queue_entry:{entry_id}", now=now)
    return _answer(room, Note(act if is_done else "stale", code=_code(room, entry_id)))


@pages.post("/queue/<room_id>/<int:entry_id>/arrive")
def arrive(room_id: str, entry_id: int) -> AnyResponse | str:
    """The person is there; one who was skipped is back."""
    room = known_room(room_id)
    return _answer(room, _check_in(entry_id, code=_code(room, entry_id)))


@pages.post("/queue/<room_id>/arrive")
def arrive_by_number(room_id: str) -> AnyResponse | str:
    """The person whose number is typed is there: "12" of this poli, "B12" of any."""
    room, services = known_room(room_id), current_services()
    typed = request.form.get("number", "")
    found = TYPED_NUMBER.fullmatch(typed)
    if found is None:
        return _answer(room, Note("no_number", detail=typed.strip()[:12]))
    letter = found[1].upper() or _letter(room)
    code = f"{letter}{int(found[2])}"
    with services.database.reading() as db:
        rows = day_list(db, services.facility.today(services.clock()), facility=services.facility)
    row = next((each for each in rows if each.code == code), None)
    if row is None:
        return _answer(room, Note("unknown_number", code=code))
    if row.state == "waiting" and row.arrived_at is not None:
        return _answer(room, Note("there_already", code=code))
    if row.state not in ("waiting", "skipped"):
        return _answer(room, Note("waits_no_more", code=code, detail=row.state))
    return _answer(room, _check_in(row.id, code=code))


@pages.post("/queue/<room_id>/<int:entry_id>/priority")
def change_priority(room_id: str, entry_id: int) -> AnyResponse | str:
    """Give a waiting number priority for a reason, or take it away."""
    room, services, now = known_room(room_id), current_services(), current_services().clock()
    wanted = request.form.get("priority", "")
    if wanted and wanted not in PRIORITIES:
        abort(400)
    with services.database.transaction() as db:
        is_done = set_priority(db, entry_id, wanted or None, facility=services.facility, now=now, actor=_actor())
        if is_done:
            subject = f"queue_entry:{entry_id}"
            record(db, actor=_actor(), action="queue_priority", subject=subject, now=now, detail=wanted or "none")
    return _answer(room, Note("priority" if is_done else "stale", code=_code(room, entry_id), detail=wanted))


@pages.post("/queue/<room_id>/<int:entry_id>/call")
def call_this(room_id: str, entry_id: int) -> AnyResponse | str:
    """Call this very number out of turn; the reason is kept and stands on the board."""
    room, services = known_room(room_id), current_services()
    now, reason = services.clock(), _reason()
    if not reason:
        return _answer(room, Note("no_reason", code=_code(room, entry_id)))
    with services.database.transaction() as db:
        _close_as_asked(db, now=now)
        try:
            called = call_number(db, entry_id, room, facility=services.facility, now=now, actor=_actor(), reason=reason)
        except RoomBusy as busy:
            note = Note("busy", code=busy.code, entry_id=entry_id, detail=reason)
        else:
            note = _called(db, called, "queue_jump", now=now, reason=reason) or Note("stale")
    return _answer(room, note)


def known_room(room_id: str) -> Room:
    """The room of this id, or 404."""
    return current_services().facility.room(room_id) or abort(404)


def room_page(
    room: Room, *, notes: tuple[Note, ...] = (), form: WalkInForm | None = None, given_id: int | None = None
) -> str:
    """The whole page; after a walk-in that needs another look with what was typed."""
    services = current_services()
    with services.database.reading() as db:
        sessions = sessions_today(db, services.facility, room, now=services.clock())
        given = given_in(db, services.facility, given_id)
    view = _view(room)
    return render_template(
        "inbox/queue_room.html",
        notes=notes,
        form=form or WalkInForm(),
        sessions=sessions,
        given=given,
        is_held="held" in request.args,
        **view,
    )


def _view(room: Room) -> Mapping[str, object]:
    services = current_services()
    facility = services.facility
    day = facility.today(services.clock())
    wanted, more_id = request.values.get("q", "").strip()[:40], request.values.get("more", type=int)
    with services.database.reading() as db:
        here = room_day(db, facility, room, day)
        changes = changes_on(db, [day], poli=room.poli)
    return {
        "here": here,
        "room": room,
        "poli": facility.poli(room.poli),
        "rooms": [each for poli in facility.polis for each in facility.rooms_of(poli.id)],
        "day": day,
        "changes": changes,
        "rules": facility.queue,
        "priorities": PRIORITIES,
        "reasons": REASONS,
        "q": wanted,
        "staff": logged_in(),
        "more_id": more_id,
        "seen": _mark(here, changes, wanted, more_id),
    }


def _mark(here: RoomDay, *rest: object) -> str:
    """What the page shows, in a few letters: the same as long as nothing changed."""
    return hashlib.sha256(repr((here, rest)).encode()).hexdigest()[:16]


def _answer(room: Room, note: Note) -> AnyResponse | str:
    """The fresh state with what happened: as a part for the page's script, otherwise as the page itself."""
    if asks_for_a_part():
        return render_template("inbox/_queue_room.html", notes=(note,), is_answer=True, **_view(room))
    keep_note(note)
    return redirect(url_for("inbox.show_room", room_id=room.id))


def _called(db: Session, called: Called | None, action: str, *, now: datetime, reason: str = "") -> Note | None:
    if called is None:
        return None
    record(db, actor=_actor(), action=action, subject=f"queue_entry:{called.id}", now=now, detail=reason)
    return Note("called", code=called.code, detail=reason or called.priority or "", count=called.passed)


def _reason() -> str:
    """What staff wrote, or chose."""
    written = " ".join(request.form.get("written", "").split())[:LONGEST_REASON]
    chosen = request.form.get("reason", "")
    return written or (chosen if chosen in REASONS else "")


def _close_as_asked(db: Session, *, now: datetime) -> None:
    """Close the number that the form names, if it names one: whom this page saw in the room, nobody else."""
    if closing := request.form.get("close", ""):
        _close(db, request.form.get("entry", 0, type=int), closing, now=now)


def _close(db: Session, entry_id: int, outcome: str, *, now: datetime) -> bool:
    """The number was served, or did not come; False when somebody else closed it before."""
    close = skip if outcome == "skip" else finish
    facility = current_services().facility
    if not close(db, entry_id, facility=facility, now=now, actor=_actor()):
        return False
    action = "queue_skip" if outcome == "skip" else "queue_done"
    record(db, actor=_actor(), action=action, subject=f"queue_entry:{entry_id}", now=now)
    return True


def _check_in(entry_id: int, *, code: str) -> Note:
    services, now = current_services(), current_services().clock()
    with services.database.transaction() as db:
        there = check_in(db, entry_id, facility=services.facility, now=now, actor=_actor())
        if there is None:
            return Note("stale", code=code)
        record(db, actor=_actor(), action="queue_arrive", subject=f"queue_entry:{entry_id}", now=now)
        given = given_number(db, services.facility, entry_id)
    before = given.before if given is not None else 0
    return Note("late" if there.is_late else "arrived", code=there.code, count=before)


def _code(room: Room, entry_id: int) -> str:
    services = current_services()
    with services.database.reading() as db:
        rows = day_list(db, services.facility.today(services.clock()), facility=services.facility, poli=room.poli)
    return next((row.code for row in rows if row.id == entry_id), "")


def _letter(room: Room) -> str:
    poli = current_services().facility.poli(room.poli)
    return poli.letter if poli is not None else ""


def _actor() -> str:
    return f"staff:{logged_in().id}"
