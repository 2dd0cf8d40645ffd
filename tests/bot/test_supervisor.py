"""The supervisor: what dies is started again, what hangs is ended first, and the end ends all."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from bot.supervisor import HANGS_AFTER, SHORTEST_WAIT, SILENT_LOOKS, Part, Supervisor
from tests.processes import wait_until

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
ENDS = [sys.executable, "-c", "raise SystemExit(3)"]


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


Open = Callable[..., tuple[Supervisor, Part, Clock]]


@pytest.fixture
def supervised() -> Iterator[Open]:
    opened: list[Supervisor] = []

    def start(command: list[str], silence: Callable[[], float | None] | None = None) -> tuple[Supervisor, Part, Clock]:
        part, clock = Part("worker", command, silence=silence), Clock()
        supervisor = Supervisor([part], environment=dict(os.environ), clock=clock)
        opened.append(supervisor)
        supervisor.start()
        return supervisor, part, clock

    yield start
    for supervisor in opened:
        supervisor.clock = time.monotonic
        supervisor.stop()


def pid_of(part: Part) -> int:
    assert part.process is not None
    return part.process.pid


def is_over(part: Part) -> bool:
    return part.process is not None and part.process.poll() is not None


def test_what_dies_is_started_again_after_a_wait_that_grows(supervised: Open) -> None:
    supervisor, part, clock = supervised(ENDS)
    waits = []
    for _ in range(3):
        wait_until(lambda: is_over(part), seconds=10, what="it has ended")
        first = pid_of(part)
        assert ["worker"] == supervisor.look()
        waits.append(part.start_again_at - clock.now)
        supervisor.look()
        assert first == pid_of(part), "not before its time"
        clock.now = part.start_again_at
        supervisor.look()
        assert first != pid_of(part)

    assert [SHORTEST_WAIT, 2 * SHORTEST_WAIT, 4 * SHORTEST_WAIT] == waits


def test_a_part_that_is_silent_for_long_is_ended_and_started_again(supervised: Open) -> None:
    supervisor, part, clock = supervised(SLEEP, lambda: HANGS_AFTER + 1)
    first = pid_of(part)
    os.kill(first, signal.SIGSTOP)
    clock.now += HANGS_AFTER + 1
    for _ in range(SILENT_LOOKS):
        supervisor.look()
        assert not is_over(part)
        supervisor.listen()
    supervisor.look()
    wait_until(lambda: is_over(part), seconds=10, what="SIGKILL ended even a stopped process")
    supervisor.look()
    clock.now = part.start_again_at
    supervisor.look()

    assert first != pid_of(part) and not is_over(part)


@pytest.mark.parametrize(
    ("silence", "lived"),
    [
        pytest.param(lambda: HANGS_AFTER, HANGS_AFTER + 1, id="heard of a minute ago"),
        pytest.param(lambda: None, HANGS_AFTER + 1, id="nobody can say"),
        pytest.param(lambda: 9999.0, HANGS_AFTER, id="just started, the last sign is of the one before"),
        pytest.param(None, HANGS_AFTER + 1, id="cannot be asked"),
    ],
)
def test_a_part_is_not_ended_without_need(
    supervised: Open, silence: Callable[[], float | None] | None, lived: float
) -> None:
    supervisor, part, clock = supervised(SLEEP, silence)
    clock.now += lived
    for _ in range(SILENT_LOOKS + 2):
        supervisor.listen()
        supervisor.look()

    assert not is_over(part)


def test_one_good_sign_makes_up_for_silence(supervised: Open) -> None:
    """After a laptop's sleep the last sign is old for a moment, and nothing hangs."""
    said = iter([9999.0, 9999.0, 3.0, 9999.0, 9999.0])
    supervisor, part, clock = supervised(SLEEP, lambda: next(said))
    clock.now += HANGS_AFTER + 1
    for _ in range(5):
        supervisor.listen()
        supervisor.look()

    assert not is_over(part)


def test_the_end_ends_all(supervised: Open) -> None:
    supervisor, part, _ = supervised(SLEEP)
    supervisor.clock = time.monotonic
    supervisor.stop()

    assert is_over(part)
