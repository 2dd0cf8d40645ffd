"""Health: which part of the service works, for people and for monitors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Response, jsonify

from bot.services import Services, current_services
from clinic.heartbeats import read_pulse
from nlu.client import ParserClient

pages = Blueprint("health", __name__)

WORKER_SILENT_AFTER = timedelta(seconds=60)
OUTBOX_LATE_AFTER = timedelta(minutes=3)


@dataclass(frozen=True)
class Part:
    """One part of the service and how it is; the age is of its last sign of life or its oldest work."""

    is_ok: bool
    age_seconds: int | None = None


@pages.get("/healthz")
def show_health() -> tuple[Response, int]:
    """200 when every part works, else 503; names the parts that are down."""
    parts = examine(current_services())
    down = [name for name, part in parts.items() if not part.is_ok]
    body = {
        "status": "down" if down else "ok",
        "down": down,
        "parts": {name: {"ok": part.is_ok, "age_seconds": part.age_seconds} for name, part in parts.items()},
    }
    return jsonify(body), 503 if down else 200


def examine(services: Services) -> Mapping[str, Part]:
    """Look at every part: the database, the parser, the worker and what waits to be sent."""
    now = services.clock()
    parser = Part(is_ok=_parser_answers(services))
    pulse = read_pulse(services.database, now=now)
    if pulse is None:
        return {"database": Part(is_ok=False), "parser": parser, "worker": Part(False), "outbox": Part(False)}
    beat = pulse.beats.get("worker")
    return {
        "database": Part(is_ok=True),
        "parser": parser,
        "worker": _aged(beat.at if beat else None, now=now, limit=WORKER_SILENT_AFTER, is_needed=True),
        "outbox": _aged(pulse.oldest_due, now=now, limit=OUTBOX_LATE_AFTER, is_needed=False),
    }


def _aged(since: datetime | None, *, now: datetime, limit: timedelta, is_needed: bool) -> Part:
    if since is None:
        return Part(is_ok=not is_needed)
    age = now - since
    return Part(is_ok=age <= limit, age_seconds=max(int(age.total_seconds()), 0))


def _parser_answers(services: Services) -> bool:
    parser = ParserClient(url=services.settings.nlu_url, token=services.settings.nlu_token, read_timeout=1.0)
    try:
        return parser.is_available()
    finally:
        parser.close()
