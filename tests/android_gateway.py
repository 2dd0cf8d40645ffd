"""A pretended Android gateway: its API on a port of its own, a phone that can be off, and what its webhooks say."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.serving import WSGIRequestHandler, make_server

from bot.channels.android_forms import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign

USER, PASSWORD = "sms", "kata-sandi-uji"  # pragma: allowlist secret
KEY = "kunci-uji-tanda-tangan"  # pragma: allowlist secret
DEVICE = "00000000000000000000000000000001"


@dataclass
class Kept:
    """One message in the gateway."""

    id: str
    to: str
    text: str
    valid_until: datetime | None
    state: str = "Pending"
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        recipient = {"phoneNumber": self.to, "state": self.state} | ({"error": self.error} if self.error else {})
        return {"id": self.id, "deviceId": DEVICE[:21], "state": self.state, "recipients": [recipient]}


@dataclass
class AndroidGateway:
    """What the gateway has taken, and the events that its phone would post; `clock` is the phone's."""

    clock: Callable[[], datetime]
    messages: dict[str, Kept] = field(default_factory=dict)
    webhooks: dict[str, dict[str, str]] = field(default_factory=dict)
    last_seen: datetime | None = None
    room: int = 1000
    """How many messages may wait; what is more is refused with 503."""
    answers: list[int] = field(default_factory=list)
    """HTTP statuses for the next calls, given without doing anything."""
    loses_answers: bool = False
    """Takes a message and then hangs up."""
    devices_path: str = "/devices"
    calls: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    """What the phone has to tell and was not yet fetched by `fetch_events`."""
    told: int = 0

    def run_phone(self) -> None:
        """The phone is on: it reports, sends what waits and tells of it; what is too old it gives back."""
        self.last_seen = self.clock()
        for kept in self.messages.values():
            if kept.state != "Pending":
                continue
            if kept.valid_until is not None and kept.valid_until < self.clock():
                self.fail(kept.id, "TTL expired")
            else:
                self.move(kept.id, "Sent", "sms:sent", "sentAt")

    def deliver(self, message_id: str) -> None:
        """The patient's phone has it."""
        self.move(message_id, "Delivered", "sms:delivered", "deliveredAt")

    def fail(self, message_id: str, reason: str) -> None:
        self.messages[message_id].error = reason
        self.move(message_id, "Failed", "sms:failed", "failedAt", reason=reason)

    def receive(self, sender: str, text: str) -> None:
        """An SMS comes in."""
        payload = {
            "messageId": "5b1c3f0a",
            "message": text,
            "sender": sender,
            "phoneNumber": sender,
            "recipient": None,
            "simNumber": 1,
            "receivedAt": self._stamp(),
        }
        self._tell("sms:received", payload)

    def move(self, message_id: str, state: str, event: str, stamp: str, **more: str) -> None:
        kept = self.messages[message_id]
        kept.state = state
        payload = {"messageId": kept.id, "phoneNumber": kept.to, "recipient": kept.to, "simNumber": None}
        self._tell(event, payload | {stamp: self._stamp()} | more)

    def fetch_events(self) -> list[dict[str, Any]]:
        events, self.events = self.events, []
        return events

    def waiting(self) -> int:
        return sum(kept.state == "Pending" for kept in self.messages.values())

    def _tell(self, event: str, payload: dict[str, Any]) -> None:
        self.told += 1
        self.events.append(
            {
                "id": f"Ey6ECgOkVVFjz3CL4{self.told:04}",
                "webhookId": f"sapa-{event.replace(':', '-')}",
                "deviceId": DEVICE,
                "event": event,
                "payload": payload,
            }
        )

    def _stamp(self) -> str:
        return self.clock().isoformat(timespec="milliseconds")


def signed(event: object, *, at: datetime, key: str = KEY) -> tuple[bytes, dict[str, str]]:
    """Body and headers as the phone posts them."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    timestamp = str(int(at.timestamp()))
    headers = {SIGNATURE_HEADER: sign(body, timestamp=timestamp, key=key), TIMESTAMP_HEADER: timestamp}
    return body, headers | {"Content-Type": "application/json"}


def gateway_app(gateway: AndroidGateway) -> Flask:
    """The API, in the words of its description."""
    app = Flask("android_gateway")

    @app.before_request
    def check() -> Any:
        gateway.calls.append((request.method, request.path))
        if gateway.answers:
            return jsonify(message="as told"), gateway.answers.pop(0)
        given = request.authorization
        if given is None or (given.username, given.password) != (USER, PASSWORD):
            return jsonify(message="unauthorized"), 401
        return None

    @app.post("/messages")
    def take() -> Any:
        body = request.get_json()
        gateway.bodies.append(body)
        if body["id"] in gateway.messages:
            return jsonify(message="exists"), 409
        if gateway.waiting() >= gateway.room:
            return jsonify(message="queue limits exceeded"), 503
        until = datetime.fromisoformat(body["validUntil"]) if "validUntil" in body else None
        kept = Kept(body["id"], body["phoneNumbers"][0], body["textMessage"]["text"], until)
        gateway.messages[kept.id] = kept
        if gateway.loses_answers:
            return Response(b"", status=202, headers={"Content-Length": "10"})
        return jsonify(kept.as_json()), 202

    @app.get("/messages/<message_id>")
    def tell(message_id: str) -> Any:
        kept = gateway.messages.get(message_id)
        return (jsonify(kept.as_json()), 200) if kept else (jsonify(message="not found"), 404)

    @app.get(gateway.devices_path)
    def devices() -> Any:
        seen = gateway.last_seen
        return jsonify([{"id": DEVICE[:21], "name": "HP", "lastSeen": seen.isoformat()}] if seen else [])

    @app.get("/webhooks")
    def webhooks() -> Any:
        return jsonify(list(gateway.webhooks.values()))

    @app.post("/webhooks")
    def register() -> Any:
        body = request.get_json()
        gateway.webhooks[body["id"]] = body
        return jsonify(body), 201

    @app.delete("/webhooks/<webhook_id>")
    def forget(webhook_id: str) -> Any:
        gateway.webhooks.pop(webhook_id, None)
        return "", 204

    return app


@contextmanager
def running(gateway: AndroidGateway) -> Iterator[str]:
    """The gateway's address, while it listens; its answers are dated by its own clock."""

    class Handler(WSGIRequestHandler):
        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(gateway.clock().astimezone(UTC), usegmt=True)

    server = make_server("127.0.0.1", 0, gateway_app(gateway), threaded=True, request_handler=Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(timeout=5)
