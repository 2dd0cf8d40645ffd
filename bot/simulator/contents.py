"""Contents: the pretended carrier's Content API, and what a phone shows of a message that was sent through it."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from bot.simulator.carrier_store import PLAIN, CarrierContent, CarrierStore, Shown, ShownButton
from bot.simulator.rest_format import Refused, refused_json

CONTENT_URL = "https://content.twilio.com/v1/Content"
ASKED_NAME = re.compile(r"[a-z0-9_]{1,512}")
CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")
VARIABLE = re.compile(r"\{\{(\w{1,16})\}\}")
REFUSED_IN_A_VALUE = re.compile(r"[\n\r\t]| {5,}")
TYPES = ("twilio/quick-reply", "twilio/list-picker", "twilio/text")


def shown_message(store: CarrierStore, fields: Mapping[str, str]) -> tuple[str, Shown]:
    """Text and buttons of an outgoing message; raises Refused for a content that is not there or is filled wrongly."""
    sid = fields.get("ContentSid")
    if not sid:
        return fields.get("Body", ""), PLAIN
    content = store.content(sid)
    if content is None:
        raise Refused(400, 21655, "The ContentSid is invalid")
    values = {**content.definition.get("variables", {}), **_values(fields)}
    kind = next((kind for kind in TYPES if kind in content.definition["types"]), None)
    if kind is None:
        raise Refused(400, 63005, "Channel did not accept given content")
    return _show(kind, content.definition["types"][kind], values)


def add_contents(routes: Blueprint, store: CarrierStore, *, account_sid: str, clock: Callable[[], datetime]) -> None:
    """Twilio's own: make, list, look at and delete contents, ask for approval and look at it."""

    @routes.post("/v1/Content")
    def make_content() -> tuple[Response, int] | Response:
        given = request.get_json(silent=True)
        if not isinstance(given, dict) or not given.get("language") or not isinstance(given.get("types"), dict):
            return refused_json(Refused(400, 20001, "language and types are required"))
        sid = "HX" + secrets.token_hex(16)
        definition = {"language": given["language"], "variables": given.get("variables") or {}, "types": given["types"]}
        name = str(given.get("friendly_name") or "")
        store.add_content(sid=sid, friendly_name=name, definition=definition, now=clock())
        made = store.content(sid)
        return (jsonify(_as_json(made, account_sid)), 201) if made else _not_found()

    @routes.get("/v1/Content")
    def list_contents() -> Response:
        contents = [_as_json(content, account_sid) for content in store.contents()]
        meta = {"page": 0, "page_size": len(contents), "next_page_url": None, "key": "contents", "url": CONTENT_URL}
        return jsonify(contents=contents, meta=meta)

    @routes.get("/v1/Content/<sid>")
    def show_content(sid: str) -> Response:
        content = store.content(sid)
        return _not_found() if content is None else jsonify(_as_json(content, account_sid))

    @routes.delete("/v1/Content/<sid>")
    def remove_content(sid: str) -> Response | tuple[str, int]:
        return ("", 204) if store.remove_content(sid) else _not_found()

    _add_approvals(routes, store, account_sid=account_sid)


def _add_approvals(routes: Blueprint, store: CarrierStore, *, account_sid: str) -> None:
    @routes.post("/v1/Content/<sid>/ApprovalRequests/whatsapp")
    def ask_approval(sid: str) -> tuple[Response, int] | Response:
        content, given = store.content(sid), request.get_json(silent=True) or {}
        if content is None:
            return _not_found()
        name, category = str(given.get("name") or ""), str(given.get("category") or "")
        if not ASKED_NAME.fullmatch(name) or category not in CATEGORIES:
            return refused_json(Refused(400, 20001, "name or category is not allowed"))
        kind = next(iter(content.definition["types"]))
        if kind == "twilio/list-picker":
            return refused_json(Refused(400, 20001, "a list picker cannot be submitted for approval"))
        asked = {"name": name, "category": category, "content_type": kind, "rejection_reason": ""}
        store.set_approval(sid, {**asked, "status": "approved"})
        return jsonify({**asked, "status": "received", "allow_category_change": True}), 201

    @routes.get("/v1/Content/<sid>/ApprovalRequests")
    def show_approval(sid: str) -> Response:
        content = store.content(sid)
        if content is None:
            return _not_found()
        said = content.approval or {"name": None, "category": None, "status": "unsubmitted", "rejection_reason": ""}
        url = f"{CONTENT_URL}/{sid}/ApprovalRequests"
        return jsonify(sid=sid, account_sid=account_sid, whatsapp={"type": "whatsapp", **said}, url=url)


def _values(fields: Mapping[str, str]) -> dict[str, str]:
    given: dict[str, Any] = json.loads(fields.get("ContentVariables") or "{}")
    values = {name: value for name, value in given.items() if isinstance(value, str) and value.strip()}
    if len(values) < len(given) or any(REFUSED_IN_A_VALUE.search(value) for value in values.values()):
        raise Refused(400, 21656, "The ContentVariables parameter is invalid")
    return values


def _show(kind: str, parts: Mapping[str, Any], values: Mapping[str, str]) -> tuple[str, Shown]:
    def filled(text: str) -> str:
        return VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)

    body = filled(parts["body"])
    if kind == "twilio/quick-reply":
        return body, Shown(tuple(ShownButton(filled(each["title"]), each.get("id", "")) for each in parts["actions"]))
    if kind == "twilio/list-picker":
        rows = tuple(ShownButton(filled(each["item"]), each["id"]) for each in parts["items"])
        return body, Shown(rows, list_button=filled(parts["button"]))
    return body, PLAIN


def _as_json(content: CarrierContent, account_sid: str) -> dict[str, Any]:
    """The fields of Twilio's Content resource."""
    url = f"{CONTENT_URL}/{content.sid}"
    created = content.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "sid": content.sid,
        "account_sid": account_sid,
        "friendly_name": content.friendly_name,
        "language": content.definition["language"],
        "variables": content.definition["variables"],
        "types": content.definition["types"],
        "url": url,
        "date_created": created,
        "date_updated": created,
        "links": {"approval_fetch": f"{url}/ApprovalRequests", "approval_create": f"{url}/ApprovalRequests/whatsapp"},
    }


def _not_found() -> Response:
    return refused_json(Refused(404, 20404, "The requested resource was not found"))
