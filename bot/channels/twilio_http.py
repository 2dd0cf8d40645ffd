"""Twilio over HTTP: the official library's requests with time limits, our base address and typed failures."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
from twilio.http import HttpClient
from twilio.http.response import Response

from bot.channels import SendFailed, SendUnknown
from bot.channels.refusals import refusal

log = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
MAX_CONNECTIONS = 32
# httpx names every address it calls, and a list of messages carries the patient's number in its address.
logging.getLogger("httpx").setLevel(logging.WARNING)

NOTHING_WAS_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class TwilioHttp(HttpClient):
    """The transport under the official library. Thread-safe; one per process keeps its connections open.

    Raises SendFailed for every refusal, and SendUnknown where the request may have arrived without an answer.
    """

    def __init__(
        self,
        *,
        base_url: str | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(log, False, None)
        self._base = urlsplit(base_url.rstrip("/")) if base_url else None
        self._headers = dict(headers or {})
        self._http = httpx.Client(
            timeout=httpx.Timeout(read_seconds, connect=connect_seconds),
            limits=httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS),
            follow_redirects=False,
            # A stand-in on this machine is never behind the proxy that the way to the internet may need.
            trust_env=self._base is None or self._base.hostname not in ("127.0.0.1", "localhost", "::1"),
        )

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request of the library; what is not 2xx is raised here, typed."""
        try:
            answer = self._http.request(
                method,
                self._rebased(uri),
                params=_without_none(params),
                **_body(data, headers),
                headers={**(headers or {}), **self._headers},
                auth=auth,
            )
        except NOTHING_WAS_SENT as error:
            raise SendFailed("unreachable", action="retry") from error
        except httpx.HTTPError as error:
            raise SendUnknown(type(error).__name__) from error
        if not 200 <= answer.status_code < 300:
            raise refusal(status=answer.status_code, code=_error_code(answer), retry_after=_retry_after(answer))
        return Response(answer.status_code, answer.text, answer.headers)

    def close(self) -> None:
        self._http.close()

    def _rebased(self, uri: str) -> str:
        if self._base is None:
            return uri
        asked = urlsplit(uri)
        path = self._base.path + asked.path
        return urlunsplit((self._base.scheme, self._base.netloc, path, asked.query, ""))


def _body(data: Mapping[str, object] | None, headers: Mapping[str, str] | None) -> dict[str, Any]:
    """A form, as Twilio's older resources want it, or JSON where the headers say so."""
    is_json = (headers or {}).get("Content-Type", "").startswith("application/json")
    return {"json": _without_none(data)} if is_json and data is not None else {"data": _without_none(data)}


def _without_none(values: Mapping[str, object] | None) -> dict[str, Any]:
    return {name: value for name, value in (values or {}).items() if value is not None}


def _error_code(answer: httpx.Response) -> str | None:
    try:
        body = json.loads(answer.content)
    except ValueError:
        return None
    code = body.get("code") if isinstance(body, dict) else None
    return str(code) if code else None


def _retry_after(answer: httpx.Response) -> float | None:
    value = answer.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None
