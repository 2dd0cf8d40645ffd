"""Delivery: takes what is due from the outbox to the provider, once, and writes down what became of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from threading import Event

from bot.channels import Accepted, Channel, Outgoing, SendFailed, SendUnknown, StatusUpdate
from bot.channels.refusals import rule_for
from bot.undelivered import FollowUp
from clinic import outbox, sent
from clinic.contacts import has_opted_out
from clinic.database import Database, Session
from clinic.facility import Facility
from clinic.outbox import PRIORITIES, OutboxView

log = logging.getLogger(__name__)

THREADS = 16
MOST_TRIES = 12
FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 900.0
IDLE_SECONDS = 0.1
PAUSE_AFTER_FAILURE_SECONDS = 2.0
LEASE_SECONDS = 60
"""Longer than any call to a provider: when it ends, the process that held it is gone."""
ASK_AFTER = timedelta(seconds=30)
"""A provider that was too slow for us may still be taking the message in; asking at once could miss it."""
GIVE_UP_ASKING_AFTER = timedelta(hours=2)
LOOK_EVERY_SECONDS = 0.05
"""Long enough that several threads are free again: one claim for many costs as much as for one."""
ON_ITS_WAY = ("accepted", "scheduled", "queued", "sending", "sent")
UNASKED = (PRIORITIES["notice"], PRIORITIES["reminder"])
"""What nobody asked for: not sent to those who said stop."""


@dataclass(frozen=True)
class Delivery:
    """One per process. Threads carry the calls; every message has its own small transactions."""

    database: Database
    facility: Facility
    channels: Mapping[str, Channel]
    clock: Callable[[], datetime]
    worker: str
    random: Random
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS, "deliver"), repr=False)

    def run(self, stopping: Event) -> None:
        """Deliver until told to stop; a database that fails is tried again."""
        while not stopping.is_set():
            try:
                pause = 0.0 if self.deliver_due() else IDLE_SECONDS
            except Exception:
                log.exception("delivery could not go on worker=%s", self.worker)
                pause = PAUSE_AFTER_FAILURE_SECONDS
            stopping.wait(pause)

    def deliver_due(self, limit: int = 1000) -> int:
        """Send what is due, up to `limit`, and come back when none of it is left; the count of those taken up.

        A slow call holds up its own contact only: free threads go on claiming meanwhile.
        """
        taken = 0
        running: set[Future[None]] = set()
        while True:
            claimed = self._claim(min(THREADS - len(running), limit - taken))
            running |= {self.pool.submit(self._deliver_one, message) for message in claimed}
            taken += len(claimed)
            if not running:
                return taken
            running = wait(running, timeout=LOOK_EVERY_SECONDS).not_done

    def resolve_unknown(self, limit: int = 50) -> int:
        """Ask the provider about messages whose call broke off; the count of those settled."""
        now = self.clock()
        with self.database.transaction() as db:
            waiting = outbox.unknown_messages(db, now=now)
        ripe = [
            message for message in waiting if message.attempted_at is None or now - message.attempted_at >= ASK_AFTER
        ]
        return sum(self._resolve_safely(message) for message in ripe[:limit])

    def close(self) -> None:
        """End the threads after what they are doing."""
        self.pool.shutdown()

    def _claim(self, room: int) -> tuple[OutboxView, ...]:
        now = self.clock()
        if room <= 0:
            return ()
        with self.database.reading() as db:
            if not outbox.has_due(db, now=now):
                return ()
        with self.database.transaction() as db:
            claimed = outbox.claim_due(
                db,
                worker=self.worker,
                now=now,
                limit=room,
                lease_seconds=LEASE_SECONDS,
                daily_cap=self.facility.limits.messages_per_day,
            )
            return tuple(message for message in claimed if self._write_memo(db, message, now=now))

    def _write_memo(self, db: Session, message: OutboxView, *, now: datetime) -> bool:
        """Committed with the claim and before the call: a broken-off call is looked up by it."""
        if message.priority in UNASKED and has_opted_out(db, message.contact_id):
            outbox.mark_dropped(db, message.id, now=now)
            return False
        return outbox.mark_attempt(db, message.id, worker=self.worker, now=now)

    def _deliver_one(self, message: OutboxView) -> None:
        try:
            self._deliver(message)
        except Exception:
            # The row keeps its memo and its lease: when that ends, the provider is asked.
            log.exception("delivery failed outbox=%s", message.id)

    def _deliver(self, message: OutboxView) -> None:
        try:
            accepted = self._channel(message).send(_outgoing(message))
        except SendFailed as failure:
            self._after_refusal(message, failure)
        except SendUnknown as failure:
            log.warning("outcome unknown outbox=%s: %s", message.id, failure)
            with self.database.transaction() as db:
                outbox.mark_unknown(db, message.id, now=self.clock())
        else:
            self._after_acceptance(message, accepted)

    def _channel(self, message: OutboxView) -> Channel:
        channel = self.channels.get(message.channel)
        if channel is None:
            raise SendFailed("no_channel", action=rule_for("no_channel").action)
        return channel

    def _after_acceptance(self, message: OutboxView, accepted: Accepted) -> None:
        now = self.clock()
        with self.database.transaction() as db:
            outbox.mark_sent(db, message.id, provider_id=accepted.provider_id, now=now)
            if accepted.status not in ON_ITS_WAY:
                status = StatusUpdate(accepted.provider_id, accepted.status, accepted.error_code)
                self._follow_up().take_status(db, status, now=now)
        log.info("sent outbox=%s tries=%s", message.id, message.tries + 1)

    def _after_refusal(self, message: OutboxView, failure: SendFailed) -> None:
        now = self.clock()
        with self.database.transaction() as db:
            if failure.action == "retry" and message.tries + 1 < MOST_TRIES:
                pause = self._pause_seconds(message.tries, failure.retry_after)
                outbox.mark_retry(db, message.id, at=now + timedelta(seconds=pause), error_code=failure.code)
                log.info("retry outbox=%s code=%s in %.0f s", message.id, failure.code, pause)
                return
            outbox.mark_failed(db, message.id, error_code=failure.code, now=now)
            self._follow_up().after_refusal(db, message, code=failure.code, action=failure.action, now=now)

    def _pause_seconds(self, tries: int, retry_after: float | None) -> float:
        """Twice as long every time, spread so that many messages do not come back at once."""
        pause = min(FIRST_PAUSE_SECONDS * 2**tries, LONGEST_PAUSE_SECONDS)
        return max(pause, retry_after or 0.0) * self.random.uniform(1.0, 1.5)

    def _resolve_safely(self, message: OutboxView) -> bool:
        try:
            return self._resolve(message)
        except Exception:
            log.exception("asking failed outbox=%s", message.id)
            return False

    def _resolve(self, message: OutboxView) -> bool:
        with self.database.transaction() as db:
            is_ours = sent.claim_unknown(
                db,
                message.id,
                memo=message.attempted_at,
                worker=self.worker,
                now=self.clock(),
                lease_seconds=LEASE_SECONDS,
            )
        if not is_ours:
            return False
        if message.attempted_at is None:
            return self._queue_again(message)
        try:
            found = self._find(message, since=message.attempted_at)
        except (SendUnknown, SendFailed) as failure:
            log.warning("cannot ask outbox=%s: %s", message.id, failure)
            return self._give_up_asking(message)
        if found is None:
            return self._queue_again(message)
        self._after_acceptance(message, found)
        return True

    def _find(self, message: OutboxView, *, since: datetime) -> Accepted | None:
        with self.database.reading() as db:
            claimed = sent.provider_ids_of(db, message.address_id, since=since - timedelta(days=2))
        return self._channel(message).find_sent(_outgoing(message), since=since, claimed=claimed)

    def _queue_again(self, message: OutboxView) -> bool:
        now = self.clock()
        with self.database.transaction() as db:
            outbox.mark_retry(db, message.id, at=now, error_code="not_found")
        log.info("was not taken, queued again outbox=%s", message.id)
        return True

    def _give_up_asking(self, message: OutboxView) -> bool:
        """Sending blindly could double it, so a person decides."""
        now = self.clock()
        if message.attempted_at is None or now - message.attempted_at < GIVE_UP_ASKING_AFTER:
            with self.database.transaction() as db:
                outbox.mark_unknown(db, message.id, now=now)
            return False
        with self.database.transaction() as db:
            outbox.mark_failed(db, message.id, error_code="unknown", now=now)
            self._follow_up().after_refusal(db, message, code="unknown", action="tell_staff", now=now)
        return True

    def _follow_up(self) -> FollowUp:
        return FollowUp(self.facility, has_sms="sms" in self.channels)


def _outgoing(message: OutboxView) -> Outgoing:
    return Outgoing(
        outbox_id=message.id,
        channel=message.channel,
        address=message.address,
        text=message.text,
        template=message.template,
    )
