"""Twilio, looked at: whether our account lives, our senders are known and our clock agrees; nothing is changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from bot.channels import SendFailed, SendUnknown
from bot.channels.twilio_http import TwilioHttp
from bot.settings import Settings

CONNECT_SECONDS = 3.0
READ_SECONDS = 5.0
ACCOUNTS_URL = "https://api.twilio.com/2010-04-01/Accounts"
SENDERS_URL = "https://messaging.twilio.com/v2/Channels/Senders"
OUR_LINE = ("unreachable",)
"""The code under which nobody was reached at all."""


class NotSeen(Exception):
    """Twilio did not answer, or said no; `code` is its own, or one of ours in refusals.yml."""

    def __init__(self, code: str, *, is_reached: bool) -> None:
        super().__init__(code)
        self.code = code
        self.is_reached = is_reached


@dataclass(frozen=True)
class AccountSeen:
    """What Twilio says of our account."""

    status: str
    """active, suspended or closed."""
    clock_off: timedelta | None
    """How far our clock is ahead of Twilio's; None when Twilio gave no time."""


@dataclass(frozen=True)
class TwilioLook:
    """A few questions; each raises NotSeen."""

    client: Client

    def account(self, *, now: datetime) -> AccountSeen:
        """Our account, fetched by its own name and token."""
        said, headers = self._ask(f"{ACCOUNTS_URL}/{self.client.account_sid}.json")
        return AccountSeen(status=str(said.get("status") or "unknown"), clock_off=_clock_off(headers, now))

    def has_number(self, number: str) -> bool:
        """Whether the account holds this phone number."""
        address = f"{ACCOUNTS_URL}/{self.client.account_sid}/IncomingPhoneNumbers.json"
        said, _ = self._ask(address, {"PhoneNumber": number})
        return any(each.get("phone_number") == number for each in said.get("incoming_phone_numbers") or ())

    def whatsapp_sender_status(self, number: str) -> str | None:
        """ONLINE, OFFLINE, VERIFYING ...; None when the account has no such WhatsApp sender."""
        said, _ = self._ask(SENDERS_URL, {"Channel": "whatsapp", "PageSize": "100"})
        senders = {each.get("sender_id"): each.get("status") for each in said.get("senders") or ()}
        status = senders.get(f"whatsapp:{number}")
        return None if status is None else str(status)

    def _ask(self, address: str, params: Mapping[str, str] | None = None) -> tuple[dict[str, Any], Mapping[str, str]]:
        try:
            answer = self.client.request("GET", address, params=dict(params or {}))
            said = json.loads(answer.text)
        except SendFailed as error:
            raise NotSeen(error.code, is_reached=error.code not in OUR_LINE) from error
        except SendUnknown as error:
            raise NotSeen(str(error), is_reached=False) from error
        except (TwilioException, ValueError) as error:
            raise NotSeen("unreadable", is_reached=True) from error
        if not isinstance(said, dict):
            raise NotSeen("unreadable", is_reached=True)
        return said, answer.headers or {}


def open_look(settings: Settings) -> TwilioLook:
    """Over a transport with short time limits; the settings name an account."""
    http = TwilioHttp(base_url=settings.twilio_api_url, connect_seconds=CONNECT_SECONDS, read_seconds=READ_SECONDS)
    return TwilioLook(Client(settings.twilio_account_sid, settings.twilio_auth_token, http_client=http))


def _clock_off(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    try:
        theirs = parsedate_to_datetime(headers.get("Date") or headers.get("date") or "")
    except (TypeError, ValueError):
        return None
    return now - theirs if theirs.tzinfo is not None else None
