"""Faults: what the pretended carrier may be told to do wrong, for tests and for trying things out."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Fault:
    """One way to fail; `times` requests long, None for all."""

    times: int | None = None
    delay_seconds: float = 0.0
    """The answer takes so long."""
    status: int | None = None
    """Refuse with this HTTP status ..."""
    code: int | None = None
    """... and this Twilio error code."""
    retry_after: int | None = None
    hang_seconds: float = 0.0
    """Take the message, then answer only after so long: the caller gives up first."""
    final_status: str | None = None
    """What becomes of a message that was taken, instead of delivered ..."""
    final_code: int | None = None
    """... and the error code told with it."""


class Faults:
    """The fault in force, shared by the threads of one process."""

    def __init__(self, fault: Fault | None = None) -> None:
        self._fault = fault
        self._lock = threading.Lock()

    def set(self, fault: Fault | None) -> None:
        with self._lock:
            self._fault = fault

    def take(self) -> Fault:
        """The fault for the request at hand; counts it."""
        with self._lock:
            fault = self._fault
            if fault is None or fault.times == 0:
                return Fault()
            if fault.times is not None:
                self._fault = replace(fault, times=fault.times - 1)
            return fault


def read_fault(form: Mapping[str, str]) -> Fault:
    """A fault from a form or query; fields that are absent keep their harmless value; raises ValueError."""

    def number(name: str) -> int | None:
        return int(form[name]) if form.get(name) else None

    return Fault(
        times=number("times"),
        delay_seconds=float(form.get("delay_seconds", 0)),
        status=number("status"),
        code=number("code"),
        retry_after=number("retry_after"),
        hang_seconds=float(form.get("hang_seconds", 0)),
        final_status=form.get("final_status") or None,
        final_code=number("final_code"),
    )
