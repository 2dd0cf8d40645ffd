"""Queue, walk-in: somebody stands at the counter and has a number before the next one steps up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bot.inbox.guard import pages
from bot.inbox.queue_newcomer import Born, WalkInForm, given_in, read_born, read_form, sessions_today
from bot.inbox.queue_notes import asks_for_a_part
from bot.inbox.queue_room import known_room, room_page
from bot.inbox.session import logged_in
from bot.services import current_services
from clinic.audit import record
from clinic.database import Session
from clinic.facility_queue import PRIORITIES, Room
from clinic.people import add_person, person_by_id
from clinic.people_search import FoundPerson, people_named, person_found, search_people
from clinic.queue import QueueRefused, Ticket, take_number
from clinic.queue_room import suggest_priority

MOST_FOUND = 6


@pages.get("/queue/<room_id>/people")
def search_newcomer(room_id: str) -> str:
    """Who on record the typed line may mean, a few at most, and what the typed age speaks for."""
    services, typed = current_services(), read_form(request.args)
    today = services.facility.today(services.clock())
    with services.database.reading() as db:
        found = search_people(db, request.args.get("name", ""), keeper=services.keeper, limit=MOST_FOUND + 1)
    born = read_born(typed.born, today=today)
    return render_template(
        "inbox/_queue_people.html",
        room=known_room(room_id),
        found=found[:MOST_FOUND],
        has_more=len(found) > MOST_FOUND,
        born=born,
        is_unread=bool(typed.born) and born is None,
        suggested=suggest_priority(born.day, day=today, is_exact=born.is_exact) if born else None,
        today=today,
    )


@pages.post("/queue/<room_id>/walk-in")
def walk_in(room_id: str) -> AnyResponse | str | tuple[str, int]:
    """Give the person at the counter a number, or ask the one thing that is missing."""
    room, services, typed = known_room(room_id), current_services(), read_form(request.form)
    now = services.clock()
    today = services.facility.today(now)
    born = read_born(typed.born, today=today)
    if typed.born and born is None and not typed.person.isdigit():
        return _ask_again(room, replace(typed, problem="born"))
    with services.database.transaction() as db:
        problem, same_name = _doubt(db, typed, born)
        if not problem:
            outcome = _give(db, room, typed, born, now=now)
    if problem:
        return _ask_again(room, replace(typed, problem=problem, same_name=same_name))
    if isinstance(outcome, str):
        return _ask_again(room, replace(typed, problem=outcome))
    if asks_for_a_part():
        return _form_part(room, WalkInForm(), given_id=outcome.id, is_new=outcome.is_new)
    return redirect(url_for("inbox.show_room", room_id=room.id, given=outcome.id, held=None if outcome.is_new else 1))


@pages.get("/queue/slip/<int:entry_id>")
def show_slip(entry_id: int) -> str:
    """One number on a small slip of paper."""
    services = current_services()
    with services.database.reading() as db:
        given = given_in(db, services.facility, entry_id) or abort(404)
    return render_template("inbox/queue_slip.html", given=given)


def _doubt(db: Session, typed: WalkInForm, born: Born | None) -> tuple[str, tuple[FoundPerson, ...]]:
    """What has to be asked first: no name, or people on record who are called the same."""
    if typed.person.isdigit() or (typed.person == "new" and typed.name):
        return "", ()
    if not any(letter.isalpha() for letter in typed.name):
        return "no_name", ()
    exact = born.day if born is not None and born.is_exact else None
    same = tuple(each for each in people_named(db, typed.name, limit=MOST_FOUND) if _may_be(each, exact))
    return ("same_name", same) if same else ("", ())


def _may_be(person: FoundPerson, born: date | None) -> bool:
    """Not somebody who was surely born on another day."""
    return born is None or person.birth_date is None or not person.is_birth_date_exact or person.birth_date == born


def _give(db: Session, room: Room, typed: WalkInForm, born: Born | None, *, now: datetime) -> Ticket | str:
    """The number, or why there is none: full, or nothing open any more today."""
    services, actor = current_services(), f"staff:{logged_in().id}"
    choices = sessions_today(db, services.facility, room, now=now)
    preset = next((each for each in choices if each.poli == room.poli), None)
    session = next((each for each in choices if each.key == typed.session), None if typed.session else preset)
    if session is None:
        return "no_session"
    try:
        with db.begin_nested():  # no number, no person either
            ticket = take_number(
                db,
                facility=services.facility,
                poli=session.poli,
                day=services.facility.today(now),
                session=session.name,
                person_id=_person(db, typed, born, now=now),
                contact_id=None,
                via="counter",
                now=now,
                actor=actor,
                beyond_quota=typed.is_beyond_quota,
                has_arrived=True,
                priority=typed.priority or None,
            )
    except QueueRefused as refused:
        return "full" if refused.reason == "full" else "no_session"
    if ticket.is_new:
        detail = "beyond quota" if typed.is_beyond_quota else ""
        record(db, actor=actor, action="walk_in", subject=f"queue_entry:{ticket.id}", now=now, detail=detail)
    return ticket


def _person(db: Session, typed: WalkInForm, born: Born | None, *, now: datetime) -> int:
    services = current_services()
    if typed.person.isdigit():
        found = person_by_id(db, int(typed.person), keeper=services.keeper) or abort(404)
        return found.id
    person = add_person(
        db,
        name=typed.name,
        birth_date=born.day if born else None,
        is_birth_date_exact=born.is_exact if born else True,
        keeper=services.keeper,
        now=now,
    )
    return person.id


def _ask_again(room: Room, typed: WalkInForm) -> str | tuple[str, int]:
    """The form as it was typed; whom staff chose before stays chosen, and visible."""
    if typed.person.isdigit():
        with current_services().database.reading() as db:
            typed = replace(typed, same_name=person_found(db, int(typed.person)))
    if asks_for_a_part():
        return _form_part(room, typed)
    return room_page(room, form=typed), 400


def _form_part(room: Room, form: WalkInForm, *, given_id: int | None = None, is_new: bool = True) -> str:
    services = current_services()
    with services.database.reading() as db:
        sessions = sessions_today(db, services.facility, room, now=services.clock())
        given = given_in(db, services.facility, given_id)
    return render_template(
        "inbox/_queue_walk_in.html",
        room=room,
        form=form,
        sessions=sessions,
        given=given,
        is_held=given is not None and not is_new,
        priorities=PRIORITIES,
    )
