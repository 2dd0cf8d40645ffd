"""Answering: takes up what was received, one turn at a time per contact, many contacts at once."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import timedelta

from bot import metrics
from bot.bursts import Burst, next_burst
from bot.turn import Talk, handle
from clinic.cases import open_case
from clinic.conversations import ClaimLost, claim_next, has_unanswered, postpone, release
from clinic.database import Session
from clinic.inbound import mark_failed, unanswered
from clinic.outbox import queue_message
from flows.render import Prompt, render

log = logging.getLogger(__name__)

LEASE_SECONDS = 30
LOOK_EVERY_SECONDS = 0.1
MOST_TRIES = 3
PAUSE_SECONDS = 2


@dataclass(frozen=True)
class Answering:
    """Threads that claim conversations with unanswered messages and answer them until told to stop."""

    talk: Talk
    worker: str
    threads: int = 4
    stopping: threading.Event = field(default_factory=threading.Event)

    def start(self) -> list[threading.Thread]:
        """Start the threads; they end soon after `stopping` is set."""
        started = [
            threading.Thread(target=self._run, args=(f"{self.worker}:{number}",), name=f"answer-{number}", daemon=True)
            for number in range(self.threads)
        ]
        for thread in started:
            thread.start()
        return started

    def answer_all(self, worker: str) -> int:
        """Answer whatever waits now; gives back how many messages were taken up."""
        answered = 0
        while not self.stopping.is_set():
            taken = self._answer_one(worker)
            if not taken:
                return answered
            answered += taken
        return answered

    def _run(self, worker: str) -> None:
        while not self.stopping.is_set():
            try:
                answered = self.answer_all(worker)
            except Exception:  # whatever it is, other patients wait behind it: the thread goes on
                log.exception("answering failed worker=%s", worker)
                answered = 0
                self.stopping.wait(1)
            if not answered:
                self.stopping.wait(LOOK_EVERY_SECONDS)

    def _answer_one(self, worker: str) -> int:
        """Claim one contact and answer what it wrote as one; how many messages that were, 0 when nobody waits."""
        now = self.talk.clock()
        with self.talk.database.reading() as db:
            if not has_unanswered(db, now=now):
                return 0
        with self.talk.database.transaction() as db:
            claimed = claim_next(db, worker=worker, now=now, lease_seconds=LEASE_SECONDS)
            if claimed is None:
                return 0
            waiting = unanswered(db, claimed.contact_id)
        burst = next_burst(waiting)
        self._answer(burst, claimed.tries, worker)
        return len(burst.messages)

    def _answer(self, burst: Burst, tries: int, worker: str) -> None:
        try:
            with metrics.timed_turn():
                handle(self.talk, burst, worker=worker)
        except ClaimLost:
            log.warning("claim lost inbound=%s", burst.last.id)
        except Exception:  # rolled back; tried again, the third time an apology and a case
            log.exception("turn failed inbound=%s tries=%s", burst.last.id, tries)
            self._after_failure(burst, tries, worker)

    def _after_failure(self, burst: Burst, tries: int, worker: str) -> None:
        """The turn was rolled back: try again, then say so to the patient and give the messages to a person."""
        contact_id = burst.last.contact_id
        with self.talk.database.transaction() as db:
            if tries >= MOST_TRIES:
                self._apologise(db, burst)
                release(db, contact_id, worker=worker)
                return
            pause = timedelta(seconds=PAUSE_SECONDS * tries)
            postpone(db, contact_id, worker=worker, until=self.talk.clock() + pause)

    def _apologise(self, db: Session, burst: Burst) -> None:
        now, whole = self.talk.clock(), burst.whole
        text = render(self.talk.replies, (Prompt("everywhere.apology"),), channel=whole.channel)
        queue_message(
            db,
            key=f"inbound:{whole.id}:1",
            contact_id=whole.contact_id,
            address_id=whole.address_id,
            channel=whole.channel,
            text=text,
            now=now,
            useless_after=now + timedelta(hours=24),
        )
        open_case(
            db,
            kind="error",
            topic="turn",
            text=whole.text,
            contact_id=whole.contact_id,
            urgent=False,
            now=now,
        )
        mark_failed(db, whole.id, now=now, joined=burst.earlier_ids)
