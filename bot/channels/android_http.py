"""The Android gateway over HTTP: the phone in the LAN or its server, with time limits and plain answers."""

from __future__ import annotations

import ipaddress
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

log = logging.getLogger(__name__)
# httpx names every address it calls at INFO; ours hold no numbers, but one line per message says nothing either.
logging.getLogger("httpx").setLevel(logging.WARNING)

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
"""An old phone wakes slowly. Two calls in a row stay below delivery's lease of 60 seconds."""
MAX_CONNECTIONS = 8
OLD_MESSAGES = "/message"
"""At the end of the configured address: an app so old that it knows `message` only, not `messages`."""
NOTHING_WAS_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class Unreachable(Exception):
    """Nobody is there; nothing was handed over."""


class NoAnswer(Exception):
    """The call broke off: it may have arrived."""


@dataclass(frozen=True)
class Answer:
    """What the gateway said: the HTTP status, the JSON (None when it is none), and its own time."""

    status: int
    body: Any
    at: datetime | None

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_login_refused(self) -> bool:
        return self.status in (401, 403)


class AndroidHttp:
    """Calls of the gateway's API. Thread-safe; one per process keeps its connections open."""

    def __init__(
        self,
        url: str,
        *,
        username: str,
        password: str,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        url = url.rstrip("/")
        self.is_old = url.endswith(OLD_MESSAGES)
        self._base = url.removesuffix(OLD_MESSAGES)
        self.messages = OLD_MESSAGES if self.is_old else "/messages"
        self._http = httpx.Client(
            auth=(username, password),
            headers=dict(headers or {}),
            timeout=httpx.Timeout(read_seconds, connect=connect_seconds),
            limits=httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS),
            follow_redirects=False,
            # A phone in the LAN is never behind the proxy that the way to the internet may need.
            trust_env=not is_near(url),
        )

    def call(
        self, method: str, path: str, *, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> Answer:
        """One call; raises Unreachable or NoAnswer, gives every HTTP answer back as it is."""
        try:
            answer = self._http.request(method, self._base + path, json=body, params=query)
        except NOTHING_WAS_SENT as error:
            raise Unreachable(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise NoAnswer(type(error).__name__) from error
        return Answer(status=answer.status_code, body=_json(answer.content), at=_date(answer.headers.get("Date", "")))

    def close(self) -> None:
        self._http.close()


def is_near(url: str) -> bool:
    """True for this machine and the LAN."""
    host = urlsplit(url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith((".local", ".lan", ".home.arpa"))
    return address.is_private or address.is_loopback or address.is_link_local


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _date(header: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
