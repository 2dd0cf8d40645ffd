"""Health: which part of the service works, for people and for monitors: works, is ready, is alive."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from flask import Blueprint, Response, current_app, jsonify
from flask.blueprints import BlueprintSetupState

from bot.channels.routing import route_kinds
from bot.services import Services, current_services
from bot.settings import Settings
from clinic.routes import RouteView
from clinic.watch import Picture, can_keep, take_picture
from nlu.client import ParserClient

pages = Blueprint("health", __name__)

WORKER_SILENT_AFTER = timedelta(seconds=60)
OUTBOX_LATE_AFTER = timedelta(minutes=3)
PARSER_SECONDS = 0.5
LOOK_AGAIN_SECONDS = 5.0
"""So long an answer is kept: monitors and strangers who ask often cost nothing more."""
WRITE_AGAIN_SECONDS = 2.0
LOOKS = "sapa_looks"


@dataclass(frozen=True)
class Part:
    """One part of the service and how it is; the age is of its last sign of life or its oldest work."""

    is_ok: bool
    age_seconds: int | None = None
    why: str | None = None
    """What is wrong with it, in a word of refusals.yml or of ours: resting, modem_dead ..."""

    def as_json(self) -> dict[str, object]:
        row: dict[str, object] = {"ok": self.is_ok, "age_seconds": self.age_seconds}
        return row | ({"why": self.why} if self.why else {})


@dataclass
class Look:
    """A question whose answer is kept for a while; while one thread asks, the others get the last answer."""

    ask: Callable[[], bool]
    kept_seconds: float
    answer: bool | None = None
    asked_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> bool:
        """The answer, `kept_seconds` old at most or, while it is being asked anew, a little more."""
        if self.answer is not None and time.monotonic() - self.asked_at < self.kept_seconds:
            return self.answer
        if self.lock.acquire(blocking=self.answer is None):
            try:
                if self.answer is None or time.monotonic() - self.asked_at >= self.kept_seconds:
                    self.answer, self.asked_at = self.ask(), time.monotonic()
            finally:
                self.lock.release()
        return bool(self.answer)


@dataclass(frozen=True)
class Looks:
    """What one app asks of the parts that are slow to answer when they are ill."""

    parser: Look
    keeps: Look


@pages.record
def _prepare_looks(state: BlueprintSetupState) -> None:
    services = cast(Services, state.app.extensions["sapa"])
    state.app.extensions[LOOKS] = Looks(
        parser=Look(lambda: parser_answers(services.settings), LOOK_AGAIN_SECONDS),
        keeps=Look(lambda: can_keep(services.database, now=services.clock()), WRITE_AGAIN_SECONDS),
    )


@pages.get("/healthz/alive")
def show_alive() -> Response:
    """200 as long as this process answers: whoever gets nothing starts it again. Touches no part."""
    return jsonify({"alive": True})


@pages.get("/healthz/ready")
def show_ready() -> tuple[Response, int]:
    """200 while webhooks can be kept, else 503: whoever sends messages here may go on. The parser may be down."""
    is_ready = _looks().keeps()
    return jsonify({"ready": is_ready}), 200 if is_ready else 503


@pages.get("/healthz")
def show_health() -> tuple[Response, int]:
    """200 when every part works, else 503; names the parts that are down."""
    parts = examine(current_services(), parser_answers=_looks().parser())
    down = [name for name, part in parts.items() if not part.is_ok]
    body = {
        "status": "down" if down else "ok",
        "alive": True,
        "ready": parts["database"].is_ok and _looks().keeps(),
        "down": down,
        "parts": {name: part.as_json() for name, part in parts.items()},
    }
    return jsonify(body), 503 if down else 200


def examine(services: Services, *, parser_answers: bool) -> Mapping[str, Part]:
    """Look at every part: the database, the parser, the worker, what waits to be sent and each way out."""
    now = services.clock()
    parser = Part(is_ok=parser_answers)
    picture = take_picture(services.database, now=now)
    if picture is None:
        return {"database": Part(is_ok=False), "parser": parser, "worker": Part(False), "outbox": Part(False)}
    beat = picture.beats.get("worker")
    return {
        "database": Part(is_ok=True),
        "parser": parser,
        "worker": _worker(beat.at if beat else None, now=now),
        "outbox": _outbox(picture),
        **dict(_routes(services.settings, picture)),
    }


def parser_answers(settings: Settings) -> bool:
    """Whether the parser says that it is there; a slow one is given up soon."""
    parser = ParserClient(url=settings.nlu_url, token=settings.nlu_token, read_timeout=PARSER_SECONDS)
    try:
        return parser.is_available()
    finally:
        parser.close()


def _looks() -> Looks:
    return cast(Looks, current_app.extensions[LOOKS])


def _worker(beat_at: datetime | None, *, now: datetime) -> Part:
    if beat_at is None:
        return Part(is_ok=False)
    return Part(is_ok=now - beat_at <= WORKER_SILENT_AFTER, age_seconds=_seconds(now - beat_at))


def _outbox(picture: Picture) -> Part:
    oldest = min((each.since for each in picture.unsent), default=None)
    stuck = picture.stuck_since(longer_than=OUTBOX_LATE_AFTER)
    if oldest is None:
        return Part(is_ok=True)
    return Part(
        is_ok=not stuck,
        age_seconds=_seconds(picture.at - min(stuck.values(), default=oldest)),
        why=",".join(sorted(stuck)) or None,
    )


def _routes(settings: Settings, picture: Picture) -> Iterator[tuple[str, Part]]:
    """Ways out that are set up and were used; one that was never tried is neither well nor ill."""
    for route in route_kinds(settings):
        view = picture.routes.get(route)
        if view is not None:
            yield f"route {route}", _route(view, now=picture.at)


def _route(view: RouteView, *, now: datetime) -> Part:
    last = max((at for at in (view.last_ok_at, view.seen_at) if at is not None), default=None)
    age = None if last is None else _seconds(now - last)
    if view.trouble is not None:
        return Part(is_ok=False, age_seconds=age, why=view.trouble)
    if not view.is_well(now):
        return Part(is_ok=False, age_seconds=age, why=f"resting: {view.last_error}")
    return Part(is_ok=True, age_seconds=age)


def _seconds(span: timedelta) -> int:
    return max(int(span.total_seconds()), 0)
