"""Counts: how many webhooks came and what was done with them, since this process started; /metrics shows them too."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

from bot import metrics


class Counts:
    """Counters shared by the threads of one process; /metrics adds up those of all processes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counter: Counter[str] = Counter()

    def add(self, name: str, *, source: str = "twilio") -> None:
        """One more webhook of this source (twilio, android) that ended so; both are words of our own code."""
        with self._lock:
            self._counter[name] += 1
        metrics.webhook(source, name)

    def snapshot(self) -> Mapping[str, int]:
        """What this process has counted, of all sources together."""
        with self._lock:
            return dict(self._counter)


webhook_counts = Counts()
