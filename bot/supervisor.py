"""The supervisor: starts the parts of Sapa, starts again what dies, and ends all of them together."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

SHORTEST_WAIT = 1.0
LONGEST_WAIT = 60.0
CALM_AFTER = 60.0
END_WITHIN = 10.0
HANGS_AFTER = 60.0
LISTEN_SECONDS = 5.0
SILENT_LOOKS = 3
"""So many looks in a row must find a part silent: after a laptop's sleep every sign of life is old for a moment."""
SIGNAL_ON_PARENT_DEATH = 1  # PR_SET_PDEATHSIG


@dataclass
class Part:
    """One process of Sapa and what is known of its life."""

    name: str
    command: list[str]
    silence: Callable[[], float | None] | None = None
    """Asks how many seconds ago it last said that it lives; None: nobody can say."""
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    wait: float = SHORTEST_WAIT
    start_again_at: float = 0.0
    silent_looks: int = 0


@dataclass
class Supervisor:
    """Keeps the parts running until it is told to stop."""

    parts: list[Part]
    environment: Mapping[str, str]
    clock: Callable[[], float] = time.monotonic
    is_stopping: bool = field(default=False)
    stopped: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Start every part that is not running."""
        for part in self.parts:
            self._start(part)
        if any(part.silence for part in self.parts):
            threading.Thread(target=self._listen_until_stopped, name="listen", daemon=True).start()

    def look(self) -> list[str]:
        """One look at all parts: ends what hangs, starts again what has died long enough ago; the names of the dead."""
        dead: list[str] = []
        for part in self.parts:
            if part.process is None or part.process.poll() is None:
                self._end_if_it_hangs(part)
                continue
            dead.append(part.name)
            self._after_death(part)
        return dead

    def stop(self) -> None:
        """Ask all parts to end, then end those that do not."""
        self.is_stopping = True
        self.stopped.set()
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

    def listen(self) -> None:
        """Ask every part that can be asked for its last sign of life."""
        for part in self.parts:
            if part.silence is None:
                continue
            seconds = part.silence()
            has_had_time = self.clock() - part.started_at > HANGS_AFTER
            is_silent = seconds is not None and seconds > HANGS_AFTER and has_had_time
            part.silent_looks = part.silent_looks + 1 if is_silent else 0

    def _listen_until_stopped(self) -> None:
        """In a thread: a database that does not answer must not keep us from looking after the parts."""
        while not self.stopped.wait(LISTEN_SECONDS):
            self.listen()

    def _end_if_it_hangs(self, part: Part) -> None:
        if part.silent_looks < SILENT_LOOKS:
            return
        log.error("part hangs, ended to be started again part=%s", part.name)
        part.silent_looks = 0
        _signal(part, signal.SIGKILL)

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
        part.silent_looks = 0

    def _after_death(self, part: Part) -> None:
        now = self.clock()
        if not part.start_again_at:
            if now - part.started_at > CALM_AFTER:
                part.wait = SHORTEST_WAIT
            code = part.process.returncode if part.process is not None else None
            log.error("part ended part=%s code=%s again_in_seconds=%.0f", part.name, code, part.wait)
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
