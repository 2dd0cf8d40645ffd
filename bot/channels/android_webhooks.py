"""Android webhooks: the gateway is told where to report what its phone receives and sends, once per event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.channels.android_forms import EVENTS
from bot.channels.android_http import AndroidHttp, Answer, NoAnswer, Unreachable

WEBHOOK_PATH = "/webhooks/android/sms"
ONLY_SECURE = (
    "the app reports to https:// addresses only, or to http://127.0.0.1 "
    "(a phone on this machine's USB port, with `adb reverse tcp:PORT tcp:PORT`)"
)


class NotRegistered(Exception):
    """The gateway was not told, or not of everything; the text says why and what to do."""


@dataclass(frozen=True)
class Step:
    """What was done about one event."""

    event: str
    done: str
    """registered, moved here, there already, or removed: the same event at another place of ours."""


def webhook_address(base_url: str) -> str:
    """Where the phone reports to under this address of ours; raises NotRegistered where no phone would."""
    parts = urlsplit(base_url.rstrip("/"))
    is_usable = parts.scheme == "https" and bool(parts.hostname)
    if not is_usable and not (parts.scheme == "http" and parts.hostname == "127.0.0.1"):
        raise NotRegistered(f"{base_url}: {ONLY_SECURE}")
    return base_url.rstrip("/") + WEBHOOK_PATH


def register_webhooks(http: AndroidHttp, address: str) -> tuple[Step, ...]:
    """Tell the gateway of every event, under ids of ours: a second time changes nothing. Raises NotRegistered.

    Two registrations of one event would bring every SMS twice, under two ids: what an earlier address or a try by
    hand left behind is removed.
    """
    known = list_webhooks(http)
    return tuple(step for event in EVENTS for step in _register(http, known, event, address))


def missing_events(known: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The events of which the gateway does not tell us."""
    told = {hook.get("event") for hook in known if _is_ours(hook)}
    return tuple(event for event in EVENTS if event not in told)


def list_webhooks(http: AndroidHttp) -> list[Mapping[str, Any]]:
    """What the gateway is told to report, and where; raises NotRegistered."""
    answer = _call(http, "GET", "/webhooks")
    if not isinstance(answer.body, list):
        raise NotRegistered("the gateway's list of webhooks cannot be read: check SAPA_ANDROID_URL")
    return [hook for hook in answer.body if isinstance(hook, dict)]


def _register(http: AndroidHttp, known: list[Mapping[str, Any]], event: str, address: str) -> Iterator[Step]:
    own_id = f"sapa-{event.replace(':', '-')}"
    before = next((hook for hook in known if hook.get("id") == own_id), None)
    if before is not None and (before.get("event"), before.get("url")) == (event, address):
        yield Step(event, "there already")
    else:
        _call(http, "POST", "/webhooks", body={"id": own_id, "event": event, "url": address})
        yield Step(event, "registered" if before is None else "moved here")
    for hook in known:
        if hook.get("event") == event and hook.get("id") not in (None, own_id) and _is_ours(hook):
            _call(http, "DELETE", f"/webhooks/{hook['id']}")
            yield Step(event, "removed")


def _is_ours(hook: Mapping[str, Any]) -> bool:
    return str(hook.get("url", "")).rstrip("/").endswith(WEBHOOK_PATH)


def _call(http: AndroidHttp, method: str, path: str, *, body: Mapping[str, Any] | None = None) -> Answer:
    try:
        answer = http.call(method, path, body=body)
    except (Unreachable, NoAnswer) as error:
        raise NotRegistered("the gateway does not answer: is the phone on, is SAPA_ANDROID_URL right?") from error
    if answer.is_login_refused:
        raise NotRegistered("the gateway refuses the login: check SAPA_ANDROID_USERNAME and SAPA_ANDROID_PASSWORD")
    if not answer.is_ok:
        said = answer.body.get("message") if isinstance(answer.body, dict) else None
        raise NotRegistered(f"the gateway says {answer.status} to {method} {path}{f': {said}' if said else ''}")
    return answer
