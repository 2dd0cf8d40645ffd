"""Paper: the day's list to print before the power goes, and the page where what was done on paper is typed back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Response, render_template, request

from bot.inbox.guard import pages
from bot.inbox.session import logged_in
from bot.paper_sheet import Sheet, draw_sheet
from bot.services import current_services
from clinic.audit import record
from clinic.database import Session
from clinic.facility import Facility, Poli
from clinic.facility_queue import PRIORITIES
from clinic.paper_blocks import blocks_of, paper_sheets
from clinic.paper_lines import PaperLine
from clinic.queue import QueueRow, day_list
from clinic.queue_paper import CONFLICT, KEPT, SAME, LineResult, type_back

DAYS_BACK = 7
FREE_ROWS = 3
"""For numbers that stand on no list here."""
MOST_ROWS = 1500
FIELDS = ("number", "state", "name", "birth_year", "priority", "arrived", "called", "done", "decision")


@dataclass(frozen=True)
class FormRow:
    """One row of the page: a number with its holder, a number of a block that nobody has yet, or a free one."""

    line: PaperLine
    known: QueueRow | None = None
    result: LineResult | None = None
    is_free: bool = False


@pages.get("/queue/print")
def print_queue() -> str:
    """Which day and poli to print."""
    days = _days_to_print()
    day = next((each for each in days if each.isoformat() == request.args.get("day")), days[0])
    with current_services().database.reading() as db:
        blocks = blocks_of(db, day)
    return render_template("inbox/paper_print.html", days=days, day=day, poli=_poli(), blocks=blocks, is_empty=False)


@pages.post("/queue/print")
def make_print() -> Response | str:
    """The PDF; numbers for paper are set aside with it."""
    services, staff = current_services(), logged_in()
    facility, now = services.facility, services.clock()
    days, poli = _days_to_print(), _poli()
    day = next((each for each in days if each.isoformat() == request.form.get("day")), days[0])
    polis = facility.polis if poli is None else (poli,)
    actor = f"staff:{staff.id}"
    with services.database.transaction() as db:
        is_anew = request.form.get("anew") == "1"
        sheets = paper_sheets(db, facility, day, polis, now=now, actor=actor, anew=is_anew)
        record(db, actor=actor, action="queue_print", subject=f"day:{day}", now=now)
    if not sheets:
        return render_template("inbox/paper_print.html", days=days, day=day, poli=poli, blocks=(), is_empty=True)
    answer = Response(draw_sheet(Sheet(facility.name, day, sheets, now, facility.zone)), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="antrian-{day}.pdf"'
    return answer


@pages.get("/queue/paper")
def paper() -> str:
    """The sheet of one poli and day, to be filled in."""
    return _page(())


@pages.post("/queue/paper")
def type_paper() -> str:
    """Take over what was typed, and show what does not fit."""
    services, staff = current_services(), logged_in()
    now, day = services.clock(), _day_typed()
    lines = [line for line in _lines() if _says_something(line)]
    actor = f"staff:{staff.id}"
    with services.database.transaction() as db:
        results = type_back(db, services.facility, day, lines, keeper=services.keeper, now=now, actor=actor)
        if results:
            detail = ", ".join(f"{_count(results, outcome)} {outcome}" for outcome in (KEPT, SAME, CONFLICT))
            record(db, actor=actor, action="queue_paper", subject=f"day:{day}", detail=detail, now=now)
    return _page(results)


def _page(results: Sequence[LineResult]) -> str:
    services, day = current_services(), _day_typed()
    poli = _poli() or services.facility.polis[0]
    with services.database.reading() as db:
        rows = tuple(_rows(db, services.facility, poli, day, results))
    today = services.facility.today(services.clock())
    return render_template(
        "inbox/paper.html",
        poli=poli,
        polis=services.facility.polis,
        day=day,
        days=[today - timedelta(days=back) for back in range(DAYS_BACK + 1)],
        rows=rows,
        results=results,
        conflicts=[each for each in results if each.outcome == CONFLICT],
        kept=_count(results, KEPT),
        same=_count(results, SAME),
        priorities=PRIORITIES,
    )


def _rows(db: Session, facility: Facility, poli: Poli, day: date, results: Sequence[LineResult]) -> Iterator[FormRow]:
    """Everything known of that day, then the numbers of its blocks that nobody has, then what was typed besides."""
    conflicts = {_key(each.line.number): each for each in results if each.outcome == CONFLICT}
    known = {row.number: row for row in day_list(db, day, facility=facility, poli=poli.id)}
    set_aside = {number for block in blocks_of(db, day, poli=poli.id) for number in block.numbers}
    for number in sorted(known.keys() | set_aside):
        code = f"{poli.letter}{number}"
        conflict = conflicts.pop(code, None)
        line = conflict.line if conflict is not None else PaperLine(row=0, number=code)
        yield FormRow(line=line, known=known.get(number), result=conflict)
    for conflict in conflicts.values():
        yield FormRow(line=conflict.line, result=conflict, is_free=True)
    for _ in range(FREE_ROWS):
        yield FormRow(line=PaperLine(row=0, number=""), is_free=True)


def _lines() -> Iterator[PaperLine]:
    for row in range(min(request.form.get("rows", 0, type=int), MOST_ROWS)):
        yield PaperLine(row=row + 1, **{name: request.form.get(f"{name}-{row}", "").strip() for name in FIELDS})


def _says_something(line: PaperLine) -> bool:
    """A row that nobody touched is no line; a free number without a state is one, and is asked about."""
    return bool(line.state or line.name or line.arrived or line.called or line.done) and bool(line.number)


def _key(number: str) -> str:
    return number.strip().upper().replace(" ", "")


def _poli() -> Poli | None:
    return current_services().facility.poli(request.values.get("poli", ""))


def _days_to_print() -> list[date]:
    """Today and every day for which numbers are taken."""
    services = current_services()
    today = services.facility.today(services.clock())
    ahead = (today + timedelta(days=each) for each in range(1, services.facility.booking_days_ahead + 1))
    return [today, *(each for each in ahead if services.facility.is_open_on(each))]


def _day_typed() -> date:
    services = current_services()
    today = services.facility.today(services.clock())
    days = (today - timedelta(days=back) for back in range(DAYS_BACK + 1))
    return next((each for each in days if each.isoformat() == request.values.get("day")), today)


def _count(results: Sequence[LineResult], outcome: str) -> int:
    return sum(each.outcome == outcome for each in results)
