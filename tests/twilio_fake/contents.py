"""Contents: the fake's Content API, which keeps templates and buttons, has them approved and fills them in."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from tests.twilio_fake.resources import Form, NotTaken

URL = "https://content.twilio.com/v1/Content"
APPROVED_AFTER = 1.0
CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")
NAME = re.compile(r"[a-z0-9_]{1,512}")
VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
NOT_IN_A_VALUE = re.compile(r"[\n\r\t]| {5,}")


@dataclass
class Content:
    """One resource and what WhatsApp was asked about it."""

    sid: str
    friendly_name: str | None
    language: str
    variables: Mapping[str, str]
    types: Mapping[str, Mapping[str, Any]]
    made_at: float
    asked: Mapping[str, str] | None = None
    asked_at: float | None = None

    def status_at(self, now: float) -> str:
        if self.asked_at is None:
            return "unsubmitted"
        return "approved" if now >= self.asked_at + APPROVED_AFTER else "received"


@dataclass
class Contents:
    """All of one account; they live as long as the process."""

    account_sid: str
    kept: dict[str, Content] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def make(self, given: Mapping[str, Any], *, now: float) -> Mapping[str, Any]:
        """POST /v1/Content; the same name twice is two resources, as at Twilio. Raises NotTaken."""
        types = given.get("types")
        if not given.get("language") or not isinstance(types, dict) or not types:
            raise NotTaken(20001, "language and types are required")
        content = Content(
            sid="HX" + secrets.token_hex(16),
            friendly_name=given.get("friendly_name"),
            language=str(given["language"]),
            variables=dict(given.get("variables") or {}),
            types=types,
            made_at=now,
        )
        with self.lock:
            self.kept[content.sid] = content
        return self._json(content)

    def one(self, sid: str) -> Mapping[str, Any]:
        return self._json(self._find(sid))

    def listed(self, asked: Mapping[str, str]) -> Mapping[str, Any]:
        """GET /v1/Content, in pages."""
        size, page = int(asked.get("PageSize") or 50), int(asked.get("Page") or 0)
        with self.lock:
            everything = list(self.kept.values())
        shown = everything[page * size : (page + 1) * size]

        def url(number: int) -> str:
            return f"{URL}?{urlencode({'PageSize': size, 'Page': number})}"

        meta = {
            "page": page,
            "page_size": size,
            "first_page_url": url(0),
            "previous_page_url": url(page - 1) if page else None,
            "next_page_url": url(page + 1) if len(everything) > (page + 1) * size else None,
            "url": url(page),
            "key": "contents",
        }
        return {"contents": [self._json(content) for content in shown], "meta": meta}

    def ask_approval(self, sid: str, given: Mapping[str, Any], *, now: float) -> Mapping[str, Any]:
        """POST .../ApprovalRequests/whatsapp; raises NotTaken."""
        content = self._find(sid)
        name, category = str(given.get("name") or ""), str(given.get("category") or "")
        if not NAME.fullmatch(name) or category not in CATEGORIES:
            raise NotTaken(20001, "name or category is not allowed")
        if "twilio/list-picker" in content.types:
            raise NotTaken(20001, "a list picker cannot be submitted for approval")
        content.asked = {"name": name, "category": category, "content_type": next(iter(content.types))}
        content.asked_at = now
        return {**content.asked, "status": "received", "rejection_reason": "", "allow_category_change": True}

    def approval(self, sid: str, *, now: float) -> Mapping[str, Any]:
        """GET .../ApprovalRequests; raises NotTaken."""
        content = self._find(sid)
        said = {"type": "whatsapp", "status": content.status_at(now), "rejection_reason": ""}
        asked: Mapping[str, str | None] = content.asked or {"name": None, "category": None}
        whatsapp = {**said, **asked, "allow_category_change": True}
        url = f"{URL}/{sid}/ApprovalRequests"
        return {"sid": sid, "account_sid": self.account_sid, "whatsapp": whatsapp, "url": url}

    def shown(self, form: Form) -> str:
        """What the list shows of a message; raises NotTaken for a content that is not there or is filled in wrongly."""
        if form.content_sid is None:
            return form.body
        with self.lock:
            content = self.kept.get(form.content_sid)
        if content is None:
            raise NotTaken(21655, "The ContentSid Parameter is invalid")
        if any(not value.strip() or NOT_IN_A_VALUE.search(value) for value in form.variables.values()):
            raise NotTaken(21656, "The ContentVariables Parameter is invalid")
        values = {**content.variables, **form.variables}
        body = str(next(iter(content.types.values())).get("body", ""))
        return VARIABLE.sub(lambda found: values.get(found[1], found[0]), body)

    def opens_conversation(self, sid: str | None, *, now: float) -> bool:
        """Whether it is an approved template, which reaches somebody who has not written for a day."""
        content = self.kept.get(sid or "")
        return content is not None and content.status_at(now) == "approved"

    def _find(self, sid: str) -> Content:
        with self.lock:
            content = self.kept.get(sid)
        if content is None:
            raise NotTaken(20404, "The requested resource was not found", 404)
        return content

    def _json(self, content: Content) -> Mapping[str, Any]:
        url, made = f"{URL}/{content.sid}", datetime.fromtimestamp(content.made_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "sid": content.sid,
            "account_sid": self.account_sid,
            "friendly_name": content.friendly_name,
            "language": content.language,
            "variables": content.variables,
            "types": content.types,
            "url": url,
            "date_created": made,
            "date_updated": made,
            "links": {
                "approval_create": f"{url}/ApprovalRequests/whatsapp",
                "approval_fetch": f"{url}/ApprovalRequests",
            },
        }


def words_of(path: str) -> Sequence[str] | None:
    """The parts of a path under /v1/Content; None for any other path."""
    parts = path.strip("/").split("/")
    return parts[2:] if parts[:2] == ["v1", "Content"] else None
