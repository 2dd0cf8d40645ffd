"""`sapa queue print` and `sapa queue paper`: the day on paper for hours without power, and what was done on it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from bot.cli.opening import json_option, now_option, open_services, print_json
from bot.paper_sheet import Sheet, draw_sheet
from clinic.audit import record
from clinic.paper_blocks import paper_sheets
from clinic.paper_lines import PaperLine
from clinic.queue_paper import CONFLICT, KEPT, SAME, LineResult, type_back

COLUMNS = {
    "number": ("number", "nomor"),
    "state": ("state", "hasil", "keadaan"),
    "name": ("name", "nama"),
    "birth_year": ("birth_year", "tahun_lahir", "lahir"),
    "priority": ("priority", "prioritas"),
    "arrived": ("arrived", "datang"),
    "called": ("called", "dipanggil"),
    "done": ("done", "selesai"),
    "decision": ("decision", "putusan"),
}
NEEDED = ("number", "state")
LARGEST_FILE = 1024 * 1024
REASONS = {
    "bad_number": "no number such as B12",
    "unknown_poli": "no poli has this letter",
    "bad_state": "state must be done, skipped, waiting or cancelled",
    "bad_time": "no time such as 09.40",
    "outside_day": "the time lies outside this day",
    "in_the_future": "the time has not come yet",
    "times_in_disorder": "arrived, called, done are not in this order",
    "bad_birth_year": "no birth year such as 1980",
    "bad_priority": "no such priority",
    "typed_twice": "this number stands on several lines that say different things",
    "not_in_block": "nobody has this number, and it was not set aside for paper",
    "no_name": "a number set aside for paper needs a name",
    "nothing_to_cancel": "nobody had this number: leave the line out",
    "other_name": "this number belongs to another name",
    "same_person": "somebody of this name has a number already (decision: other, if it is another person)",
    "cancelled_but_served": "it was given back meanwhile (decision: paper, if they were served)",
    "skipped_but_served": "it was skipped here (decision: paper, if they were served)",
    "other_outcome": "something else is known of it here (decision: paper, if the sheet is right)",
}


@click.command("print")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Another day than today.")
@click.option("--poli", help="Only this poli.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The PDF's name.")
@click.option("--anew", is_flag=True, help="Set new numbers aside: the sheet that was printed before is in use.")
@now_option
def print_(day: datetime | None, poli: str | None, out: Path | None, anew: bool, now: datetime | None) -> None:
    """The day's list and the numbers set aside for paper, as a PDF."""
    services = open_services(now=now)
    facility, now = services.facility, services.clock()
    wanted = day.date() if day else facility.today(now)
    polis = [each for each in facility.polis if poli in (None, each.id)]
    if not polis:
        raise click.ClickException(f"there is no poli {poli!r}; there are: {', '.join(p.id for p in facility.polis)}")
    with services.database.transaction() as db:
        sheets = paper_sheets(db, facility, wanted, polis, now=now, actor="cli", anew=anew)
        record(db, actor="cli", action="queue_print", subject=f"day:{wanted}", now=now)
    if not sheets:
        raise click.ClickException(f"{wanted}: no poli is open, and nobody has a number")
    path = out or Path(f"antrian-{wanted}.pdf")
    path.write_bytes(draw_sheet(Sheet(facility.name, wanted, sheets, now, facility.zone)))
    click.echo(str(path))
    for each in sheets:
        block = each.block
        aside = f"{each.poli.letter}{block.first}-{each.poli.letter}{block.last}" if block is not None else "nothing"
        click.echo(f"  {each.poli.id}: {len(each.rows)} numbers, set aside for paper: {aside}")


@click.command("paper")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Another day than today.")
@now_option
@json_option
def paper(file: Path, day: datetime | None, now: datetime | None, as_json: bool) -> None:
    """Type back FILE, a CSV of what was done on paper; exit code 1 when a line conflicts.

    Columns: number, state (done, skipped, waiting, cancelled), and where known name, birth_year, priority, arrived,
    called, done (times), decision. Good lines are kept, the others named; the same file again changes nothing.
    """
    services = open_services(now=now)
    facility, now = services.facility, services.clock()
    wanted = day.date() if day else facility.today(now)
    lines = tuple(_lines(file))
    if wanted > facility.today(now):
        raise click.ClickException(f"{wanted} has not come yet")
    with services.database.transaction() as db:
        results = type_back(db, facility, wanted, lines, keeper=services.keeper, now=now, actor="cli")
        detail = ", ".join(f"{_count(results, outcome)} {outcome}" for outcome in (KEPT, SAME, CONFLICT))
        record(db, actor="cli", action="queue_paper", subject=f"day:{wanted}", detail=detail, now=now)
    conflicts = [each for each in results if each.outcome == CONFLICT]
    if as_json:
        print_json([_as_row(each) for each in results])
    else:
        for each in conflicts:
            about = f" ({each.about})" if each.about else ""
            click.echo(f"line {each.line.row}, {each.line.number}: {REASONS[each.reason]}{about}")
        click.echo(detail)
    raise SystemExit(1 if conflicts else 0)


def _lines(file: Path) -> Iterator[PaperLine]:
    if file.stat().st_size > LARGEST_FILE:
        raise click.ClickException(f"{file}: larger than 1 MB")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file}: not UTF-8; save it as 'CSV UTF-8'") from error
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        names = _columns(next(reader, []), file)
        for row in reader:
            cells = dict(zip(names, (cell.strip() for cell in row), strict=False))
            if any(cells.values()):
                yield PaperLine(row=reader.line_num, **cells)
    except csv.Error as error:
        raise click.ClickException(f"{file}, line {reader.line_num}: {error}") from error


def _columns(head: list[str], file: Path) -> list[str]:
    known = {word: name for name, words in COLUMNS.items() for word in words}
    words = [cell.strip().lower().replace(" ", "_") for cell in head]
    unknown = [word for word in words if word not in known]
    names = [known[word] for word in words if word in known]
    if unknown or len(set(names)) < len(names) or not set(NEEDED) <= set(names):
        raise click.ClickException(f"{file}: the first line must name number, state and perhaps {', '.join(COLUMNS)}")
    return names


def _count(results: tuple[LineResult, ...], outcome: str) -> int:
    return sum(each.outcome == outcome for each in results)


def _as_row(result: LineResult) -> dict[str, object]:
    return {
        "line": result.line.row,
        "number": result.line.number,
        "outcome": result.outcome,
        "reason": result.reason or None,
        "about": result.about or None,
    }
