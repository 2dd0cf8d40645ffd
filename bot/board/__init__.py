"""The queue board: the numbers being served, for a screen on the wall; it never shows a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from flask import Blueprint, abort, render_template

from bot.services import current_services
from clinic.queue import HOLDS_A_NUMBER, QueueRow, day_list, now_serving

pages = Blueprint("board", __name__, url_prefix="/board")


@pages.get("")
def show_all() -> str:
    """Every poli that takes numbers."""
    return render_template("board/board.html", **_board(None))


@pages.get("/<poli>")
def show_poli(poli: str) -> str:
    """One poli, larger."""
    return render_template("board/board.html", **_board(poli))


@pages.get("/live/all")
def live_all() -> str:
    """The numbers of every poli, as they refresh themselves."""
    return render_template("board/_numbers.html", **_board(None))


@pages.get("/live/<poli>")
def live_poli(poli: str) -> str:
    """The numbers of one poli, as they refresh themselves."""
    return render_template("board/_numbers.html", **_board(poli))


def _board(poli: str | None) -> Mapping[str, object]:
    services = current_services()
    if poli is not None and services.facility.poli(poli) is None:
        abort(404)
    facility = services.facility
    day = facility.today(services.clock())
    ahead = facility.next_open_day(day)
    with services.database.reading() as db:
        rows = now_serving(db, facility, day)
        booked = [] if ahead is None else _booked(day_list(db, ahead, facility=facility))
    shown = [row for row in rows if poli in (None, row.poli)]
    return {"rows": shown, "poli": poli, "day": day, "ahead": ahead, "booked": booked}


def _booked(rows: Iterable[QueueRow]) -> list[str]:
    """The live numbers of a day to come, a row of neighbours as its ends: "A1-A4", "B2"."""
    codes: dict[str, list[int]] = {}
    for row in rows:
        if row.state in HOLDS_A_NUMBER:
            codes.setdefault(row.code[0], []).append(int(row.code[1:]))
    return [span for letter, numbers in codes.items() for span in _spans(letter, sorted(numbers))]


def _spans(letter: str, numbers: list[int]) -> Iterator[str]:
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        ends = [number for _, number in run]
        yield f"{letter}{ends[0]}" if len(ends) == 1 else f"{letter}{ends[0]}-{letter}{ends[-1]}"
