"""The Android gateway's webhook events: checked by signature and time, then read into our own words."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.channels import Inbound, StatusUpdate, Unreadable
from bot.channels.senders import NotAPatient, patient_address
from bot.channels.twilio_forms import clean

SIGNATURE_HEADER = "X-Signature"
TIMESTAMP_HEADER = "X-Timestamp"
CLOCKS_MAY_DIFFER = timedelta(minutes=5)
"""What the app's makers advise. Every try is signed anew, so a webhook that was retried for two days is still in
time; what is older was taken from the line and sent again. A phone that sets its time by the network is seconds off."""
MAX_TEXT = 16_000
"""Far above what a joined SMS can carry; the rest is cut."""
EVENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
TIMESTAMP = re.compile(r"[0-9]{1,12}")

RECEIVED = "sms:received"
PING = "system:ping"
STATUSES = {"sms:sent": "sent", "sms:delivered": "delivered", "sms:failed": "failed"}
EVENTS = (RECEIVED, *STATUSES, PING)
"""What we ask the gateway for; anything else is confirmed and forgotten."""
STATES = {
    "Pending": "accepted",
    "Processed": "sending",
    "Sent": "sent",
    "Delivered": "delivered",
    "Failed": "failed",
}
"""The gateway's word for a message's state -> the word that the outbox knows."""


def sign(body: bytes, *, timestamp: str, key: str) -> str:
    """The signature that the phone puts on a body."""
    return hmac.new(key.encode(), body + timestamp.encode(), hashlib.sha256).hexdigest()


def refused_because(
    body: bytes, *, timestamp: str, signature: str, key: str, now: datetime, tolerance: timedelta = CLOCKS_MAY_DIFFER
) -> str | None:
    """Why this body is not taken, for the person who sets the phone up; None when the phone signed it just now."""
    if not key:
        return "no key: set SAPA_ANDROID_WEBHOOK_KEY to the app's signing key"
    if not TIMESTAMP.fullmatch(timestamp):
        return f"{TIMESTAMP_HEADER} is missing or no Unix time"
    expected = sign(body, timestamp=timestamp, key=key)
    if not hmac.compare_digest(expected.encode(), signature.strip().lower().encode("utf-8", "replace")):
        return "the signature does not match: check SAPA_ANDROID_WEBHOOK_KEY against the app's signing key"
    off = int(timestamp) - now.timestamp()
    if abs(off) > tolerance.total_seconds():
        return f"signed {abs(off):.0f} seconds {'ahead of' if off > 0 else 'behind'} our time: check both clocks"
    return None


def read_event(body: bytes) -> Mapping[str, Any]:
    """The event as it came, with an id, a name and a payload; raises Unreadable."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("the body is not JSON") from error
    if not isinstance(event, dict):
        raise Unreadable("the body is not an object")
    if not isinstance(event.get("event"), str) or not event["event"]:
        raise Unreadable("event is missing")
    return event


def read_message(event: Mapping[str, Any]) -> Inbound:
    """A patient's SMS; raises NotAPatient for sender names and short numbers, Unreadable for what is broken.

    The event's own id makes it one message: the payload's messageId is a hash of what was written.
    """
    provider_id = provider_id_of(_id(event, "id"))
    payload = _payload(event)
    sender = payload.get("sender") or payload.get("phoneNumber")
    if not isinstance(sender, str):
        raise Unreadable("sender is missing")
    text = payload.get("message")
    if not isinstance(text, str):
        raise Unreadable("message is missing")
    address = patient_address(sender)
    if address is None:
        raise NotAPatient("the sender cannot be answered")
    return Inbound(
        provider_id=provider_id,
        channel="sms",
        address=address,
        text=clean(text, limit=MAX_TEXT),
        extra=_extra(payload),
        route="android",
    )


def read_status(event: Mapping[str, Any]) -> StatusUpdate:
    """What became of one of our messages; raises Unreadable."""
    status = STATUSES.get(str(event.get("event")))
    if status is None:
        raise Unreadable("event is no status")
    payload = _payload(event)
    provider_id = provider_id_of(_id(payload, "messageId"))
    if status != "failed":
        return StatusUpdate(provider_id=provider_id, status=status)
    return StatusUpdate(provider_id=provider_id, status=status, error_code=failure_code(payload.get("reason")))


def provider_id_of(gateway_id: str) -> str:
    """The gateway's id as we keep it: apart from the ids of every other provider."""
    return f"android:{gateway_id}"


def failure_code(reason: object) -> str:
    """The code of refusals.yml for the app's sentence about a failure."""
    said = reason if isinstance(reason, str) else ""
    return next((code for pattern, code in FAILURES if pattern.search(said)), "android_failed")


FAILURES = tuple(
    (re.compile(pattern, re.IGNORECASE), code)
    for pattern, code in (
        (r"TTL expired|already expired", "android_expired"),
        (r"No SIMs found|SIM \d+ not found|SIM_ABSENT|NO_DEFAULT_SMS_APP|permission", "android_no_sim"),
        (r"RADIO_OFF|RADIO_NOT_AVAILABLE|NO_SERVICE|NETWORK_NOT_READY", "android_no_signal"),
        (r"LIMIT_EXCEEDED|RATE_LIMITED|UNEXPECTED_EVENT_STOP_SENDING", "android_limit"),
        (r"Delivery result from SC .*: (70|9[6-9]|1[01]\d|12[0-7])\b", "android_out_of_reach"),
        (r"Delivery result", "android_undelivered"),
        (r"invalid (phone )?number|not a valid (phone )?number|NumberParseException", "android_bad_number"),
        (r"RESULT_", "android_not_sent"),
    )
)
"""The first that fits. The numbers are the operators' own (3GPP TS 23.040, 9.2.3.15): 70 is a message that was kept
until it was too old, 96 to 127 are phones that could not be reached at the end of all tries."""


def _payload(event: Mapping[str, Any]) -> Mapping[str, Any]:
    payload = event.get("payload")
    if not isinstance(payload, dict):
        raise Unreadable("payload is missing")
    return payload


def _id(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise Unreadable(f"{name} is missing")
    if not EVENT_ID.fullmatch(value):
        raise Unreadable(f"{name} is not an id")
    return value


def _extra(payload: Mapping[str, Any]) -> dict[str, Any]:
    """When the phone had it, which may be long before it reached us, and on which SIM."""
    extra: dict[str, Any] = {}
    received_at, sim = payload.get("receivedAt"), payload.get("simNumber")
    if isinstance(received_at, str):
        extra["received_at"] = clean(received_at, limit=40)
    if isinstance(sim, int) and 0 < sim < 10:
        extra["sim"] = sim
    return extra
