"""Writing: patients' messages on their way to the webhook, each sent again until it is confirmed, as Twilio may."""

from __future__ import annotations

import heapq
import secrets
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.chaos.script import Patient
from tests.twilio_fake.running import SapaWithFake

THREADS = 12
GIVES_UP_AFTER = 90.0


@dataclass(frozen=True)
class SentIn:
    """One message of a patient and when the webhook confirmed it."""

    patient: Patient
    place: int
    """Which of the patient's texts."""
    sid: str
    confirmed_after: float | None
    """Seconds until the webhook said 200; None: never."""

    @property
    def text(self) -> str:
        return self.patient.texts[self.place]


@dataclass
class Writing:
    """Sends what these patients write, at its time; one message of a patient after the other."""

    sapa: SapaWithFake
    patients: Iterable[Patient]
    sent: list[SentIn] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting = [(patient.at[0], number, 0, patient) for number, patient in enumerate(self.patients)]
        heapq.heapify(self._waiting)
        self._running = 0

    def run(self) -> tuple[SentIn, ...]:
        """Send everything; comes back when the last one is confirmed or given up."""
        self._began = time.monotonic()
        threads = [
            threading.Thread(target=self._work, name=f"patient-{number}", daemon=True) for number in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return tuple(self.sent)

    def _work(self) -> None:
        while (due := self._next()) is not None:
            _, number, place, patient = due
            sid = "SM" + secrets.token_hex(16)
            form = self.sapa.form(patient.texts[place], sender=patient.number, channel=patient.channel, sid=sid)
            took = self.sapa.post_until_taken(form, seconds=GIVES_UP_AFTER)
            with self._changed:
                self.sent.append(SentIn(patient, place, sid, took))
                self._running -= 1
                if place + 1 < len(patient.texts):
                    pause = patient.at[place + 1] - patient.at[place]
                    at = time.monotonic() - self._began + pause
                    heapq.heappush(self._waiting, (at, number, place + 1, patient))
                self._changed.notify_all()

    def _next(self) -> tuple[float, int, int, Patient] | None:
        with self._changed:
            while self._waiting or self._running:
                left = self._waiting[0][0] - (time.monotonic() - self._began) if self._waiting else None
                if left is not None and left <= 0:
                    self._running += 1
                    return heapq.heappop(self._waiting)
                self._changed.wait(left)
            return None
