"""Twilio: WhatsApp and SMS out through its REST API, by the official library."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from bot.channels import Accepted, Capabilities, Channel, Inbound, Outgoing, SendFailed, SendUnknown, StatusUpdate
from bot.channels.choice_messages import (
    BUTTON_LETTERS,
    MOST_BUTTONS,
    MOST_ROWS,
    ROW_LETTERS,
    ChoiceMessage,
    choice_message,
)
from bot.channels.contents import ReadyContents
from bot.channels.refusals import rule_for
from bot.channels.twilio_forms import read_message, read_status
from bot.channels.twilio_http import TwilioHttp

MAX_LENGTH = 1600
WHATSAPP = Capabilities(
    max_length=MAX_LENGTH,
    has_buttons=True,
    has_media=True,
    window_hours=24,
    billed_by="message",
    rank=0,
    most_buttons=MOST_BUTTONS,
    button_letters=BUTTON_LETTERS,
    most_rows=MOST_ROWS,
    row_letters=ROW_LETTERS,
)
SMS = Capabilities(
    max_length=MAX_LENGTH,
    has_buttons=False,
    has_media=False,
    window_hours=None,
    is_two_way=False,  # Indonesia's operators bring no answer to a Twilio number
    billed_by="segment",
    rank=3,
)
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
USER_ID = re.compile(r"[A-Za-z0-9._:-]{1,80}")
"""What stands in From instead of a number when a WhatsApp user hides it."""
LOOK_BACK = timedelta(minutes=10)
"""Our clock and Twilio's may differ by this much; `claimed` keeps older equal texts apart."""
LIST_LENGTH = 100
NO_SUCH_CONTENT = ("20404", "21655")
"""Codes for a ContentSid that the account does not have."""
log = logging.getLogger(__name__)


def open_client(*, account_sid: str, auth_token: str, http: TwilioHttp) -> Client:
    """The official client over our transport; share one per process."""
    return Client(account_sid, auth_token, http_client=http)


@dataclass(frozen=True)
class TwilioChannel:
    """One sender of a Twilio account: the WhatsApp number or the SMS number."""

    client: Client
    channel: str
    """whatsapp or sms."""
    sender: str
    """E.164 without "whatsapp:"; for SMS also a registered sender name."""
    status_callback: str
    contents: ReadyContents | None = None
    """Where the resources for buttons and lists are found; without it every question goes as plain text."""

    @property
    def capabilities(self) -> Capabilities:
        return WHATSAPP if self.channel == "whatsapp" else SMS

    @property
    def route(self) -> str:
        return "whatsapp" if self.channel == "whatsapp" else "twilio_sms"

    def receive(self, given: Mapping[str, Any]) -> Inbound:
        """A signed webhook form; raises Unreadable."""
        return read_message(given)

    def status(self, given: Mapping[str, Any]) -> StatusUpdate:
        """A signed status callback; raises Unreadable."""
        return read_status(given)

    def send(self, message: Outgoing) -> Accepted:
        """Hand the message to Twilio, once; raises SendFailed or SendUnknown.

        A question with choices goes as buttons or list. What Twilio will not take so goes as plain text at once: the
        refused try sent nothing, and no message is lost for the sake of a button.
        """
        fields = self._content(message)
        buttons = self._as_choices(message)
        if buttons is not None:
            try:
                return self._create(message, buttons)
            except SendFailed as refused:
                if refused.action != "tell_staff":
                    raise
                self._note_refused(message, refused, sid=buttons["content_sid"])
        return self._create(message, fields)

    def _create(self, message: Outgoing, fields: Mapping[str, Any]) -> Accepted:
        try:
            made = self.client.messages.create(
                to=self._recipient(message.address),
                from_=self._prefixed(self.sender),
                status_callback=self.status_callback,
                **fields,
            )
        except (TwilioException, ValueError, AttributeError, TypeError) as error:
            # A 2xx that cannot be read: taken, but we do not know under which id.
            raise SendUnknown(type(error).__name__) from error
        if not made.sid:
            raise SendUnknown("answer without sid")
        return Accepted(provider_id=made.sid, status=made.status or "queued")

    def _as_choices(self, message: Outgoing) -> dict[str, str] | None:
        """The fields of the same message with buttons; None where it has none or their resource is not made yet."""
        asked = _choices_of(message)
        if asked is None or self.contents is None:
            return None
        sid = self.contents.sid_of(asked.shape.content)
        return None if sid is None else _template_fields({"sid": sid, "variables": asked.variables})

    def _note_refused(self, message: Outgoing, refused: SendFailed, *, sid: str) -> None:
        log.warning("buttons refused outbox=%s code=%s", message.outbox_id, refused.code)
        if self.contents is not None and refused.code in NO_SUCH_CONTENT:
            self.contents.forget(sid)

    def ask_status(self, provider_id: str) -> StatusUpdate | None:
        """What Twilio says now about one message; raises SendFailed or SendUnknown when it cannot be asked."""
        try:
            made = self.client.messages(provider_id).fetch()
        except SendFailed as refused:
            if refused.code == "20404":
                return None
            raise
        except (TwilioException, ValueError, AttributeError, TypeError) as error:
            raise SendUnknown(f"fetch: {type(error).__name__}") from error
        code = str(made.error_code) if made.error_code else None
        return StatusUpdate(provider_id, made.status or "sent", code)

    def find_sent(self, message: Outgoing, *, since: datetime, claimed: Collection[str] = ()) -> Accepted | None:
        """The oldest message to this address since the memo with this body that nobody else claims.

        Not filtered by DateSent: Twilio compares days there, and a message still queued has none.
        """
        try:
            found = sorted(self._listed(message), key=lambda made: made.date_created or since)
        except (SendFailed, TwilioException, ValueError, AttributeError, TypeError) as error:
            raise SendUnknown(f"list: {type(error).__name__}") from error
        for made in found:
            if made.sid and made.sid not in claimed and _is_the_one(made, message, since=since - LOOK_BACK):
                code = str(made.error_code) if made.error_code else None
                return Accepted(provider_id=made.sid, status=made.status or "queued", error_code=code)
        return None

    def _listed(self, message: Outgoing) -> Iterator[Any]:
        recipient = self._recipient(message.address)
        listed = self.client.messages.list(
            to=recipient, from_=self._prefixed(self.sender), limit=LIST_LENGTH, page_size=LIST_LENGTH
        )
        return (made for made in listed if made.to in (None, recipient))

    def _content(self, message: Outgoing) -> dict[str, Any]:
        if message.template is not None and self.channel == "whatsapp":
            return _template_fields(message.template)
        media = {"media_url": list(message.media)} if message.media and self.channel == "whatsapp" else {}
        if not message.text.strip() and not media:
            raise SendFailed("empty", action=rule_for("empty").action)
        if len(message.text) > MAX_LENGTH:
            raise SendFailed("too_long", action=rule_for("too_long").action)
        return ({"body": message.text} if message.text.strip() else {}) | media

    def _recipient(self, address: str) -> str:
        is_user_id = self.channel == "whatsapp" and USER_ID.fullmatch(address)
        if not E164.fullmatch(address) and not is_user_id:
            raise SendFailed("bad_address", action=rule_for("bad_address").action)
        return self._prefixed(address)

    def _prefixed(self, address: str) -> str:
        return f"whatsapp:{address}" if self.channel == "whatsapp" else address


def with_contents(channels: Mapping[str, Channel], contents: ReadyContents) -> dict[str, Channel]:
    """The same channels, where WhatsApp asks with buttons and lists."""
    return {
        route: replace(channel, contents=contents)
        if isinstance(channel, TwilioChannel) and channel.channel == "whatsapp"
        else channel
        for route, channel in channels.items()
    }


def _template_fields(template: Mapping[str, Any]) -> dict[str, str]:
    variables = {str(name): str(value) for name, value in template.get("variables", {}).items()}
    fields = {"content_sid": str(template["sid"])}
    return fields | {"content_variables": json.dumps(variables)} if variables else fields


def _choices_of(message: Outgoing) -> ChoiceMessage | None:
    """The message as buttons or list, where it may go so."""
    if message.channel != "whatsapp" or message.template is not None or message.media:
        return None
    return choice_message(message.text, message.choices)


def _is_the_one(made: Any, message: Outgoing, *, since: datetime) -> bool:
    if made.date_created is not None and made.date_created < since:
        return False
    if not str(made.direction or "outbound").startswith("outbound"):
        return False
    if message.template is not None and message.channel == "whatsapp":
        return True  # WhatsApp writes a template's body itself: the unclaimed message is the one
    asked = _choices_of(message)
    bodies = {message.text} if asked is None else {message.text, asked.body}
    return _squeezed(made.body or "") in {_squeezed(body) for body in bodies}


def _squeezed(text: str) -> str:
    return " ".join(text.split())
