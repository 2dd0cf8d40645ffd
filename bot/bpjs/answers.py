"""Answers of BPJS: what each of the many shapes of a reply means for us."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Meaning = Literal["accepted", "refused", "retry", "stop", "unknown"]
"""accepted; refused: no use asking again; retry: nothing was done; stop: our keys; unknown: perhaps done."""

ACCEPTED = ("1", "200")
STOP_CODES = ("401",)
RETRY_CODES = ("408", "424", "429", "500", "502", "503", "504")
NOTHING_WAS_DONE = (408, 429, 503)
LOGIN_WORDS = "authentication failed"
SIGNATURE_WORDS = "signature"
LONGEST_MESSAGE = 300


@dataclass(frozen=True)
class BpjsAnswer:
    """What came of one call; `content` is the opened `response` of a question."""

    meaning: Meaning
    code: str
    message: str = ""
    content: Any = None


def read_answer(status: int, body: bytes) -> BpjsAnswer:
    """What the reply means, `response` still sealed.

    The code in the metadata decides; where there is none (HTML, plain text, an empty body) the HTTP status does.
    """
    text = body.decode("utf-8", "replace").strip()
    said = _json(text)
    metadata = _metadata(said)
    if status == 401 or text[: len(LOGIN_WORDS)].casefold() == LOGIN_WORDS:
        return BpjsAnswer("stop", "401", _message(metadata) or text[:LONGEST_MESSAGE])
    if metadata is None:
        return _without_metadata(status, said)
    code, message = _code(metadata), _message(metadata)
    return BpjsAnswer(_meaning(code, message), code, message, said.get("response"))


def _meaning(code: str, message: str) -> Meaning:
    if code in ACCEPTED:
        return "accepted"
    if code in STOP_CODES or (code == "400" and SIGNATURE_WORDS in message.casefold()):
        return "stop"
    return "retry" if code in RETRY_CODES else "refused"


def _without_metadata(status: int, said: Any) -> BpjsAnswer:
    """A gateway's page, half a reply, or a field error without its envelope."""
    if isinstance(said, dict) and "field" in said:
        return BpjsAnswer("refused", "412", str(said.get("message") or "")[:LONGEST_MESSAGE])
    if status in NOTHING_WAS_DONE:
        return BpjsAnswer("retry", str(status))
    if 200 <= status < 300 or status >= 500:
        return BpjsAnswer("unknown", f"http-{status}")
    return BpjsAnswer("refused" if 400 <= status < 500 else "retry", f"http-{status}")


def _metadata(said: Any) -> Mapping[str, Any] | None:
    """`metadata`, `metaData`, and whatever other capitals there are."""
    if not isinstance(said, dict):
        return None
    return next((each for name, each in said.items() if name.lower() == "metadata" and isinstance(each, dict)), None)


def _code(metadata: Mapping[str, Any]) -> str:
    value = next((each for name, each in metadata.items() if name.lower() == "code"), None)
    if isinstance(value, bool) or not isinstance(value, int | str):
        return "0"
    return str(value).strip()[:16] or "0"


def _message(metadata: Mapping[str, Any] | None) -> str:
    found = next((each for name, each in (metadata or {}).items() if name.lower() == "message"), None)
    return str(found).strip()[:LONGEST_MESSAGE] if found is not None else ""


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
