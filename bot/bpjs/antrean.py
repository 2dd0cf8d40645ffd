"""BPJS' antrean service: tells it of numbers taken, called and given back, and asks what it knows of us."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import httpx

from bot.bpjs.answers import BpjsAnswer, read_answer
from bot.bpjs.sealed import NotOpened, open_sealed
from bot.bpjs.signing import BpjsKeys, antrean_keys, timestamp_of
from bot.settings import Settings

CONNECT_SECONDS, READ_SECONDS = 3.0, 8.0
NOTHING_WAS_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
PATHS = {"add": "antrean/add", "panggil": "antrean/panggil", "batal": "antrean/batal"}
NOT_THERE = "201"
"""To a question: nobody is there on that day, which is no error."""


@dataclass(frozen=True)
class PoliAtBpjs:
    """A poli that BPJS has of this health centre."""

    code: str
    name: str


@dataclass(frozen=True)
class DoctorAtBpjs:
    """A doctor whom BPJS has in a poli on a day."""

    code: int
    name: str
    hours: str


class AntreanClient:
    """Calls of the service, each with a time limit; thread-safe, one per process."""

    def __init__(
        self,
        url: str,
        keys: BpjsKeys,
        *,
        clock: Callable[[], datetime],
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self.url = url.rstrip("/")
        self.keys = keys
        self._clock = clock
        timeout = httpx.Timeout(read_seconds, connect=connect_seconds)
        self._http = httpx.Client(timeout=timeout, follow_redirects=False)

    def tell(self, kind: str, body: Mapping[str, object]) -> BpjsAnswer:
        """add, panggil or batal; never raises."""
        return self._call("POST", PATHS[kind], body=body)

    def polis(self, day: date) -> tuple[BpjsAnswer, tuple[PoliAtBpjs, ...]]:
        """The polis that BPJS has of us on that day; none with a code 201 where it is closed."""
        answer = self._call("GET", f"ref/poli/tanggal/{day.isoformat()}")
        rows = _rows(answer.content)
        return _none_is_fine(answer), tuple(PoliAtBpjs(_text(row, "kodepoli"), _text(row, "namapoli")) for row in rows)

    def doctors(self, poli_code: str, day: date) -> tuple[BpjsAnswer, tuple[DoctorAtBpjs, ...]]:
        """The doctors whom BPJS has in that poli on that day."""
        answer = self._call("GET", f"ref/dokter/kodepoli/{poli_code}/tanggal/{day.isoformat()}")
        rows = [row for row in _rows(answer.content) if _text(row, "kodedokter").isdigit()]
        doctors = (
            DoctorAtBpjs(int(_text(row, "kodedokter")), _text(row, "namadokter"), _text(row, "jampraktek"))
            for row in rows
        )
        return _none_is_fine(answer), tuple(doctors)

    def close(self) -> None:
        self._http.close()

    def _call(self, method: str, path: str, *, body: Mapping[str, object] | None = None) -> BpjsAnswer:
        timestamp = timestamp_of(self._clock())
        headers = {**self.keys.headers(timestamp), "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        try:
            reply = self._http.request(method, f"{self.url}/{path}", content=content, headers=headers)
        except NOTHING_WAS_SENT as error:
            return BpjsAnswer("retry", "unreachable", type(error).__name__)
        except httpx.HTTPError as error:
            return BpjsAnswer("unknown", "no-answer", type(error).__name__)
        answer = read_answer(reply.status_code, reply.content)
        return answer if method == "POST" else self._opened(answer, timestamp)

    def _opened(self, answer: BpjsAnswer, timestamp: str) -> BpjsAnswer:
        """The answer to a question is sealed only sometimes."""
        if answer.meaning != "accepted" or not isinstance(answer.content, str) or not answer.content:
            return answer
        try:
            return replace(answer, content=open_sealed(answer.content, self.keys.answer_key(timestamp)))
        except NotOpened as error:
            return BpjsAnswer("unknown", "sealed", str(error))


def open_antrean(settings: Settings, *, clock: Callable[[], datetime]) -> AntreanClient | None:
    """The service as the environment names it; None where it names none."""
    if not settings.has_bpjs or settings.bpjs_antrean_url is None:
        return None
    return AntreanClient(settings.bpjs_antrean_url, antrean_keys(settings), clock=clock)


def _none_is_fine(answer: BpjsAnswer) -> BpjsAnswer:
    return replace(answer, meaning="accepted", content=None) if answer.code == NOT_THERE else answer


def _rows(content: Any) -> Iterator[Mapping[str, Any]]:
    """`list` inside an object, or a bare list."""
    rows = content.get("list") if isinstance(content, dict) else content
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            yield row


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).strip()
