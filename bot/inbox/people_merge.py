"""People, merge: two records side by side, and the word of staff that they are one person, or two."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bot.inbox.guard import pages
from bot.inbox.people import file_of
from bot.inbox.session import logged_in
from bot.services import current_services
from clinic.audit import record
from clinic.database import DATABASE_ERRORS
from clinic.merging import FIELDS, Field, MergeRefused, Side, fields_to_choose, merge_people
from clinic.people import standing_id
from clinic.person_file import PersonFile
from clinic.told_apart import tell_apart


@pages.get("/people/<int:first>/merge/<int:second>")
def compare_people(first: int, second: int) -> str | AnyResponse:
    """Both records side by side; where one was merged meanwhile, the page of the one that stands."""
    with current_services().database.reading() as db:
        standing = standing_id(db, first), standing_id(db, second)
    if standing[0] == standing[1]:
        return redirect(url_for("inbox.show_person", person_id=standing[0]))
    if standing != (first, second):
        return redirect(url_for("inbox.compare_people", first=standing[0], second=standing[1]))
    return _page(first, second)


@pages.post("/people/<int:first>/merge/<int:second>")
def merge(first: int, second: int) -> AnyResponse | tuple[str, int]:
    """Make them one: the record that staff chose stays."""
    services = current_services()
    keep = request.form.get("keep", type=int)
    if keep not in (first, second):
        return _page(first, second, problem="no_choice"), 400
    if request.form.get("sure") != "1":
        return _page(first, second, problem="not_sure"), 400
    gone = second if keep == first else first
    try:
        with services.database.transaction() as db:
            actor, now = f"staff:{logged_in().id}", services.clock()
            merge_people(db, keep=keep, gone=gone, actor=actor, now=now, choices=_choices(request.form, keep, gone))
    except MergeRefused as refused:
        return _page(first, second, problem=refused.reason, refused=refused), 409
    except DATABASE_ERRORS:
        return _page(first, second, problem="busy"), 409
    flash("people_merged")
    return redirect(url_for("inbox.show_person", person_id=keep))


@pages.post("/people/<int:first>/apart/<int:second>")
def keep_apart(first: int, second: int) -> AnyResponse:
    """They are two people: this pair is not suggested again."""
    services, now = current_services(), current_services().clock()
    if first == second:
        abort(404)
    with services.database.transaction() as db:
        if file_of(db, first) is None or file_of(db, second) is None:
            abort(404)
        actor = f"staff:{logged_in().id}"
        tell_apart(db, first, second, actor=actor, now=now)
        record(
            db, actor=actor, action="told_apart", subject=f"person:{min(first, second)},{max(first, second)}", now=now
        )
    flash("told_apart")
    return redirect(url_for("inbox.list_people"))


def _choices(form: Mapping[str, str], keep: int, gone: int) -> dict[Field, Side]:
    """Which record each field comes from; where staff did not say, the page asks again."""
    sides: dict[str, Side] = {str(keep): "keep", str(gone): "gone"}
    return {field: sides[form[field]] for field in FIELDS if form.get(field) in sides}


def _page(first: int, second: int, *, problem: str = "", refused: MergeRefused | None = None) -> str:
    with current_services().database.reading() as db:
        pair = file_of(db, first) or abort(404), file_of(db, second) or abort(404)
        to_choose = fields_to_choose(db, first, second)
    return render_template(
        "inbox/people_merge.html",
        pair=pair,
        to_choose=to_choose,
        stays=request.form.get("keep", type=int) or _fuller(*pair).id,
        chosen=request.form,
        problem=problem,
        numbers=refused.numbers if refused is not None else (),
        keep_first=request.form.get("keep", type=int) == first,
    )


def _fuller(first: PersonFile, second: PersonFile) -> PersonFile:
    """The record that is suggested to stay: with a NIK, a file at the centre, more visits, and the older one."""
    worth = [
        (p.nik is not None, p.has_membership, p.record_number is not None, p.visits, -p.id) for p in (first, second)
    ]
    return first if worth[0] >= worth[1] else second
