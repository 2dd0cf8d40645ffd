"""The webhook at 20 messages a second with worker and parser at work, and at 100 with Rasa stopped."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.bench.rows import Row, from_times
from tests.bench.whole import whole_sapa

PER_SECOND = 20
MANY_PER_SECOND = 100
SECONDS = 20
PAUSE_BETWEEN = 10
"""Seconds for the worker to answer what came, so that the next row begins with nothing left."""
WISHES = ("sy mo daftar poli gigi bsk", "bpjs sy msh aktif ga ya bu", "jam buka puskesmas", "makasih bu")


def measure_webhook(folder: Path) -> list[Row]:
    """A static file as baseline, then the webhook; both at the same rate."""
    with whole_sapa(folder, with_parser=True) as running, httpx.Client(timeout=60) as http:
        _get(http, f"{running.url}/static/sapa.css")  # the web process loads the app with its first request
        rows = [_paced("baseline: a static file", lambda _: _get(http, f"{running.url}/static/sapa.css"))]

        def send(number: int) -> None:
            taken = running.send(WISHES[number % len(WISHES)], sender=f"+62812{number % 200:07d}")
            assert taken, f"the webhook refused a message: {running.last_refusal}"

        rows.append(_paced("webhook, worker and parser busy", send))
    return rows


def measure_inbound(folder: Path) -> list[Row]:
    """The same while no parser answers and five times as many write; the baseline is again a static file."""
    with whole_sapa(folder, with_parser=False) as running, httpx.Client(timeout=60) as http:
        static = f"{running.url}/static/sapa.css"
        _get(http, static)
        rows = [_paced("baseline: a static file", lambda _: _get(http, static), per_second=MANY_PER_SECOND)]

        for phones, what in ((400, "400 phones that write again and again"), (10**6, "every message from a new phone")):

            def send(number: int, phones: int = phones) -> None:
                sender = f"+628{phones % 97 + 10}{number % phones:08d}"
                taken = running.send(WISHES[number % len(WISHES)], sender=sender)
                assert taken, f"the webhook refused a message: {running.last_refusal}"

            rows.append(_paced(f"webhook, Rasa stopped: {what}", send, per_second=MANY_PER_SECOND))
            time.sleep(PAUSE_BETWEEN)
    return rows


def _get(http: httpx.Client, url: str) -> None:
    http.get(url).raise_for_status()


def _paced(what: str, act: Callable[[int], None], *, per_second: int = PER_SECOND) -> Row:
    """Start one act every 1/per_second s, whether the ones before have ended or not."""
    times: list[float] = []

    def timed(number: int) -> None:
        start = time.perf_counter()
        act(number)
        times.append(time.perf_counter() - start)

    begin = time.perf_counter()
    with ThreadPoolExecutor(32) as pool:
        for number in range(per_second * SECONDS):
            time.sleep(max(0.0, begin + number / per_second - time.perf_counter()))
            pool.submit(timed, number)
    return from_times(what, times, wall=time.perf_counter() - begin, note=f"{len(times)} requests")
