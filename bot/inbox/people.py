"""People: finding a patient, completing what is known of them, and the records that may be one person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bot.inbox.guard import pages
from bot.inbox.session import logged_in
from bot.services import current_services
from clinic.database import Session
from clinic.doubles import Double, doubles_of
from clinic.people import standing_id
from clinic.people_search import FoundPerson, people_born_on, search_people
from clinic.person_file import PersonFacts, PersonFile, PersonRefused, read_person, write_person
from nlu.births import Born, read_born

MOST_FOUND = 20
MOST_DOUBLES = 30
LONGEST_SEARCH = 100
SEPARATED = re.compile(r"\d+\s*[-/. ]\s*\d|[a-z]", re.IGNORECASE)


@dataclass(frozen=True)
class DoubleRow:
    """A pair that may be one person, as the list shows it."""

    one: PersonFile
    other: PersonFile
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class PersonForm:
    """What was typed into a person's form, and what stands in the way of keeping it."""

    typed: Mapping[str, str]
    fault: str
    owner_id: int | None = None


class _Unread(Exception):
    """A field cannot be read; the text is the fault's key."""


@pages.get("/people")
def list_people() -> str:
    """Who was searched for, and the pairs that staff should look at."""
    services, typed = current_services(), request.args.get("q", "").strip()[:LONGEST_SEARCH]
    with services.database.reading() as db:
        found = search_anybody(db, typed)
        doubles = [] if typed else _rows(db, doubles_of(db, limit=MOST_DOUBLES + 1))
    return render_template(
        "inbox/people.html",
        q=typed,
        found=found[:MOST_FOUND],
        has_more=len(found) > MOST_FOUND,
        doubles=doubles[:MOST_DOUBLES],
        has_more_doubles=len(doubles) > MOST_DOUBLES,
    )


@pages.get("/people/<int:person_id>")
def show_person(person_id: int) -> str | AnyResponse:
    """One patient; a merged record leads to the one that holds everything now."""
    with current_services().database.reading() as db:
        standing = standing_id(db, person_id)
    if standing != person_id:
        return redirect(url_for("inbox.show_person", person_id=standing))
    return _page(person_id)


@pages.post("/people/<int:person_id>")
def write_person_down(person_id: int) -> AnyResponse | tuple[str, int]:
    """Complete or mend what is known of a patient."""
    services, now = current_services(), current_services().clock()
    try:
        with services.database.transaction() as db:
            known = file_of(db, person_id) or abort(404)
            write_person(
                db,
                person_id,
                _facts(request.form, known),
                keeper=services.keeper,
                actor=f"staff:{logged_in().id}",
                now=now,
                today=services.facility.today(now),
                is_sure=request.form.get("sure") == "1",
            )
    except (_Unread, PersonRefused) as error:
        owner = error.owner_id if isinstance(error, PersonRefused) else None
        return _page(person_id, form=PersonForm(request.form, str(error), owner)), 400
    flash("person_saved")
    return redirect(url_for("inbox.show_person", person_id=person_id))


def search_anybody(db: Session, typed: str) -> tuple[FoundPerson, ...]:
    """By a birth date where one was typed, otherwise by name, phone, file, card or identity number."""
    services = current_services()
    born = read_born(typed, today=services.facility.today(services.clock())) if SEPARATED.search(typed) else None
    if isinstance(born, Born) and born.is_exact and re.search(r"\d", typed):
        return people_born_on(db, born.day, limit=MOST_FOUND + 1)
    return search_people(db, typed, keeper=services.keeper, limit=MOST_FOUND + 1)


def file_of(db: Session, person_id: int) -> PersonFile | None:
    """The person as staff see them, or None."""
    services = current_services()
    today = services.facility.today(services.clock())
    return read_person(db, person_id, facility=services.facility, keeper=services.keeper, today=today)


def _rows(db: Session, doubles: tuple[Double, ...]) -> list[DoubleRow]:
    pairs = ((file_of(db, each.one), file_of(db, each.other), each.reasons) for each in doubles)
    return [DoubleRow(one, other, reasons) for one, other, reasons in pairs if one and other]


def _page(person_id: int, *, form: PersonForm | None = None) -> str:
    typed = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    with current_services().database.reading() as db:
        person = file_of(db, person_id) or abort(404)
        doubles = _rows(db, doubles_of(db, person_id=person_id, limit=MOST_DOUBLES))
        found = [each for each in search_anybody(db, typed) if each.id != person_id] if typed else []
    return render_template(
        "inbox/person.html",
        person=person,
        born=shown_born(person),
        doubles=doubles,
        form=form,
        q=typed,
        found=found[:MOST_FOUND],
    )


def shown_born(person: PersonFile) -> str:
    """The birth date as the form shows it: of an age the year alone."""
    day = person.birth_date
    if day is None:
        return ""
    return f"{day.day}-{day.month}-{day.year}" if person.is_birth_date_exact else str(day.year)


def _born(typed: str, known: PersonFile) -> Born | None:
    """What was typed, or what is known where the field was left as it was."""
    if typed == shown_born(known):
        return Born(known.birth_date, known.is_birth_date_exact) if known.birth_date is not None else None
    services = current_services()
    born = read_born(typed, today=services.facility.today(services.clock())) if typed else None
    if typed and not isinstance(born, Born):
        raise _Unread("born_unread" if born is None else f"born_{born}")
    return born if isinstance(born, Born) else None


def _facts(form: Mapping[str, str], known: PersonFile) -> PersonFacts:
    born, sex = _born(form.get("born", "").strip(), known), form.get("sex", "")
    return PersonFacts(
        name=" ".join(form.get("name", "").split()),
        birth_date=born.day if born is not None else None,
        is_birth_date_exact=born is not None and born.is_exact,
        sex=sex if sex in ("L", "P") else None,
        nik=_digits(form.get("nik", "")),
        card=_digits(form.get("card", "")),
        record_number=form.get("record_number", "").strip(),
    )


def _digits(typed: str) -> str | None:
    """A number as it stands on a card, spaces and dots left out; None where nothing was typed."""
    return re.sub(r"[\s.-]", "", typed) or None
