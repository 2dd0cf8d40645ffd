"""Contents: Twilio's Content API, and which of its resources are ready for sending."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from bot.channels import SendFailed, SendUnknown
from bot.channels.choice_messages import Content
from bot.channels.twilio_http import TwilioHttp
from bot.settings import Settings
from clinic.content_templates import forget_sid, made_sids, note_made, note_wanted
from clinic.database import DATABASE_ERRORS, Database

log = logging.getLogger(__name__)

CONTENT_URL = "https://content.twilio.com/v1/Content"
PAGE_SIZE = 500
MOST_PAGES = 20
KNOWN_FOR = timedelta(seconds=30)
UNSUBMITTED = "unsubmitted"


class ContentError(Exception):
    """Twilio did not do what was asked of its Content API; the text says why."""


@dataclass(frozen=True)
class Approval:
    """What WhatsApp says of a template: unsubmitted, received, pending, approved, rejected, paused or disabled."""

    status: str
    reason: str | None = None


@dataclass(frozen=True)
class ContentApi:
    """The few calls that we need; each raises ContentError."""

    client: Client

    def known(self) -> dict[str, str]:
        """Friendly name -> id of everything that the account has."""
        found: dict[str, str] = {}
        address: str | None = f"{CONTENT_URL}?PageSize={PAGE_SIZE}"
        for _ in range(MOST_PAGES):
            page = self._ask("GET", address)
            for each in page.get("contents", ()):
                if each.get("friendly_name") and each.get("sid"):
                    found.setdefault(str(each["friendly_name"]), str(each["sid"]))
            address = (page.get("meta") or {}).get("next_page_url")
            if not address:
                break
        return found

    def make(self, content: Content) -> str:
        """Make the resource and give its id. Twilio allows the same name twice: look at `known` first."""
        made = self._ask("POST", CONTENT_URL, {"friendly_name": content.friendly_name, **content.definition})
        return _text(made, "sid")

    def submit(self, sid: str, *, name: str, category: str) -> Approval:
        """Ask WhatsApp to approve it as a template under this name (small letters, digits and _)."""
        given = {"name": name, "category": category}
        return _approval(self._ask("POST", f"{CONTENT_URL}/{sid}/ApprovalRequests/whatsapp", given))

    def approval(self, sid: str) -> Approval:
        """What became of the request."""
        return _approval(self._ask("GET", f"{CONTENT_URL}/{sid}/ApprovalRequests").get("whatsapp") or {})

    def _ask(self, method: str, address: str | None, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        headers = {"Accept": "application/json"} | ({"Content-Type": "application/json"} if given else {})
        try:
            answer = self.client.request(method, str(address), data=dict(given) if given else None, headers=headers)
            said = json.loads(answer.text)
        except (SendFailed, SendUnknown, TwilioException, ValueError) as error:
            raise ContentError(str(error) or type(error).__name__) from error
        if not isinstance(said, dict):
            raise ContentError("the answer is no object")
        return said


@dataclass
class ReadyContents:
    """Which resources there are, for sending; shared by the threads of a process.

    What is not there yet is noted as wanted, and the message goes as plain text meanwhile.
    """

    database: Database
    account: str
    clock: Callable[[], datetime]
    _sids: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)
    _wanted: set[tuple[str, str]] = field(default_factory=set, repr=False)
    _read_at: datetime | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def sid_of(self, content: Content) -> str | None:
        """The id at Twilio; None, and noted as wanted, while there is none."""
        now, place = self.clock(), (content.name, content.wording)
        with self._lock:
            self._read_again(now)
            sid = self._sids.get(place)
            if sid is None and place not in self._wanted:
                self._want(content, now)
            return sid

    def forget(self, sid: str) -> None:
        """Twilio does not know it any more."""
        with self._lock:
            self._sids = {place: kept for place, kept in self._sids.items() if kept != sid}
            try:
                with self.database.transaction() as db:
                    forget_sid(db, account=self.account, sid=sid)
            except DATABASE_ERRORS as error:
                log.warning("content not forgotten: %s", type(error).__name__)

    def _read_again(self, now: datetime) -> None:
        if self._read_at is not None and self._read_at <= now < self._read_at + KNOWN_FOR:
            return
        try:
            with self.database.reading() as db:
                self._sids = made_sids(db, account=self.account)
            self._read_at, self._wanted = now, set()
        except DATABASE_ERRORS as error:
            log.warning("contents not read: %s", type(error).__name__)

    def _want(self, content: Content, now: datetime) -> None:
        try:
            with self.database.transaction() as db:
                note_wanted(db, account=self.account, name=content.name, wording=content.wording, now=now)
            self._wanted.add((content.name, content.wording))
        except DATABASE_ERRORS as error:
            log.warning("wanted content not noted: %s", type(error).__name__)


def open_content_api(settings: Settings) -> ContentApi | None:
    """The Content API of the account in the environment; None without one."""
    if not settings.has_twilio:
        return None
    http = TwilioHttp(base_url=settings.twilio_api_url)
    return ContentApi(Client(settings.twilio_account_sid, settings.twilio_auth_token, http_client=http))


def make_missing(
    database: Database, api: ContentApi, contents: Iterable[Content], *, account: str, now: datetime
) -> int:
    """Find or make these at Twilio and remember them; how many were not remembered before. Raises ContentError.

    What is remembered but no longer at Twilio is made again.
    """
    at_twilio = api.known()
    with database.reading() as db:
        remembered = made_sids(db, account=account)
    made = 0
    for content in contents:
        sid = at_twilio.get(content.friendly_name)
        if sid is not None and remembered.get((content.name, content.wording)) == sid:
            continue
        sid = sid or api.make(content)
        with database.transaction() as db:
            note_made(db, account=account, name=content.name, wording=content.wording, sid=sid, now=now)
        made += 1
    return made


def _approval(said: Mapping[str, Any]) -> Approval:
    return Approval(str(said.get("status") or UNSUBMITTED), str(said.get("rejection_reason") or "") or None)


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise ContentError(f"the answer has no {name}")
    return value
