"""The clock runs jobs again and again, alone, and survives their failures."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from scheduler.clock import Clock, Job, trigger_of

WITA = ZoneInfo("Asia/Makassar")
SOON = 0.02
PATIENCE = 20


@contextmanager
def _running(*jobs: Job) -> Iterator[Clock]:
    clock = Clock(jobs, zone=WITA)
    clock.start()
    try:
        yield clock
    finally:
        clock.shutdown()


def test_a_job_runs_again_after_it_failed_and_the_failure_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    runs: list[int] = []
    ran_again = threading.Event()

    def fail_once() -> None:
        runs.append(1)
        if len(runs) == 1:
            raise RuntimeError("the database is away")
        ran_again.set()

    with caplog.at_level(logging.ERROR, logger="scheduler.clock"), _running(Job("shaky", fail_once, SOON)):
        assert ran_again.wait(PATIENCE)
    (record,) = [record for record in caplog.records if record.name == "scheduler.clock"]
    assert record.getMessage() == "job failed name=shaky"
    assert record.exc_info is not None and record.exc_info[0] is RuntimeError


def test_a_failing_job_does_not_stop_another() -> None:
    other_ran = threading.Event()

    def fail() -> None:
        raise RuntimeError

    with _running(Job("bad", fail, SOON), Job("good", other_ran.set, SOON)):
        assert other_ran.wait(PATIENCE)


def test_a_job_that_takes_long_never_runs_twice_at_once() -> None:
    running, most = [0], [0]
    several_runs = threading.Semaphore(0)

    def slow() -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        threading.Event().wait(SOON * 5)
        running[0] -= 1
        several_runs.release()

    with _running(Job("slow", slow, SOON)):
        assert all(several_runs.acquire(timeout=PATIENCE) for _ in range(3))
    assert most == [1]


def test_shutdown_waits_for_the_running_job_and_may_come_twice() -> None:
    started, finished = threading.Event(), threading.Event()

    def work() -> None:
        started.set()
        threading.Event().wait(SOON * 5)
        finished.set()

    clock = Clock([Job("work", work, SOON)], zone=WITA)
    clock.start()
    assert started.wait(PATIENCE)
    clock.shutdown()
    clock.shutdown()
    assert finished.is_set()


def test_a_cron_line_is_read_in_the_centres_zone() -> None:
    trigger = trigger_of(Job("backup", lambda: None, cron="30 1 * * *"), WITA)
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert trigger.get_next_fire_time(None, noon) == datetime(2026, 11, 24, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("every_seconds", "cron"),
    [pytest.param(None, None, id="neither"), pytest.param(60.0, "30 1 * * *", id="both")],
)
def test_a_job_has_one_kind_of_time(every_seconds: float | None, cron: str | None) -> None:
    with pytest.raises(ValueError, match="either every_seconds or cron"):
        Job("odd", lambda: None, every_seconds, cron)
