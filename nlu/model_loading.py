"""Lets a running parser take another model while it goes on answering, and asks it which one it serves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import httpx

# Measured: 1 to 6 s, the longest on a busy machine; the old model answers meanwhile (nlu/components/aside.py).
LOADED_WITHIN = 60.0
ANSWERS_WITHIN = 5.0


class NotLoaded(Exception):
    """The parser did not take the model and serves the one it had; the text says why."""


@dataclass(frozen=True)
class Serving:
    """What a parser says of itself: its model's file name, or that it is locked for our token."""

    model: str = ""
    is_locked: bool = False


def ask_serving(*, url: str, token: str, timeout: float = ANSWERS_WITHIN) -> Serving | None:
    """Which model a parser serves; None when nobody answers there."""
    try:
        answer = httpx.get(f"{url}/status", params={"token": token}, timeout=timeout, trust_env=False)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            return Serving(is_locked=True)
        return Serving(str(answer.json()["model_file"])) if answer.status_code == httpx.codes.OK else None
    except (httpx.HTTPError, KeyError, TypeError, ValueError):
        return None


def load_model(*, url: str, token: str, model: Path) -> None:
    """Let the parser take this model and make sure that it has; a second call does nothing. Raises NotLoaded.

    Rasa reads the file first and takes it only when it is sound, so a broken one leaves the old one serving.
    """
    name = model.name
    if ask_serving(url=url, token=token) == Serving(name):
        return
    try:
        answer = httpx.put(
            f"{url}/model",
            params={"token": token},
            json={"model_file": str(model.absolute())},
            timeout=LOADED_WITHIN,
            trust_env=False,
        )
    except httpx.HTTPError as problem:
        raise NotLoaded(f"the parser did not answer ({type(problem).__name__})") from problem
    if answer.status_code not in (httpx.codes.OK, httpx.codes.NO_CONTENT):
        raise NotLoaded(f"the parser cannot load {name} (HTTP {answer.status_code})")
    if ask_serving(url=url, token=token) != Serving(name):
        raise NotLoaded(f"the parser took {name}, but does not say that it serves it")
