"""Metrics: what the processes of Sapa count and measure, in words of closed lists and never with a patient's data."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import IO, get_args

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, disable_created_metrics, values
from prometheus_client.multiprocess import MultiProcessCollector

from clinic.facility_delivery import Route
from clinic.outbox import PRIORITIES

log = logging.getLogger(__name__)

CHANNELS = ("whatsapp", "sms", "console")
ROUTES = (*get_args(Route), "console", "none")
KINDS = tuple(PRIORITIES)
OUTCOMES = ("sent", "retry", "failed", "dropped", "unknown", "delivered", "read", "undelivered")
OTHER = "other"
"""Stands for every word that is on no list: a label can neither grow without end nor carry what somebody wrote."""

QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
SLOW = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
MOST_PROCESSES = 64


@dataclass(frozen=True)
class Meters:
    """Every counter and histogram; `registry` is None where their values live in files."""

    registry: CollectorRegistry | None
    inbound: Counter
    outbound: Counter
    webhooks: Counter
    breakers: Counter
    provider: Histogram
    parse: Histogram
    turn: Histogram
    claim: Histogram


@dataclass
class _Home:
    """Where this process counts: in memory, or in files that /metrics adds up over all processes."""

    meters: Meters
    folder: Path | None = None
    place: IO[str] | None = None


def _made(registry: CollectorRegistry | None) -> Meters:
    def counter(name: str, words: str, *labels: str) -> Counter:
        return Counter(f"sapa_{name}", words, labels, registry=registry)

    def histogram(name: str, words: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"sapa_{name}_seconds", words, labels, buckets=buckets, registry=registry)

    return Meters(
        registry=registry,
        inbound=counter("inbound_messages", "Messages that patients sent us.", "channel"),
        outbound=counter("outbound_messages", "What became of messages of ours.", "route", "kind", "outcome"),
        webhooks=counter("webhooks", "Calls of providers and what was done with them.", "source", "result"),
        breakers=counter("breaker_openings", "How often a route was given a rest.", "route"),
        provider=histogram("provider_call", "How long a provider took to answer.", SLOW, "route"),
        parse=histogram("parse", "How long the parser took, and whether it could read the text.", QUICK, "outcome"),
        turn=histogram("turn", "From taking up a message to its answer in the outbox.", QUICK),
        claim=histogram("claim", "How long it took to claim messages that are due.", QUICK),
    )


def _in_memory() -> Meters:
    values.ValueClass = values.MutexValue
    return _made(CollectorRegistry())


def inbound(*, channel: str) -> None:
    """A patient's message was kept for the first time."""
    _home.meters.inbound.labels(_known(channel, CHANNELS)).inc()


def outbound(*, route: str | None, kind: str, outcome: str) -> None:
    """Something became of a message of ours; `kind` is its priority's name, without route "none"."""
    labels = (_known(route or "none", ROUTES), _known(kind, KINDS), _known(outcome, OUTCOMES))
    _home.meters.outbound.labels(*labels).inc()


def webhook(source: str, result: str) -> None:
    """A provider called; both are words of our own code."""
    _home.meters.webhooks.labels(source, result).inc()


def breaker_opened(route: str) -> None:
    """A route failed so often that it rests."""
    _home.meters.breakers.labels(_known(route, ROUTES)).inc()


def provider_call(route: str, seconds: float) -> None:
    """A provider answered, took too long or broke off after so many seconds."""
    _home.meters.provider.labels(_known(route, ROUTES)).observe(seconds)


def parse(seconds: float, *, is_read: bool) -> None:
    """The parser was asked about one text; it may be down, or there may be nothing to read."""
    _home.meters.parse.labels("read" if is_read else "nothing").observe(seconds)


def turn(seconds: float) -> None:
    """One message was answered."""
    _home.meters.turn.observe(seconds)


def claim(seconds: float) -> None:
    """Due messages were looked for and claimed."""
    _home.meters.claim.observe(seconds)


@contextmanager
def timed_claim() -> Iterator[None]:
    """Around a claim, also one that finds nothing or fails."""
    start = perf_counter()
    try:
        yield
    finally:
        claim(perf_counter() - start)


@contextmanager
def timed_provider_call(route: str) -> Iterator[None]:
    """Around one call of a provider, however it ends."""
    start = perf_counter()
    try:
        yield
    finally:
        provider_call(route, perf_counter() - start)


@contextmanager
def timed_turn() -> Iterator[None]:
    """Around one turn, however it ends."""
    start = perf_counter()
    try:
        yield
    finally:
        turn(perf_counter() - start)


def keep_in(folder: Path) -> bool:
    """Count in files of this folder from now on, so that another process may show them; False when it cannot be used.

    Call once, before the process counts anything. A process takes the first place nobody holds and goes on with the
    files of whoever held it before: what a dead process counted stays counted, and dead files never pile up.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place, number = _take_place(folder)
    except OSError as error:
        log.warning("metrics are kept in memory only, the folder cannot be used: %s", error.strerror)
        return False
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder.resolve())
    values.ValueClass = values.MultiProcessValue(lambda: number)
    _home.meters, _home.folder, _home.place = _made(None), folder, place
    return True


def keep_in_memory() -> None:
    """Count for this process alone, from zero."""
    if _home.place is not None:
        _home.place.close()
    _home.meters, _home.folder, _home.place = _in_memory(), None, None


def empty(folder: Path) -> None:
    """Forget what earlier runs counted; files that a living process writes stay."""
    for number in range(1, MOST_PROCESSES + 1):
        path = _place_path(folder, number)
        if not path.exists():
            continue
        with path.open("a") as place:
            if not _is_taken_by_us(place):
                continue
            for file in folder.glob(f"*_{number}.db"):
                file.unlink(missing_ok=True)


def collected() -> Iterable[Metric]:
    """What all processes have counted, or this one where it counts in memory."""
    if _home.meters.registry is not None:
        return _home.meters.registry.collect()
    return MultiProcessCollector(None, path=str(_home.folder)).collect()


def _take_place(folder: Path) -> tuple[IO[str], int]:
    """The lowest place that no living process holds; the lock ends with the process, however it ends."""
    for number in range(1, MOST_PROCESSES + 1):
        place = _place_path(folder, number).open("a")
        if _is_taken_by_us(place):
            return place, number
        place.close()
    raise OSError(0, "too many processes")


def _place_path(folder: Path, number: int) -> Path:
    return folder / f"place-{number}.lock"


def _is_taken_by_us(place: IO[str]) -> bool:
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _known(word: str, words: tuple[str, ...]) -> str:
    return word if word in words else OTHER


disable_created_metrics()  # one line more for each that nobody asks for
_home = _Home(_in_memory())
