"""Settling: what a call of a provider came to is written down, and what broke off is asked for, never sent blindly."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TypeGuard

from bot import metrics
from bot.channels import Accepted, Channel, Outgoing, SendFailed, SendUnknown, StatusUpdate
from bot.channels.refusals import rule_for
from bot.prices import price_of
from bot.template_ids import template_ids
from bot.undelivered import FollowUp
from clinic import outbox, routes, sent
from clinic.database import Database, Session
from clinic.facility import Facility
from clinic.outbox import OutboxView
from clinic.reach import is_window_open

log = logging.getLogger(__name__)

MOST_TRIES = 12
FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 900.0
ROUTE_PAUSE_SECONDS = 5.0
"""After a failure that is the route's own: its breaker decides when the next message tries."""
LEASE_SECONDS = 60
ASK_AFTER = timedelta(seconds=30)
"""A provider that was too slow for us may still be taking the message in; asking at once could miss it."""
GIVE_UP_ASKING_AFTER = timedelta(hours=2)
ON_ITS_WAY = ("accepted", "scheduled", "queued", "sending", "sent")


@dataclass(frozen=True)
class Attempt:
    """One message and what its call came to; None: it could not be made, or a bug broke it."""

    message: OutboxView
    result: Accepted | SendFailed | SendUnknown | None


@dataclass(frozen=True)
class Settling:
    """Writes in the caller's transaction; the same result twice changes nothing more."""

    database: Database
    facility: Facility
    channels: Mapping[str, Channel]
    clock: Callable[[], datetime]
    worker: str
    random: Random

    def settle(self, done: Sequence[Attempt]) -> None:
        """Write down what these calls came to, together where that works; never raises.

        One that cannot be written keeps its memo and its lease: when that ends, the provider is asked.
        """
        if not done:
            return
        try:
            with self.database.transaction() as db:
                self._settle_all(db, done)
        except Exception:  # one bad row keeps nobody else's result from being kept
            log.exception("settling together failed messages=%s", len(done))
            for attempt in done:
                self._settle_alone(attempt)

    def _settle_all(self, db: Session, done: Sequence[Attempt]) -> None:
        # Several workers: whoever changes routes locks them first and all at once, or two wait for each other.
        if not all(isinstance(attempt.result, Accepted) for attempt in done):
            routes.lock_routes(db, self.channels)
        for attempt in done:
            self._settle(db, attempt)
        worked = {attempt.message.route for attempt in done if isinstance(attempt.result, Accepted)}
        for route in sorted(route for route in self.channels if route in worked):
            routes.note_ok(db, route, now=self.clock())

    def _settle_alone(self, attempt: Attempt) -> None:
        try:
            with self.database.transaction() as db:
                self._settle_all(db, (attempt,))
        except Exception:  # the memo stands: when the lease ends, the provider is asked
            log.exception("settling failed outbox=%s", attempt.message.id)

    def channel_of(self, message: OutboxView) -> Channel:
        """The channel object of the route that this message took; raises SendFailed where there is none (any more)."""
        channel = self.channels.get(message.route or "")
        if channel is None:
            raise SendFailed("no_channel", action=rule_for("no_channel").action)
        return channel

    def resolve_unknown(self, limit: int) -> int:
        """Ask the providers about messages whose call broke off; the count of those settled."""
        now = self.clock()
        with self.database.reading() as db:
            waiting = outbox.unknown_messages(db, now=now)
        ripe = [
            message for message in waiting if message.attempted_at is None or now - message.attempted_at >= ASK_AFTER
        ]
        return sum(self._resolve_safely(message) for message in ripe[:limit])

    def _settle(self, db: Session, attempt: Attempt) -> None:
        message, result, now = attempt.message, attempt.result, self.clock()
        if isinstance(result, Accepted):
            self._after_acceptance(db, message, result, now=now)
        elif isinstance(result, SendFailed):
            self._after_refusal(db, message, result, now=now)
        elif isinstance(result, SendUnknown):
            log.warning("outcome unknown outbox=%s: %s", message.id, result)
            self._note_failure(db, message, error="broke_off", now=now)
            if outbox.mark_unknown(db, message.id, now=now, memo=message.attempted_at):
                self._count(message, "unknown")

    def _after_acceptance(self, db: Session, message: OutboxView, accepted: Accepted, *, now: datetime) -> None:
        price = price_of(
            self.facility.prices,
            route=message.route or message.channel,
            text=message.text,
            template=message.template,
            in_window=is_window_open(message.last_inbound_at, at=now),
            templates=template_ids(db, self.facility) if message.template else {},
        )
        paid = {"segments": price.segments, "cost": price.cost}
        if not outbox.mark_sent(db, message.id, provider_id=accepted.provider_id, now=now, **paid):
            log.error("taken by the provider although it was settled before outbox=%s", message.id)
            return
        if accepted.status not in ON_ITS_WAY:
            status = StatusUpdate(accepted.provider_id, accepted.status, accepted.error_code)
            self.follow_up().take_status(db, status, now=now)
        self._count(message, "sent")
        log.info("sent outbox=%s route=%s tries=%s", message.id, message.route, message.tries + 1)

    def _after_refusal(self, db: Session, message: OutboxView, failure: SendFailed, *, now: datetime) -> None:
        rule = rule_for(failure.code)
        if rule.about == "route":
            self._note_failure(db, message, error=failure.code, now=now)
        else:
            self._note_pace(db, message, failure, now=now)
        action = failure.action
        is_down = action == "retry" and rule.about == "route"
        if is_down and message.kind == "danger" and self.follow_up().can_go_by_sms(message):
            action = "fallback"  # a warning does not wait for a line that is down
        may_try = rule.about == "route" or message.tries + 1 < MOST_TRIES
        if action == "retry" and may_try:
            pause = self._pause_seconds(message.tries, failure.retry_after, is_route=rule.about == "route")
            again = now + timedelta(seconds=pause)
            counts = rule.about != "route"
            memo = message.attempted_at
            outbox.mark_retry(db, message.id, at=again, error_code=failure.code, counts_as_try=counts, memo=memo)
            self._count(message, "retry")
            log.info("retry outbox=%s code=%s in %.0f s", message.id, failure.code, pause)
            return
        if not outbox.mark_failed(db, message.id, error_code=failure.code, now=now, memo=message.attempted_at):
            log.warning("a refusal came too late outbox=%s code=%s", message.id, failure.code)
            return
        self.follow_up().after_refusal(db, message, code=failure.code, action=action, now=now)
        self._count(message, "failed")

    def _note_failure(self, db: Session, message: OutboxView, *, error: str, now: datetime) -> None:
        if self._is_ours(message.route) and routes.note_failure(db, message.route, error=error, now=now):
            metrics.breaker_opened(message.route)
            log.warning("route rests route=%s error=%s", message.route, error)

    def _note_pace(self, db: Session, message: OutboxView, failure: SendFailed, *, now: datetime) -> None:
        """A provider that asks for patience gets it for all messages of this sender, not for one."""
        if failure.action == "retry" and failure.retry_after and self._is_ours(message.route):
            routes.slow_down(db, message.route, until=now + timedelta(seconds=failure.retry_after))

    def _pause_seconds(self, tries: int, retry_after: float | None, *, is_route: bool) -> float:
        """Twice as long every time, spread so that many messages do not come back at once."""
        growing = min(FIRST_PAUSE_SECONDS * 2**tries, LONGEST_PAUSE_SECONDS)
        pause = ROUTE_PAUSE_SECONDS if is_route else growing
        return max(pause, retry_after or 0.0) * self.random.uniform(1.0, 1.5)

    def _resolve_safely(self, message: OutboxView) -> bool:
        try:
            return self._resolve(message)
        except Exception:  # it stays unknown and is asked again
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
        with self.database.transaction() as db:
            self._after_acceptance(db, message, found, now=self.clock())
        return True

    def _find(self, message: OutboxView, *, since: datetime) -> Accepted | None:
        with self.database.reading() as db:
            claimed = sent.provider_ids_of(db, message.address_id, since=since - timedelta(days=2))
        return self.channel_of(message).find_sent(outgoing(message), since=since, claimed=claimed)

    def _queue_again(self, message: OutboxView) -> bool:
        now = self.clock()
        with self.database.transaction() as db:
            outbox.mark_retry(db, message.id, at=now, error_code="not_found", memo=message.attempted_at)
        log.info("was not taken, queued again outbox=%s", message.id)
        return True

    def _give_up_asking(self, message: OutboxView) -> bool:
        """Sending blindly could double it, so a person decides."""
        now = self.clock()
        if message.attempted_at is None or now - message.attempted_at < GIVE_UP_ASKING_AFTER:
            with self.database.transaction() as db:
                outbox.mark_unknown(db, message.id, now=now, memo=message.attempted_at)
            return False
        with self.database.transaction() as db:
            if outbox.mark_failed(db, message.id, error_code="unknown", now=now, memo=message.attempted_at):
                self.follow_up().after_refusal(db, message, code="unknown", action="tell_staff", now=now)
        self._count(message, "failed")
        return True

    def follow_up(self) -> FollowUp:
        """What comes after a message that does not arrive."""
        return FollowUp(self.facility, has_sms=any(channel.channel == "sms" for channel in self.channels.values()))

    def _is_ours(self, route: str | None) -> TypeGuard[str]:
        return route in self.channels

    def _count(self, message: OutboxView, outcome: str) -> None:
        metrics.outbound(route=message.route, kind=message.kind, outcome=outcome)


def outgoing(message: OutboxView, media_link: Callable[[str], str] = str) -> Outgoing:
    """The message as its channel carries it; `key` is the same for the same try."""
    return Outgoing(
        outbox_id=message.id,
        channel=message.channel,
        address=message.address,
        text=message.text,
        template=message.template,
        choices=message.choices,
        media=tuple(media_link(name) for name in message.media),
        key=f"{message.key}#{message.tries}",
        useless_after=message.useless_after,
    )
