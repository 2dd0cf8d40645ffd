"""Killing: SIGKILL to web and workers at moments that the seed decides, and a new start each time."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.twilio_fake.running import SapaWithFake

STARTING_SECONDS = 3.0
"""About how long a process needs until it works, on two cores with much to do."""
LONGEST_LIFE = 60.0
READY_WITHIN = 60.0


def lives_of(seed: int, name: str, *, count: int, seconds: float) -> tuple[float, ...]:
    """How long each life of this process lasts once it works: mostly short, now and then long."""
    dice = random.Random(f"{seed}:lives:{name}")
    mean = max(0.5, seconds / max(count, 1) - STARTING_SECONDS)
    return tuple(min(LONGEST_LIFE, dice.expovariate(1 / mean)) for _ in range(count))


@dataclass
class Killing:
    """One thread per process: lets it live so long, kills it, starts it again."""

    sapa: SapaWithFake
    lives: dict[str, tuple[float, ...]]
    kills: list[tuple[float, str]] = field(default_factory=list)
    """(seconds after the beginning, name)"""
    not_started: list[str] = field(default_factory=list)

    def start(self) -> None:
        self._began = time.monotonic()
        self._threads = [
            threading.Thread(target=self._kill, args=(name,), name=f"kill-{name}", daemon=True) for name in self.lives
        ]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait for the last kill, and for the life after it to begin; raises AssertionError when one did not."""
        for thread in self._threads:
            thread.join()
        assert not self.not_started, "\n".join(self.not_started)

    def counts(self) -> Counter[str]:
        return Counter(name for _, name in self.kills)

    def _kill(self, name: str) -> None:
        for life in self.lives[name]:
            if not self._is_ready_in_time(name):
                return
            time.sleep(life)
            self.sapa.kill(name)
            self.kills.append((time.monotonic() - self._began, name))
            self.sapa.start_again(name)
        self._is_ready_in_time(name)

    def _is_ready_in_time(self, name: str) -> bool:
        """Wait until it works; one that ends by itself is started again, as the supervisor does."""
        end = time.monotonic() + READY_WITHIN
        while not self.sapa.is_ready(name):
            if time.monotonic() > end:
                self.not_started.append(f"{name} did not start:\n{self.sapa.log_of(name)[-2000:]}")
                return False
            if self.sapa.processes[name].poll() is not None:
                time.sleep(1.0)
                self.sapa.start_again(name)
            time.sleep(0.1)
        return True


def lives_for(seed: int, *, workers: int, kills: int, seconds: float) -> dict[str, tuple[float, ...]]:
    """Two kills of five for the web, the others for the workers."""
    names = ["worker", *(f"worker-{number}" for number in range(2, workers + 1))]
    of_web = round(kills * 0.4)
    shares = [(kills - of_web) // workers + (number < (kills - of_web) % workers) for number in range(workers)]
    counts = {"web": of_web} | dict(zip(names, shares, strict=True))
    return {name: lives_of(seed, name, count=count, seconds=seconds) for name, count in counts.items()}
