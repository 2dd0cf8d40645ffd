"""Webhooks: the forms that Twilio posts to its customers, signed with the account's token, and who posts them."""

from __future__ import annotations

import heapq
import itertools
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpx
from twilio.request_validator import RequestValidator

from tests.twilio_fake.journal import Journal, Taken

SIGNATURE = "X-Twilio-Signature"
TIMEOUT_SECONDS = 15.0
TRIES = 2
"""Twilio comes a second time where no connection was to be had, and not after an answer."""
POSTERS = 12


def signed_headers(url: str, form: Mapping[str, str], token: str) -> dict[str, str]:
    """The header that proves the form comes from Twilio."""
    return {SIGNATURE: str(RequestValidator(token).compute_signature(url, dict(form)))}


def inbound_form(*, sid: str, sender: str, recipient: str, text: str, account_sid: str) -> dict[str, str]:
    """What Twilio posts for a patient's message; `sender` and `recipient` with "whatsapp:" for WhatsApp."""
    form = {
        "MessageSid": sid,
        "SmsSid": sid,
        "SmsMessageSid": sid,
        "AccountSid": account_sid,
        "From": sender,
        "To": recipient,
        "Body": text,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
    }
    if not sender.startswith("whatsapp:"):
        return form | {"FromCountry": "ID", "ToCountry": "ID"}
    metadata = json.dumps({"type": "whatsapp", "data": {"context": {}}})
    more = {"WaId": sender.removeprefix("whatsapp:+"), "ProfileName": "", "MessageType": "text"}
    return form | more | {"ReferralNumMedia": "0", "ChannelMetadata": metadata}


def status_form(taken: Taken, status: str, *, account_sid: str, error_code: int | None) -> dict[str, str]:
    """What Twilio posts when a message has moved on."""
    form = {
        "AccountSid": account_sid,
        "ApiVersion": "2010-04-01",
        "From": taken.sender,
        "To": taken.recipient,
        "MessageSid": taken.sid,
        "SmsSid": taken.sid,
        "MessageStatus": status,
        "SmsStatus": status,
    }
    if error_code:
        form["ErrorCode"] = str(error_code)
    if taken.recipient.startswith("whatsapp:"):
        form |= {"ChannelPrefix": "whatsapp", "ChannelToAddress": taken.number}
        if status in ("read", "delivered", "undelivered"):
            form["EventType"] = status.upper()
    elif status in ("delivered", "undelivered"):
        form["RawDlrDoneDate"] = time.strftime("%y%m%d%H%M", time.gmtime())
    return form


@dataclass(order=True, frozen=True)
class _Due:
    at: float
    number: int
    taken: Taken = field(compare=False)
    status: str = field(compare=False)
    tries: int = field(compare=False, default=0)


class StatusPoster:
    """Tells the customer what became of messages, when it is time; every try is noted in the journal."""

    def __init__(self, journal: Journal, *, account_sid: str, token: str, clock: Callable[[], float]) -> None:
        self._journal, self._account_sid, self._token, self._clock = journal, account_sid, token, clock
        self._waiting: list[_Due] = []
        self._busy = 0
        self._changed = threading.Condition()
        self._numbers = itertools.count()

    def start(self) -> None:
        for number in range(POSTERS):
            threading.Thread(target=self._run, name=f"poster-{number}", daemon=True).start()

    def tell(self, taken: Taken, steps: tuple[tuple[float, str], ...]) -> None:
        for after, status in steps if taken.status_callback else ():
            self._add(_Due(taken.taken_at + after, next(self._numbers), taken, status))

    def left(self) -> int:
        """How many are still to be told."""
        with self._changed:
            return len(self._waiting) + self._busy

    def _add(self, due: _Due) -> None:
        with self._changed:
            heapq.heappush(self._waiting, due)
            self._changed.notify()

    def _next(self) -> _Due:
        with self._changed:
            while True:
                left = self._waiting[0].at - self._clock() if self._waiting else None
                if left is not None and left <= 0:
                    self._busy += 1
                    return heapq.heappop(self._waiting)
                self._changed.wait(left)

    def _run(self) -> None:
        limits = httpx.Limits(keepalive_expiry=1.0)
        with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False, limits=limits) as http:
            while True:
                due = self._next()
                try:
                    self._post(http, due)
                finally:
                    with self._changed:
                        self._busy -= 1

    def _post(self, http: httpx.Client, due: _Due) -> None:
        code = due.taken.error_code if due.status in ("undelivered", "failed") else None
        form = status_form(due.taken, due.status, account_sid=self._account_sid, error_code=code)
        url, answered = str(due.taken.status_callback), None
        try:
            answered = http.post(url, data=form, headers=signed_headers(url, form, self._token)).status_code
        except httpx.HTTPError:
            if due.tries + 1 < TRIES:
                self._add(_Due(self._clock() + 3.0, next(self._numbers), due.taken, due.status, due.tries + 1))
        self._journal.add_callback(
            sid=due.taken.sid,
            status=due.status,
            error_code=code,
            at=self._clock(),
            answered=answered,
            body=urlencode(form),
        )
