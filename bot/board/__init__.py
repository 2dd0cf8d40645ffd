"""The queue board: the numbers being served, for a screen on the wall; it never shows a name."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, render_template, request, send_file
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from bot.board.memo import Memo
from bot.board.voice import NAME, ClipShelf
from bot.board.wall import wall_of
from bot.services import Services, current_services
from clinic.board_news import board_version
from clinic.database import Session

pages = Blueprint("board", __name__, url_prefix="/board")

CLIP_SECONDS = 365 * 24 * 3600
"""A clip never changes under its name."""
STATIC = Path(__file__).resolve().parents[1] / "static"
FILES_OF_THE_PAGE = ("board.css", "board.js", "board-voice.js")


@pages.get("")
def show_all() -> str:
    """Every poli that takes numbers."""
    return _page(None)


@pages.get("/<poli>")
def show_poli(poli: str) -> str:
    """One poli, larger."""
    return _page(poli)


@pages.get("/live/all")
def live_all() -> Response:
    """The numbers of every poli, as they refresh themselves."""
    return _live(None)


@pages.get("/live/<poli>")
def live_poli(poli: str) -> Response:
    """The numbers of one poli, as they refresh themselves."""
    return _live(poli)


@pages.get("/voice/<name>.wav")
def clip(name: str) -> AnyResponse:
    """A part of what the board says."""
    path = ClipShelf(current_services().settings.voice_folder).path_of(name).resolve()
    if not NAME.fullmatch(name) or not path.is_file():
        abort(404)
    answer = send_file(path, mimetype="audio/wav", etag=name, conditional=True, max_age=CLIP_SECONDS)
    answer.cache_control.immutable = True
    return answer


def _page(poli: str | None) -> str:
    return render_template("board/board.html", poli=poli, numbers=Markup(_numbers(poli)))  # noqa: S704 - our template


def _live(poli: str | None) -> Response:
    """304 without a body as long as nothing changed: the minute on the clock is a change too."""
    body = _numbers(poli)
    answer = Response(body, content_type="text/html; charset=utf-8")
    answer.set_etag(hashlib.sha256(body.encode()).hexdigest()[:24])
    answer.make_conditional(request)
    return answer


def _numbers(poli: str | None) -> str:
    """The refreshing part; it is put together again only when a number, a session or the minute changed."""
    services = current_services()
    facility, now = services.facility, services.clock()
    if poli is not None and facility.poli(poli) is None:
        abort(404)
    day, ahead = facility.today(now), facility.next_open_day(facility.today(now))
    with services.database.reading() as db:
        changed = board_version(db, [day] if ahead is None else [day, ahead])
        version = f"{now:%Y-%m-%d %H:%M} {changed}"
        return _memo().of(poli or "", version, lambda: _render(db, services, poli, now))


def _render(db: Session, services: Services, poli: str | None, now: datetime) -> str:
    shelf = ClipShelf(services.settings.voice_folder)
    wall = wall_of(db, services.facility, shelf, poli=poli, now=now)
    return render_template("board/_numbers.html", wall=wall, poli=poli, build=_build())


def _memo() -> Memo:
    memo: Memo = current_app.extensions.setdefault("sapa.board", Memo())
    return memo


@cache
def _build() -> str:
    """Other files, another text: a page left on for weeks then loads itself anew."""
    return hashlib.sha256(b"".join((STATIC / name).read_bytes() for name in FILES_OF_THE_PAGE)).hexdigest()[:12]
