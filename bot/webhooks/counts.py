"""Counts: how many webhooks came and what was done with them, since this process started."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping


class Counts:
    """Counters shared by the threads of one process; several processes each count their own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counter: Counter[str] = Counter()

    def add(self, name: str) -> None:
        with self._lock:
            self._counter[name] += 1

    def snapshot(self) -> Mapping[str, int]:
        with self._lock:
            return dict(self._counter)


webhook_counts = Counts()
