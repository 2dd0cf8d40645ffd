"""Findings: what `sapa check` says about one thing that it looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.services import Services

MARKS = {"ok": "ok  ", "warning": "look", "fault": "BAD "}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: ok, warning (works, but look) or fault (does not work)."""

    what: str
    level: str
    detail: str


Look = Callable[[Services], Iterator[Finding]]
