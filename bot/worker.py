"""The worker: one process that answers, delivers, plans and looks after what was left lying."""

from __future__ import annotations

import logging
import os
import random
import socket
import threading
import time
from dataclasses import dataclass, field
from functools import partial

from bot.alarm import Alarm
from bot.android_phone import look_at_phone
from bot.answering import Answering
from bot.bpjs.telling import bpjs_jobs
from bot.budget_cases import tell_of_budget
from bot.channels.android import AndroidChannel
from bot.channels.routing import open_channels, route_kinds
from bot.channels.twilio import with_contents
from bot.contents_upkeep import follow_approvals, keep_contents, ready_contents
from bot.delivery import Delivery
from bot.gammu_mail import gammu_jobs
from bot.lost_statuses import LostStatuses
from bot.media import media_link
from bot.nightly import back_up, close_queue, delete_files
from bot.nlu import open_understander
from bot.nudges import nudge_left_open
from bot.queue_pushes import push_jobs
from bot.reminder_questions import tell_staff
from bot.reminders import load_active_programmes, queue_reminders
from bot.services import Services
from bot.turn import Talk
from clinic.budget import BudgetWatch
from clinic.costs import Ledger
from clinic.heartbeats import beat
from flows.catalogue import FLOWS, REPLIES
from flows.replies import with_own_texts
from scheduler.clock import Clock, Job

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 5
END_WITHIN = 7.0
"""Seconds; the supervisor ends by force what takes longer than 10. What is cut off then is looked up."""
ALARM_SECONDS = 30
REMINDER_SECONDS = 60
PHONE_SECONDS = 60
WORKING_HOURS = "15 7-15 * * mon-sat"
UNKNOWN_SECONDS = 5
STATUS_SECONDS = 300
NUDGE_SECONDS = 300
BUDGET_SECONDS = 600
CONTENTS_SECONDS = 20
APPROVALS_SECONDS = 900
QUEUE_SECONDS = 1800
"""Closing a day that is over is for the night, but many centres switch the computer off then."""
AT_NIGHT = "30 1 * * *"
FILES_AT_NIGHT = "15 2 * * *"


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
        self.threads: list[threading.Thread] = []
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.talk = open_talk(self.services)
        self.answering = Answering(self.talk, worker=self.name, stopping=self.stopping)
        self.delivery = Delivery(
            database=self.services.database,
            facility=self.services.facility,
            channels=with_contents(open_channels(self.services.settings), ready_contents(self.services)),
            clock=self.services.clock,
            worker=self.name,
            random=random.Random(),
            media_link=partial(media_link, self.services.settings),
            stopped_kinds=BudgetWatch(self.services.facility).stopped_kinds,
        )
        self.alarm = Alarm(
            database=self.services.database,
            facility=self.services.facility,
            routes=tuple(self.delivery.channels),
            clock=self.services.clock,
        )
        self.ledger = Ledger()
        self.programmes = load_active_programmes(self.services.facility)
        self.clock = Clock(self._jobs(), zone=self.services.facility.zone)

    def run(self) -> None:
        """Work until `stop` is called."""
        with self.services.database.reading() as db:  # the first look at the budget reads the whole month
            self.delivery.stopped_kinds(db, self.services.clock())
        self.clock.start()
        deliver = threading.Thread(target=self.delivery.run, args=(self.stopping,), name="deliver", daemon=True)
        deliver.start()
        self.threads += [*self.answering.start(), deliver]
        log.info("worker started worker=%s", self.name)
        self.stopping.wait()

    def stop(self) -> None:
        """Take up nothing new, let what is on its way end, and end."""
        self.stopping.set()
        end = time.monotonic() + END_WITHIN
        for thread in self.threads:
            thread.join(timeout=max(0.0, end - time.monotonic()))
        self.clock.shutdown()

    def _jobs(self) -> tuple[Job, ...]:
        return (
            Job("heartbeat", self._beat, every_seconds=HEARTBEAT_SECONDS),
            Job("alarm", self.alarm.look, every_seconds=ALARM_SECONDS),
            Job("unknown", self._resolve_unknown, every_seconds=UNKNOWN_SECONDS),
            Job("lost statuses", self._ask_lost_statuses, every_seconds=STATUS_SECONDS),
            Job("reminders", self._remind, every_seconds=REMINDER_SECONDS),
            Job("phone", self._look_at_phone, every_seconds=PHONE_SECONDS),
            Job("nudges", self._nudge, every_seconds=NUDGE_SECONDS),
            Job("budget", self._tell_of_budget, every_seconds=BUDGET_SECONDS),
            Job("contents", self._keep_contents, every_seconds=CONTENTS_SECONDS),
            Job("approvals", self._follow_approvals, every_seconds=APPROVALS_SECONDS),
            Job("queue", partial(close_queue, self.services), every_seconds=QUEUE_SECONDS),
            Job("backup", self._back_up, cron=AT_NIGHT),
            Job("old files", self._delete_old_files, cron=FILES_AT_NIGHT),
            Job("staff questions", self._ask_staff, cron=WORKING_HOURS),
            *push_jobs(self.services),
            *gammu_jobs(self.services),
            *bpjs_jobs(self.services),
        )

    def _beat(self) -> None:
        """Only while every thread works: whoever hears nothing for a minute starts this process again."""
        ended = [thread.name for thread in self.threads if not thread.is_alive()]
        if ended:
            if not self.stopping.is_set():
                log.critical("threads have ended names=%s", ",".join(ended))
            return
        with self.services.database.transaction() as db:
            beat(db, part="worker", now=self.services.clock())

    def _resolve_unknown(self) -> None:
        self.delivery.resolve_unknown()

    def _ask_lost_statuses(self) -> None:
        services = self.services
        LostStatuses(services.database, services.facility, self.delivery.channels, services.clock).ask()

    def _remind(self) -> None:
        now = self.services.clock()
        routes = route_kinds(self.services.settings)
        queue_reminders(self.services.database, self.services.facility, self.programmes, now=now, routes=routes)

    def _look_at_phone(self) -> None:
        channel = self.delivery.channels.get("android")
        if isinstance(channel, AndroidChannel):
            look_at_phone(self.services.database, self.services.facility, channel, now=self.services.clock())

    def _nudge(self) -> None:
        nudge_left_open(self.talk)

    def _tell_of_budget(self) -> None:
        now = self.services.clock()
        tell_of_budget(self.services.database, self.services.facility, now=now, ledger=self.ledger)

    def _keep_contents(self) -> None:
        keep_contents(self.services)

    def _follow_approvals(self) -> None:
        follow_approvals(self.services)

    def _delete_old_files(self) -> None:
        delete_files(self.services)

    def _back_up(self) -> None:
        back_up(self.services)

    def _ask_staff(self) -> None:
        now = self.services.clock()
        tell_staff(self.services.database, self.services.facility, self.programmes, now=now)
