"""The worker: one process that answers, delivers, plans and looks after what was left lying."""

from __future__ import annotations

import logging
import os
import random
import socket
import threading
from dataclasses import dataclass, field

from bot.answering import Answering
from bot.channels.routing import open_channels
from bot.delivery import Delivery
from bot.nightly import back_up
from bot.nlu import open_understander
from bot.nudges import nudge_left_open
from bot.reminder_questions import tell_staff
from bot.reminders import load_active_programmes, queue_reminders
from bot.services import Services
from bot.turn import Talk
from clinic.heartbeats import beat
from flows.catalogue import FLOWS, REPLIES
from flows.replies import with_own_texts
from scheduler.clock import Clock, Job

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 5
REMINDER_SECONDS = 60
WORKING_HOURS = "15 7-15 * * mon-sat"
UNKNOWN_SECONDS = 5
NUDGE_SECONDS = 300
AT_NIGHT = "30 1 * * *"


def open_talk(services: Services) -> Talk:
    """What turns work with, over these services."""
    return Talk(
        database=services.database,
        facility=services.facility,
        keeper=services.keeper,
        understander=open_understander(services.settings),
        flows=FLOWS,
        replies=with_own_texts(REPLIES, services.facility.texts),
        clock=services.clock,
    )


@dataclass
class Worker:
    """Everything that happens without a page: one of these per process."""

    services: Services
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.talk = open_talk(self.services)
        self.answering = Answering(self.talk, worker=self.name, stopping=self.stopping)
        self.delivery = Delivery(
            database=self.services.database,
            facility=self.services.facility,
            channels=open_channels(self.services.settings),
            clock=self.services.clock,
            worker=self.name,
            random=random.Random(),
        )
        self.programmes = load_active_programmes(self.services.facility)
        self.clock = Clock(self._jobs(), zone=self.services.facility.zone)

    def run(self) -> None:
        """Work until `stop` is called."""
        self.clock.start()
        self.answering.start()
        threading.Thread(target=self.delivery.run, args=(self.stopping,), name="deliver", daemon=True).start()
        log.info("worker started %s", self.name)
        self.stopping.wait()

    def stop(self) -> None:
        """Take up nothing new and end."""
        self.stopping.set()
        self.clock.shutdown()

    def _jobs(self) -> tuple[Job, ...]:
        return (
            Job("heartbeat", self._beat, every_seconds=HEARTBEAT_SECONDS),
            Job("unknown", self._resolve_unknown, every_seconds=UNKNOWN_SECONDS),
            Job("reminders", self._remind, every_seconds=REMINDER_SECONDS),
            Job("nudges", self._nudge, every_seconds=NUDGE_SECONDS),
            Job("backup", self._back_up, cron=AT_NIGHT),
            Job("staff questions", self._ask_staff, cron=WORKING_HOURS),
        )

    def _beat(self) -> None:
        with self.services.database.transaction() as db:
            beat(db, part="worker", now=self.services.clock())

    def _resolve_unknown(self) -> None:
        self.delivery.resolve_unknown()

    def _remind(self) -> None:
        now = self.services.clock()
        queue_reminders(self.services.database, self.services.facility, self.programmes, now=now)

    def _nudge(self) -> None:
        nudge_left_open(self.talk)

    def _back_up(self) -> None:
        back_up(self.services)

    def _ask_staff(self) -> None:
        now = self.services.clock()
        tell_staff(self.services.database, self.services.facility, self.programmes, now=now)
