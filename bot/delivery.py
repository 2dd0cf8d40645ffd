"""Delivery: takes what is due from the outbox to the provider, once, and writes down what became of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from threading import Event

from bot import metrics
from bot.channels import Accepted, Channel, SendFailed, SendUnknown
from bot.channels.refusals import rule_for
from bot.settling import Attempt, Settling, outgoing
from bot.traffic import Traffic
from clinic.database import Database, Session
from clinic.facility import Facility
from clinic.outbox import OutboxView
from clinic.outbox_claim import claim_due, drop_useless, due_channels, has_due, has_useless
from clinic.reach import is_window_open

log = logging.getLogger(__name__)

THREADS = 32
IDLE_SECONDS = 0.1
PAUSE_AFTER_FAILURE_SECONDS = 2.0
LEASE_SECONDS = 60
"""Longer than any call to a provider: when it ends, the process that held it is gone."""
LATEST_START = timedelta(seconds=20)
"""A call that could not begin so long after its claim is given up: somebody may soon take the message for lost."""
WINDOW_CLOSED = "63016"
"""Twilio's own code for free text outside the window: we need not ask to know its answer."""
GATHER_SECONDS = 0.02
"""So long finished calls are gathered: what became of many is written with one commit."""


def nothing_stopped(_db: Session, _now: datetime) -> frozenset[str]:
    """No budget: every kind of message goes out."""
    return frozenset()


@dataclass(frozen=True)
class Delivery:
    """One per process. Threads carry the calls; the process's own thread claims, settles and commits."""

    database: Database
    facility: Facility
    channels: Mapping[str, Channel]
    """By route."""
    clock: Callable[[], datetime]
    worker: str
    random: Random
    stopped_kinds: Callable[[Session, datetime], Collection[str]] = nothing_stopped
    media_link: Callable[[str], str] = str
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS, "deliver"), repr=False)

    def run(self, stopping: Event) -> None:
        """Deliver until told to stop; a database that fails is tried again."""
        while not stopping.is_set():
            try:
                pause = 0.0 if self.deliver_due(stopping=stopping) else IDLE_SECONDS
            except Exception:  # other messages wait: the thread goes on after a pause
                log.exception("delivery could not go on worker=%s", self.worker)
                pause = PAUSE_AFTER_FAILURE_SECONDS
            stopping.wait(pause)

    def deliver_due(self, limit: int = 1000, *, stopping: Event | None = None) -> int:
        """Send what is due, up to `limit`, and come back when none of it is left; the count of those taken up.

        A slow call holds up its own address only: free threads go on claiming meanwhile. Once `stopping` is set
        nothing more is claimed, and what is on its way is waited for and written down.
        """
        self._drop_useless()
        taken = 0
        running: set[Future[Attempt]] = set()
        done: list[Attempt] = []
        while True:
            self._settling().settle(done)
            room = 0 if stopping is not None and stopping.is_set() else THREADS - len(running)
            claimed = self._claim_or_finish(min(room, limit - taken), running)
            running |= {self.pool.submit(self._call, message, self.clock()) for message in claimed}
            taken += len(claimed)
            if not running:
                return taken
            finished, running = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
            if running:
                late, running = wait(running, timeout=GATHER_SECONDS)
                finished |= late
            done = [future.result() for future in finished]

    def resolve_unknown(self, limit: int = 50) -> int:
        """Ask the providers about messages whose call broke off; the count of those settled."""
        return self._settling().resolve_unknown(limit)

    def close(self) -> None:
        """End the threads after what they are doing."""
        self.pool.shutdown()

    def _claim_or_finish(self, room: int, running: set[Future[Attempt]]) -> tuple[OutboxView, ...]:
        """The next messages; where the database fails, what is on its way is still written down before that is told."""
        try:
            return self._claim(room) if self._has_due(room) else ()
        except Exception:  # what was sent meanwhile is written down before it goes on up
            self._settling().settle([future.result() for future in wait(running).done])
            raise

    def _has_due(self, room: int) -> bool:
        if room <= 0:
            return False
        with self.database.reading() as db:
            return has_due(db, now=self.clock())

    def _claim(self, room: int) -> tuple[OutboxView, ...]:
        now = self.clock()
        with metrics.timed_claim(), self.database.transaction() as db:
            traffic = Traffic.look(db, self.facility, self.channels, now=now, most=room)
            claimed = claim_due(
                db,
                worker=self.worker,
                now=now,
                limit=min(room, traffic.room_in_all()),
                lease_seconds=LEASE_SECONDS,
                daily_cap=self.facility.limits.messages_per_day,
                channels=set(due_channels(db, now=now)) & set(traffic.open_channels()),
                choose=traffic.choose,
                stopped=self.stopped_kinds(db, now),
            )
            traffic.note_taken(db)
        return claimed

    def _drop_useless(self) -> None:
        """In a transaction of its own: it opens cases, and whoever waits for those must hold no route."""
        now = self.clock()
        with self.database.reading() as db:
            if not has_useless(db, now=now):
                return
        with self.database.transaction() as db:
            for message in drop_useless(db, now=now):
                self._settling().follow_up().after_drop(db, message, now=now)
                metrics.outbound(route=message.route, kind=message.kind, outcome="dropped")

    def _call(self, message: OutboxView, claimed_at: datetime) -> Attempt:
        """One call of a provider, in a thread; whatever it comes to is an Attempt."""
        start = time.perf_counter()
        result: Accepted | SendFailed | SendUnknown | None = None
        try:
            if self.clock() - claimed_at < LATEST_START:
                result = self._send(message)
        except (SendFailed, SendUnknown) as failure:
            result = failure
        except Exception:
            # The row keeps its memo and its lease: when that ends, the provider is asked.
            log.exception("delivery failed outbox=%s", message.id)
        seconds = time.perf_counter() - start
        metrics.provider_call(message.route or "none", seconds)
        return Attempt(message, result)

    def _send(self, message: OutboxView) -> Accepted:
        channel = self._settling().channel_of(message)
        needs_window = channel.capabilities.window_hours is not None and message.template is None
        if needs_window and not is_window_open(message.last_inbound_at, at=self.clock()):
            raise SendFailed(WINDOW_CLOSED, action=rule_for(WINDOW_CLOSED).action)
        return channel.send(outgoing(message, self.media_link))

    def _settling(self) -> Settling:
        return Settling(self.database, self.facility, self.channels, self.clock, self.worker, self.random)
