"""Asks the Rasa server what a message means; answers None, never an error, when it cannot."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

import httpx

from nlu.understanding import ENTITIES, INTENTS, Entity

# Below this the reading is a guess: ask again or offer the menu, start nothing. Measured in docs/nlu.md.
MODEL_THRESHOLD = 0.2
LONGEST_TEXT = 400
FAILURES_UNTIL_PAUSE = 3
PAUSE_SECONDS = 5.0
COMMAND_SIGN = re.compile(r"^[\s/]+")


class _Unreadable(Exception):
    """The server answered something that is not a reading."""


@dataclass(frozen=True)
class ModelReading:
    """What the model makes of a message; `ranking` begins with the intent itself.

    `danger` is how likely the message tells of danger now, from 0 to 1, by a part of the model that looks for
    nothing else; None when the model has no such part.
    """

    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    entities: tuple[Entity, ...]
    danger: float | None = None


def prepare(text: str) -> str | None:
    """The text as the model may see it, or None when there is nothing to read.

    Rasa obeys "/intent" as a command, so leading slashes go; a long text would block everybody, so it is cut
    between two words; emoji and digits alone would be read as "yes", so they are not sent.
    """
    whole = COMMAND_SIGN.sub("", text.encode("utf-8", "ignore").decode("utf-8")).strip()
    if len(whole) > LONGEST_TEXT:
        head, space, _ = whole[: LONGEST_TEXT + 1].rpartition(" ")
        whole = head if space else whole[:LONGEST_TEXT]
    return whole if any(sign.isalpha() for sign in whole) else None


class ParserClient:
    """One per process: keeps connections, may be used by several threads at once."""

    def __init__(
        self,
        *,
        url: str,
        token: str,
        connect_timeout: float = 0.2,
        read_timeout: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._token = token
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._paused_until = 0.0
        # trust_env: a proxy for the internet must not catch what goes to loopback.
        self._http = httpx.Client(
            base_url=url, timeout=httpx.Timeout(read_timeout, connect=connect_timeout), trust_env=False
        )

    def parse(self, text: str) -> ModelReading | None:
        """The model's reading, or None: nothing to read, no server, too slow, or a pause after failures."""
        prepared = prepare(text)
        if prepared is None or not self._may_try():
            return None
        try:
            reading = self._ask(prepared)
        except (httpx.HTTPError, _Unreadable):
            self._note_failure()
            return None
        self._note_success()
        return reading

    def is_available(self) -> bool:
        """Whether the server answers, has a model and accepts our token; asks even during a pause."""
        try:
            return self._http.get("/status", params={"token": self._token}).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def model_name(self) -> str | None:
        """The name of the model that the server reads with; None when it does not say."""
        try:
            told = self._http.get("/status", params={"token": self._token}).raise_for_status().json()
            return PurePath(str(told["model_file"])).name.removesuffix(".tar.gz")
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return None

    def close(self) -> None:
        self._http.close()

    def _ask(self, text: str) -> ModelReading:
        answer = self._http.post("/model/parse", params={"token": self._token}, json={"text": text})
        answer.raise_for_status()
        try:
            return _reading(answer.json(), text)
        except (KeyError, TypeError, ValueError) as problem:
            raise _Unreadable from problem

    def _may_try(self) -> bool:
        with self._lock:
            if self._failures < FAILURES_UNTIL_PAUSE:
                return True
            now = self._clock()
            if now < self._paused_until:
                return False
            # One caller tries after the pause; the others need not wait to hear that it is still down.
            self._paused_until = now + PAUSE_SECONDS
            return True

    def _note_failure(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES_UNTIL_PAUSE:
                self._paused_until = self._clock() + PAUSE_SECONDS

    def _note_success(self) -> None:
        with self._lock:
            self._failures = 0


def _reading(answer: Mapping[str, object], text: str) -> ModelReading:
    ranking = tuple(_ranked(each) for each in _list(answer["intent_ranking"]))
    if not ranking:
        raise ValueError("no intent")
    intent, confidence = ranking[0]
    found = (_entity(each, text) for each in _list(answer.get("entities", [])))
    entities = tuple(each for each in found if each.entity in ENTITIES)
    danger = answer.get("danger")
    return ModelReading(intent, confidence, ranking, entities, None if danger is None else float(str(danger)))


def _list(value: object) -> list[Mapping[str, object]]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def _ranked(row: Mapping[str, object]) -> tuple[str, float]:
    intent, confidence = str(row["name"]), float(str(row["confidence"]))
    if intent not in INTENTS:
        raise ValueError("an intent that we do not know")
    return intent, confidence


def _entity(row: Mapping[str, object], text: str) -> Entity:
    start, end = int(str(row["start"])), int(str(row["end"]))
    return Entity(entity=str(row["entity"]), value=str(row["value"]), raw=text[start:end])
