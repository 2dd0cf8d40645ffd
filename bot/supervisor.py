"""The supervisor: starts the parts of Sapa, starts again what dies, and ends all of them together."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

SHORTEST_WAIT = 1.0
LONGEST_WAIT = 60.0
CALM_AFTER = 60.0
END_WITHIN = 10.0
SIGNAL_ON_PARENT_DEATH = 1  # PR_SET_PDEATHSIG


@dataclass
class Part:
    """One process of Sapa and what is known of its life."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    wait: float = SHORTEST_WAIT
    start_again_at: float = 0.0


@dataclass
class Supervisor:
    """Keeps the parts running until it is told to stop."""

    parts: list[Part]
    environment: Mapping[str, str]
    clock: Callable[[], float] = time.monotonic
    is_stopping: bool = field(default=False)

    def start(self) -> None:
        """Start every part that is not running."""
        for part in self.parts:
            self._start(part)

    def look(self) -> list[str]:
        """One look at all parts: starts again what has died long enough ago; gives back the names of the dead."""
        dead: list[str] = []
        for part in self.parts:
            if part.process is None or part.process.poll() is None:
                continue
            dead.append(part.name)
            self._after_death(part)
        return dead

    def stop(self) -> None:
        """Ask all parts to end, then end those that do not."""
        self.is_stopping = True
        for part in reversed(self.parts):
            _signal(part, signal.SIGTERM)
        end = self.clock() + END_WITHIN
        for part in self.parts:
            if part.process is None:
                continue
            try:
                part.process.wait(timeout=max(0.1, end - self.clock()))
            except subprocess.TimeoutExpired:
                _signal(part, signal.SIGKILL)
                part.process.wait()

    def _start(self, part: Part) -> None:
        part.process = subprocess.Popen(
            part.command,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        part.started_at = self.clock()
        part.start_again_at = 0.0

    def _after_death(self, part: Part) -> None:
        now = self.clock()
        if not part.start_again_at:
            if now - part.started_at > CALM_AFTER:
                part.wait = SHORTEST_WAIT
            code = part.process.returncode if part.process is not None else None
            log.error("part ended: %s code=%s, again in %.0f s", part.name, code, part.wait)
            part.start_again_at = now + part.wait
            part.wait = min(part.wait * 2, LONGEST_WAIT)
        elif now >= part.start_again_at:
            self._start(part)


def our_command(*words: str) -> list[str]:
    """The command line that runs a `sapa` command with this same Python."""
    return [sys.executable, "-m", "bot.cli", *words]


def _signal(part: Part, number: signal.Signals) -> None:
    """To the whole family of the part: it may have children of its own."""
    if part.process is None or part.process.poll() is not None:
        return
    try:
        os.killpg(part.process.pid, number)
    except ProcessLookupError:
        return


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(SIGNAL_ON_PARENT_DEATH, signal.SIGTERM)
