"""The clock: named jobs that run again and again, each alone, each failure logged and the next run kept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """Something to do every so many seconds, or at the times a cron line names ("30 1 * * *", centre's time).

    `run` asks the services' clock for the time itself, so that a job can be replayed.
    `late_seconds`: a run that could not start in time is made up for so much later at most.
    """

    name: str
    run: Callable[[], object]
    every_seconds: float | None = None
    cron: str | None = None
    late_seconds: int = 60

    def __post_init__(self) -> None:
        if (self.every_seconds is None) == (self.cron is None):
            raise ValueError(f"job {self.name}: say either every_seconds or cron")


class Clock:
    """Runs jobs in threads of its own from start to shutdown.

    A job never runs twice at once, and runs that piled up become one. Several clocks on one database do no
    harm: what a job writes is unique there.
    """

    def __init__(self, jobs: Sequence[Job], *, zone: ZoneInfo) -> None:
        self._scheduler = BackgroundScheduler(
            timezone=zone, executors={"default": ThreadPoolExecutor(max(len(jobs), 1))}, daemon=True
        )
        for job in jobs:
            self._scheduler.add_job(
                self._run,
                trigger_of(job, zone),
                args=(job,),
                id=job.name,
                name=job.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=job.late_seconds,
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The jobs it knows."""
        return tuple(job.id for job in self._scheduler.get_jobs())

    def start(self) -> None:
        """Begin; the calling thread goes on."""
        self._scheduler.start()
        log.info("clock started jobs=%s", ",".join(self.names))

    def shutdown(self) -> None:
        """Wait for the running jobs and stop; harmless when it is not running."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
            log.info("clock stopped")

    def _run(self, job: Job) -> None:
        try:
            job.run()
        except Exception:  # one job's failure ends neither the clock nor the job's next run
            log.exception("job failed name=%s", job.name)


def trigger_of(job: Job, zone: ZoneInfo) -> BaseTrigger:
    """When a job is due: a cron line means the health centre's time; every so many seconds begins at once.

    A process that is ended again and again would otherwise never do its slower jobs.
    """
    if job.cron is not None:
        return CronTrigger.from_crontab(job.cron, timezone=zone)
    return OrTrigger([DateTrigger(timezone=zone), IntervalTrigger(seconds=job.every_seconds or 0, timezone=zone)])
