"""Telling BPJS: one effect at a time, memo before the call, in order per number, until its day is over."""

from __future__ import annotations

import logging
import os
import random
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.bpjs.answers import BpjsAnswer
from bot.bpjs.antrean import AntreanClient, open_antrean
from bot.bpjs.bodies import NotTold, body_of
from bot.bpjs.signing import BpjsKeys, antrean_keys
from bot.bpjs.words import words
from bot.services import Services
from bot.settings import Settings
from clinic import route_trouble, routes
from clinic.bpjs_effects import (
    Effect,
    claim_effect,
    facts_of,
    has_due,
    settle,
    tell_refusal_once,
    try_later,
)
from clinic.costs import midnight
from clinic.database import Session
from clinic.identity import CannotDecrypt
from clinic.routes import RouteView
from scheduler.clock import Job

log = logging.getLogger(__name__)
# httpx names every address it calls at INFO; ours hold no numbers, but one line per call says nothing either.
logging.getLogger("httpx").setLevel(logging.WARNING)

EVERY_SECONDS = 5
LEASE_SECONDS = 60.0
"""Far longer than the client's own time limits."""
MOST_A_ROUND = 20
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=15)
ROUTE = "bpjs_antrean"
"""The breaker's name in clinic/routes.py, where also stands which keys were refused."""
KEYS_TOPIC = "bpjs_keys"
RESUMED = "resumed"
"""In the place of the keys that were refused, until the next call shows whether they are right now."""
TOLD_BEFORE = re.compile(r"\bsudah\b|\b1 kali\b", re.IGNORECASE)
"""A repeated call that is refused in such words was done the first time: no source documents a safe repeat."""
LONG_NUMBER = re.compile(r"[0-9]{5,}")


@dataclass(frozen=True)
class Telling:
    """One worker's part; several on one database tell everything once."""

    services: Services
    client: AntreanClient
    worker: str
    random: random.Random

    def tell_due(self) -> int:
        """Tell what is due, until BPJS cannot be reached or enough was told at once; how many calls were made."""
        services = self.services
        with services.database.reading() as db:
            if not has_due(db, now=services.clock()):
                return 0
        calls = 0
        while calls < MOST_A_ROUND:
            taken = self._take()
            if taken is None:
                break
            effect, body = taken
            if body is None:
                continue
            calls += 1
            answer = self.client.tell(effect.kind, body)
            with services.database.transaction() as db:
                self._settle(db, effect, answer, now=services.clock())
            if answer.meaning in ("retry", "stop", "unknown"):
                break
        return calls

    def _take(self) -> tuple[Effect, Mapping[str, object] | None] | None:
        """The next effect with its body, committed as ours; without a body it was dropped. None: nothing to do now."""
        services, now = self.services, self.services.clock()
        with services.database.transaction() as db:
            if self._rests(db, now):
                return None
            effect = claim_effect(db, worker=self.worker, now=now, lease_seconds=LEASE_SECONDS)
            if effect is None:
                return None
            try:
                body = self._body(db, effect, now=now)
            except NotTold as reason:
                settle(db, effect, state="dropped", code=str(reason), message="", now=now)
                return effect, None
            return effect, body

    def _body(self, db: Session, effect: Effect, *, now: datetime) -> Mapping[str, object]:
        """Raises NotTold, also for numbers that were kept with another secret key: nothing behind them may wait."""
        facility = self.services.facility
        try:
            facts = facts_of(db, effect, keeper=self.services.keeper)
        except CannotDecrypt:
            raise NotTold("unreadable") from None
        return body_of(effect, facts, facility, today=facility.today(now))

    def _rests(self, db: Session, now: datetime) -> bool:
        """BPJS was unreachable a moment ago, or refused these very keys."""
        view = routes.route_states(db, (ROUTE,))[ROUTE]
        return view.is_resting(now) or view.trouble == mark_of(self.client.keys, self.client.url)

    def _settle(self, db: Session, effect: Effect, answer: BpjsAnswer, *, now: datetime) -> None:
        log.info("bpjs %s effect=%s %s code=%s", effect.kind, effect.id, answer.meaning, answer.code)
        if answer.meaning == "stop":
            self._stop(db, effect, answer, now=now)
        elif answer.meaning in ("retry", "unknown"):
            routes.note_failure(db, ROUTE, error=answer.code, now=now)
            state = "unknown" if answer.meaning == "unknown" else "waiting"
            due_at = now + self._wait(effect.tries)
            try_later(db, effect, state=state, code=answer.code, message=answer.message, due_at=due_at)
        else:
            self._note_that_it_works(db, now=now)
            self._end(db, effect, answer, now=now)

    def _end(self, db: Session, effect: Effect, answer: BpjsAnswer, *, now: datetime) -> None:
        was_told = effect.was_perhaps_told and TOLD_BEFORE.search(answer.message) is not None
        is_done = answer.meaning == "accepted" or was_told
        state = "done" if is_done else "refused"
        is_ours = settle(db, effect, state=state, code=answer.code, message=answer.message, now=now)
        if is_done or not is_ours:
            return
        facility = self.services.facility
        said = LONG_NUMBER.sub("...", answer.message).strip().rstrip(".") or words("without_words")
        text = words("refused", what=words(effect.kind), message=said)
        since = midnight(facility, facility.today(now))
        tell_refusal_once(db, text, since=since, now=now, due_hours=facility.limits.due_hours.of("error"))

    def _stop(self, db: Session, effect: Effect, answer: BpjsAnswer, *, now: datetime) -> None:
        """An account that keeps knocking with a wrong key is locked: everything rests until somebody looked."""
        try_later(db, effect, state="waiting", code=answer.code, message=answer.message, due_at=now)
        if routes.note_look(db, ROUTE, seen_at=now, trouble=mark_of(self.client.keys, self.client.url)):
            log.error("bpjs refuses our keys: nothing is told until they are changed or `sapa bpjs resume`")
        hours = self.services.facility.limits.due_hours.of("delivery")
        route_trouble.tell_once(db, topic=KEYS_TOPIC, text=words("keys_refused"), now=now, due_hours=hours)

    def _note_that_it_works(self, db: Session, *, now: datetime) -> None:
        if routes.route_states(db, (ROUTE,))[ROUTE].trouble is not None:
            routes.note_look(db, ROUTE, seen_at=now, trouble=None)
            route_trouble.take_back(db, topics=(KEYS_TOPIC,), outcome=words("keys_well"), now=now)
        routes.note_ok(db, ROUTE, now=now)

    def _wait(self, tries: int) -> timedelta:
        """Twice as long each time, a quarter more or less, so that nobody comes in step."""
        return min(FIRST_WAIT * 2 ** min(tries - 1, 10), LONGEST_WAIT) * self.random.uniform(0.75, 1.25)


def open_telling(services: Services, *, worker: str, random: random.Random) -> Telling | None:
    """What tells BPJS; None where the centre does not, or no keys are set."""
    client = open_antrean(services.settings, clock=services.clock) if services.facility.bpjs.tell else None
    return None if client is None else Telling(services, client, worker, random)


def bpjs_jobs(services: Services) -> tuple[Job, ...]:
    """The worker's jobs for BPJS: none where it is not told."""
    telling = open_telling(services, worker=f"{socket.gethostname()}:{os.getpid()}", random=random.Random())
    return () if telling is None else (Job("bpjs", telling.tell_due, every_seconds=EVERY_SECONDS),)


def resume(services: Services) -> bool:
    """Try again with the keys that were refused; False when nothing rests."""
    with services.database.transaction() as db:
        if not is_stopped(routes.route_states(db, (ROUTE,))[ROUTE], services.settings):
            return False
        routes.note_look(db, ROUTE, seen_at=services.clock(), trouble=RESUMED)
        return True


def is_stopped(view: RouteView, settings: Settings) -> bool:
    """Whether BPJS refused the keys that are set now; others are tried without being asked."""
    url = settings.bpjs_antrean_url
    return url is not None and view.trouble == mark_of(antrean_keys(settings), url)


def mark_of(keys: BpjsKeys, url: str) -> str:
    """How refused keys are remembered: nothing can be read from it."""
    return f"keys:{keys.fingerprint(url.rstrip('/'))}"
