"""The metrics page: what all processes counted and what the database shows now, for Prometheus."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot import metrics
from bot.services import current_services
from clinic.routes import OPENS_AFTER
from clinic.watch import CHANNELS, NOT_WITH_THE_PROVIDER, Picture, take_picture

pages = Blueprint("metrics", __name__)

FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via")
REFUSED = "metrics are for this machine only: set SAPA_METRICS_TOKEN and send it as 'Authorization: Bearer ...'\n"
WRONG_TOKEN = "the token does not match SAPA_METRICS_TOKEN\n"  # noqa: S105 - a sentence, not a token


@pages.get("/metrics")
def show_metrics() -> Response:
    """Everything in Prometheus's text format, to those who show the token or sit on this machine."""
    services = current_services()
    refusal = _refusal(services.settings.metrics_token, services.settings.public_url)
    if refusal is not None:
        return Response(refusal, status=403, mimetype="text/plain")
    registry = CollectorRegistry()
    registry.register(_Collected(metrics.collected()))
    registry.register(_Collected(gauges(take_picture(services.database, now=services.clock()))))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def gauges(picture: Picture | None) -> Iterator[Metric]:
    """What waits, who lives and how each way out is; nothing but the database's silence when it does not answer."""
    yield _one("sapa_database_up", "1 when the database answers.", float(picture is not None))
    if picture is None:
        return
    yield from _queue_gauges(picture)
    yield from _work_gauges(picture)
    yield from _route_gauges(picture)


class _Collected(Collector):
    """Values that are gathered anew for each scrape."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


def _refusal(token: str, public_url: str) -> str | None:
    """Why this caller may not look; None: it may.

    Behind a proxy everybody seems to sit on this machine. So without the token nobody is let in who comes through
    one that says so, nor anybody at all where the internet has an address of ours and a silent proxy may stand.
    """
    shown = request.headers.get("Authorization", "")
    if shown:
        is_right = bool(token) and hmac.compare_digest(shown.encode(), f"Bearer {token}".encode())
        return None if is_right else WRONG_TOKEN
    came_through = any(header in request.headers for header in FORWARDED)
    is_here = _is_loopback(request.remote_addr or "") and _is_loopback(urlsplit(public_url).hostname or "")
    return None if is_here and not came_through else REFUSED


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _queue_gauges(picture: Picture) -> Iterator[Metric]:
    age = GaugeMetricFamily(
        "sapa_outbox_oldest_seconds", "How long the oldest message that may go out waits.", labels=["channel"]
    )
    counts = {(each.channel, each.state): each.count for each in picture.waiting}
    waiting = GaugeMetricFamily(
        "sapa_outbox_messages", "Messages that the provider does not have yet.", labels=["channel", "state"]
    )
    for channel in CHANNELS:
        age.add_metric([channel], _age(picture.oldest_unsent(channel), picture.at))
        for state in NOT_WITH_THE_PROVIDER:
            waiting.add_metric([channel, state], counts.get((channel, state), 0))
    yield age
    yield waiting


def _work_gauges(picture: Picture) -> Iterator[Metric]:
    yield _one("sapa_unanswered_contacts", "Contacts who wait for the bot's answer.", picture.unanswered)
    oldest = _age(picture.unanswered_since, picture.at)
    yield _one("sapa_unanswered_oldest_seconds", "How long the one who waits longest has waited.", oldest)
    cases = GaugeMetricFamily("sapa_open_cases", "Cases that staff have not closed.", labels=["kind", "urgent"])
    for each in picture.cases:
        cases.add_metric([each.kind, "yes" if each.urgent else "no"], each.count)
    yield cases
    beats = GaugeMetricFamily(
        "sapa_heartbeat_timestamp_seconds", "When a part last said that it lives.", labels=["part"]
    )
    for part, beat in picture.beats.items():
        beats.add_metric([part], beat.at.timestamp())
    yield beats


def _route_gauges(picture: Picture) -> Iterator[Metric]:
    resting = GaugeMetricFamily(
        "sapa_route_resting", "1 while the breaker is open or tries again with one message at a time.", labels=["route"]
    )
    failures = GaugeMetricFamily("sapa_route_failures", "Failures in a row.", labels=["route"])
    trouble = GaugeMetricFamily(
        "sapa_route_trouble", "1 with the word for what a look at the modem or phone found.", labels=["route", "what"]
    )
    last_ok = GaugeMetricFamily(
        "sapa_route_last_ok_timestamp_seconds", "When the provider last took something.", labels=["route"]
    )
    for route, view in picture.routes.items():
        resting.add_metric([route], float(view.failures >= OPENS_AFTER))
        failures.add_metric([route], view.failures)
        if view.trouble is not None:
            trouble.add_metric([route, view.trouble], 1)
        if view.last_ok_at is not None:
            last_ok.add_metric([route], view.last_ok_at.timestamp())
    yield from (resting, failures, trouble, last_ok)


def _one(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max((now - since).total_seconds(), 0.0)
