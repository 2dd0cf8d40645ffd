"""The queue board: the numbers being served, for a screen on the wall; it never shows a name."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, render_template

from bot.services import current_services
from clinic.queue import now_serving

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
    day = services.facility.today(services.clock())
    with services.database.reading() as db:
        rows = now_serving(db, services.facility, day)
    shown = [row for row in rows if poli in (None, row.poli)]
    return {"rows": shown, "poli": poli, "day": day}
