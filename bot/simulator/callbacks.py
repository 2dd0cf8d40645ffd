"""Callbacks: tells the health centre what became of its messages, signed as Twilio signs, from a thread of its own."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from bot.channels.twilio_forms import SIGNATURE_HEADER, sign

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 15.0
TRIES = 3
PAUSE_SECONDS = 1.0


@dataclass(order=True, frozen=True)
class Callback:
    """One form to post, and when; equal times keep their order."""

    due: float
    number: int
    url: str = field(compare=False)
    form: Mapping[str, str] = field(compare=False)
    tries: int = field(compare=False, default=0)


class CallbackPoster:
    """Posts forms when they are due. The thread starts with the first form, so that it survives a fork."""

    def __init__(self, auth_token: str) -> None:
        self._auth_token = auth_token
        self._waiting: list[Callback] = []
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def post_later(self, url: str, form: Mapping[str, str], *, delay_seconds: float) -> None:
        self._add(Callback(time.monotonic() + delay_seconds, next(self._numbers), url, dict(form)))

    def _add(self, callback: Callback) -> None:
        with self._changed:
            heapq.heappush(self._waiting, callback)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="carrier-callbacks", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _next(self) -> Callback:
        with self._changed:
            while True:
                left = self._waiting[0].due - time.monotonic() if self._waiting else None
                if left is not None and left <= 0:
                    return heapq.heappop(self._waiting)
                self._changed.wait(left)

    def _run(self) -> None:
        with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False) as http:
            while True:
                self._post(http, self._next())

    def _post(self, http: httpx.Client, callback: Callback) -> None:
        signature = sign(url=callback.url, form=callback.form, auth_token=self._auth_token)
        try:
            answer = http.post(callback.url, data=dict(callback.form), headers={SIGNATURE_HEADER: signature})
            if answer.status_code < 500:
                return
        except httpx.HTTPError as error:
            log.info("callback not taken: %s", type(error).__name__)
        if callback.tries + 1 < TRIES:
            due = time.monotonic() + PAUSE_SECONDS
            self._add(Callback(due, next(self._numbers), callback.url, callback.form, callback.tries + 1))
