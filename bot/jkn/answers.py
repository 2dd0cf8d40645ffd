"""Answers: the envelope that Mobile JKN knows, and every sentence it may get, read from messages.yml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml
from flask import Response, jsonify

DONE, REFUSED, UNKNOWN_PERSON = 200, 201, 202
HTTP_REFUSED = 201
"""Two of the three systems that serve Mobile JKN answer so, and none lets it read the status (docs/bpjs.md)."""
HTTP_TOO_MANY, HTTP_BUSY = 429, 503

MESSAGES: Mapping[str, str] = yaml.safe_load(Path(__file__).with_name("messages.yml").read_text(encoding="utf-8"))

Reply = Mapping[str, object] | Sequence[Mapping[str, object]]


class Refused(Exception):
    """The request is not granted: `key` names the sentence in messages.yml, `code` is 201 or 202."""

    def __init__(self, key: str, *, code: int = REFUSED, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.code = code
        self.message = words(key, **values)


def words(key: str, **values: object) -> str:
    """The sentence of this key, filled in."""
    return MESSAGES[key].format(**values)


def granted(response: Reply | None = None) -> Response:
    """What was asked for."""
    metadata = {"message": words("done"), "code": DONE}
    return jsonify({"metadata": metadata} if response is None else {"response": response, "metadata": metadata})


def refused(refusal: Refused) -> Response:
    """Why not; the patient reads the message."""
    answer = jsonify({"metadata": {"message": refusal.message, "code": refusal.code}})
    answer.status_code = HTTP_REFUSED if refusal.code == REFUSED else 200
    return answer


def broken_off(key: str, *, status: int, retry_after: int) -> Response:
    """Too many calls, or our database is busy: nothing was done, and the same call may come again."""
    answer = jsonify({"metadata": {"message": words(key), "code": REFUSED}})
    answer.status_code = status
    answer.headers["Retry-After"] = str(retry_after)
    return answer
