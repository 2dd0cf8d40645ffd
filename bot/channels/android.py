"""Android: SMS by a phone with the health centre's own SIM, through the app "SMS Gateway for Android"."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.channels import Accepted, Capabilities, Inbound, Outgoing, SendFailed, SendUnknown, StatusUpdate
from bot.channels.android_forms import STATES, failure_code, provider_id_of, read_message, read_status
from bot.channels.android_http import AndroidHttp, Answer, NoAnswer, Unreachable
from bot.channels.refusals import rule_for
from bot.settings import Settings

MAX_LENGTH = 1530
"""Ten joined SMS; the phone splits the text itself."""
SMS = Capabilities(
    max_length=MAX_LENGTH,
    has_buttons=False,
    has_media=False,
    window_hours=None,
    is_two_way=True,
    billed_by="segment",
    rank=2,
)
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
OUR_MESSAGES = uuid.UUID("5e1a1c5c-6d0b-4a57-9d0e-3a1d6b5f2c90")
"""Any UUID that nobody else uses: the ids of our messages are made from it."""
REFUSALS = {
    400: "android_refused",
    401: "android_login",
    403: "android_login",
    429: "android_busy",
    503: "android_full",
}


@dataclass(frozen=True)
class PhoneSign:
    """What the gateway's API says about the phone."""

    is_reached: bool
    """Something answered as a gateway does."""
    is_login_refused: bool = False
    seen_at: datetime | None = None
    """When the phone was last there; None: the API knows of no phone, or cannot say."""


@dataclass(frozen=True)
class AndroidChannel:
    """One gateway: a phone in the LAN, or a server that phones fetch their messages from."""

    http: AndroidHttp

    @property
    def route(self) -> str:
        return "android"

    @property
    def channel(self) -> str:
        return "sms"

    @property
    def capabilities(self) -> Capabilities:
        return SMS

    def receive(self, given: Mapping[str, Any]) -> Inbound:
        """An event sms:received; raises Unreadable, or NotAPatient where no person wrote."""
        return read_message(given)

    def status(self, given: Mapping[str, Any]) -> StatusUpdate:
        """An event sms:sent, sms:delivered or sms:failed; raises Unreadable."""
        return read_status(given)

    def send(self, message: Outgoing) -> Accepted:
        """Hand the message to the gateway, once however often it is called; raises SendFailed or SendUnknown.

        A gateway keeps what it took while its phone is off. `validUntil` keeps the phone from sending later what
        has become useless.
        """
        body = self._body(message)
        try:
            # We write to numbers that wrote to us or that staff entered; the gateway's own table is no better.
            answer = self.http.call("POST", self.http.messages, body=body, query={"skipPhoneValidation": "true"})
        except Unreachable as error:
            raise _failed("unreachable") from error
        except NoAnswer as error:
            raise SendUnknown(str(error)) from error
        if answer.status == 409:
            return self._taken_before(body["id"])
        if not answer.is_ok:
            raise _refusal(answer)
        return _accepted(answer)

    def find_sent(self, message: Outgoing, *, since: datetime, claimed: Collection[str] = ()) -> Accepted | None:
        """The message of this key, by its own id: a certain answer; raises SendUnknown when nobody can say."""
        return self._ask(message_id(message))

    def ask_status(self, provider_id: str) -> StatusUpdate | None:
        """What the gateway says now about one message; raises SendUnknown when it cannot be asked."""
        found = self._ask(provider_id.removeprefix("android:"))
        return None if found is None else StatusUpdate(provider_id, found.status, found.error_code)

    def phone_sign(self, *, now: datetime) -> PhoneSign:
        """Ask for the phone's last sign of life, by our clock; raises nothing."""
        try:
            answer = self.http.call("GET", "/devices")
            if answer.status == 404:
                answer = self.http.call("GET", "/device")  # what the phone's own server calls it
        except (Unreachable, NoAnswer):
            return PhoneSign(is_reached=False)
        if answer.is_login_refused:
            return PhoneSign(is_reached=True, is_login_refused=True)
        return PhoneSign(is_reached=answer.status < 500, seen_at=_last_seen(answer, now=now))

    def _body(self, message: Outgoing) -> dict[str, Any]:
        if not E164.fullmatch(message.address):
            raise _failed("bad_address")
        if not message.text.strip():
            raise _failed("empty")
        if len(message.text) > MAX_LENGTH:
            raise _failed("too_long")
        body: dict[str, Any] = {
            "id": message_id(message),
            "phoneNumbers": [message.address],
            "withDeliveryReport": True,
        }
        body |= {"message": message.text} if self.http.is_old else {"textMessage": {"text": message.text}}
        if message.useless_after is not None:
            body["validUntil"] = _as_rfc3339(message.useless_after)
        return body

    def _taken_before(self, gateway_id: str) -> Accepted:
        """The gateway has this id; its webhooks may have come before we knew, so ask how the message is by now."""
        try:
            found = self._ask(gateway_id)
        except SendUnknown:
            found = None
        return found or Accepted(provider_id=provider_id_of(gateway_id), status="accepted")

    def _ask(self, gateway_id: str) -> Accepted | None:
        try:
            answer = self.http.call("GET", f"{self.http.messages}/{gateway_id}")
        except (Unreachable, NoAnswer) as error:
            raise SendUnknown(f"asking: {error}") from error
        if answer.status == 404:
            return None
        if not answer.is_ok:
            raise SendUnknown(f"asking: HTTP {answer.status}")
        return _accepted(answer)


def open_android(settings: Settings) -> AndroidChannel | None:
    """The channel that the settings name; None without one. Open once per process."""
    if settings.android_url is None:
        return None
    http = AndroidHttp(settings.android_url, username=settings.android_username, password=settings.android_password)
    return AndroidChannel(http)


def message_id(message: Outgoing) -> str:
    """The same for the same try of the same message, 36 letters.

    Address and end of use are part of it: a database that was set up anew counts its keys from the start again,
    and the phone still knows the old ones.
    """
    useless_after = _as_rfc3339(message.useless_after) if message.useless_after is not None else ""
    return str(uuid.uuid5(OUR_MESSAGES, f"{message.key}\n{message.address}\n{useless_after}"))


def _accepted(answer: Answer) -> Accepted:
    """A message's state; an answer that cannot be read says nothing about the message."""
    body = answer.body if isinstance(answer.body, dict) else {}
    gateway_id, status = body.get("id"), STATES.get(str(body.get("state")))
    if not isinstance(gateway_id, str) or not gateway_id or status is None:
        raise SendUnknown("answer without id and state")
    code = failure_code(_first_error(body)) if status == "failed" else None
    return Accepted(provider_id=provider_id_of(gateway_id), status=status, error_code=code)


def _first_error(body: Mapping[str, Any]) -> object:
    recipients = body.get("recipients")
    if not isinstance(recipients, list):
        return None
    return next((each["error"] for each in recipients if isinstance(each, dict) and each.get("error")), None)


def _refusal(answer: Answer) -> SendFailed | SendUnknown:
    if answer.status >= 500 and answer.status != 503:
        return SendUnknown(f"HTTP {answer.status}")
    return _failed(REFUSALS.get(answer.status, "unreadable"))


def _failed(code: str) -> SendFailed:
    rule = rule_for(code)
    return SendFailed(code, action=rule.action, retry_after=rule.wait)


def _last_seen(answer: Answer, *, now: datetime) -> datetime | None:
    """The newest `lastSeen`, moved to our clock by the answer's own time: an old phone's clock may be far off."""
    devices = answer.body if answer.is_ok and isinstance(answer.body, list) else []
    times = [time for device in devices if isinstance(device, dict) and (time := _time(device.get("lastSeen")))]
    if not times:
        return None
    theirs = answer.at or now
    return min(now - (theirs - max(times)), now)


def _time(value: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return time if time is None or time.tzinfo is not None else time.replace(tzinfo=UTC)


def _as_rfc3339(time: datetime) -> str:
    """With thousandths and Z, the one form that every version of the app reads."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
