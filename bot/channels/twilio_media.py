"""Twilio media: the pictures and sounds that patients send, fetched from where Twilio keeps them and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
MOST_REDIRECTS = 3
API_HOST = "api.twilio.com"
STORES = (".twilio.com", ".twiliocdn.com")
"""Where Twilio's own hosts send us on to."""
BUCKETS = ("s3.amazonaws.com", "s3-external-1.amazonaws.com")
BUCKET_PATH = "/media.twiliocdn.com/"
CHUNK = 64 * 1024


class MediaRefused(Exception):
    """It cannot be had: no address of Twilio's, gone, too large. The text says which."""


@dataclass(frozen=True)
class TwilioMedia:
    """Fetches with the account's keys; `base_url` is the stand-in that plays Twilio, where there is one."""

    account_sid: str
    auth_token: str
    base_url: str | None = None

    def may_fetch(self, address: str) -> bool:
        """Whether the address is one that our provider hands out: nothing else is ever asked, whoever wrote it down."""
        parts = urlsplit(address)
        if self.base_url is not None:
            base = urlsplit(self.base_url)
            same_host = (parts.scheme, parts.netloc) == (base.scheme, base.netloc)
            return same_host and parts.path.startswith(f"{base.path.rstrip('/')}/2010-04-01/Accounts/")
        return parts.scheme == "https" and parts.netloc == API_HOST and parts.path.startswith("/2010-04-01/Accounts/")

    @contextmanager
    def open(self, address: str, *, largest: int) -> Iterator[tuple[str, Iterator[bytes]]]:
        """What it says it is, and its bytes as they come; raises MediaRefused, also while the bytes are read."""
        if not self.may_fetch(address):
            raise MediaRefused("foreign")
        timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        with httpx.Client(timeout=timeout, follow_redirects=False, trust_env=self.base_url is None) as http:
            answer = self._follow(http, address)
            try:
                if answer.status_code != httpx.codes.OK:
                    raise MediaRefused("gone" if answer.status_code in (404, 410) else "unreachable")
                kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                yield kind, _limited(answer, largest)
            finally:
                answer.close()

    def _follow(self, http: httpx.Client, address: str) -> httpx.Response:
        """The keys go to Twilio's API alone; the store it sends us on to has its own signature in the address."""
        keys: tuple[str, str] | None = (self.account_sid, self.auth_token)
        for _ in range(MOST_REDIRECTS + 1):
            try:
                answer = http.send(http.build_request("GET", address), auth=keys, stream=True)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise MediaRefused("unreachable") from error
            if not answer.is_redirect:
                return answer
            answer.close()
            address = urljoin(address, answer.headers.get("Location", ""))
            if not (self.may_fetch(address) or (self.base_url is None and _is_store(address))):
                raise MediaRefused("foreign")
            keys = keys if self.may_fetch(address) else None
        raise MediaRefused("unreachable")


def _is_store(address: str) -> bool:
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme != "https" or parts.port not in (None, 443):
        return False
    return host.endswith(STORES) or (host in BUCKETS and parts.path.startswith(BUCKET_PATH))


def _limited(answer: httpx.Response, largest: int) -> Iterator[bytes]:
    if int(answer.headers.get("Content-Length") or 0) > largest:
        raise MediaRefused("too_large")
    came = 0
    try:
        for chunk in answer.iter_bytes(CHUNK):
            came += len(chunk)
            if came > largest:
                raise MediaRefused("too_large")
            yield chunk
    except httpx.HTTPError as error:
        raise MediaRefused("unreachable") from error
