"""REST format: what Twilio refuses and the JSON it answers, as far as the pretended carrier needs it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from flask import Response, jsonify

from bot.simulator.carrier_store import CarrierMessage

NUMBER = re.compile(r"(whatsapp:)?\+[1-9][0-9]{6,14}")
USER_ID = re.compile(r"whatsapp:[A-Za-z]{2}\.[A-Za-z0-9]{1,64}")
SENDER = re.compile(r"(whatsapp:)?\+[1-9][0-9]{6,14}|[A-Za-z0-9 ]{1,11}|[0-9]{3,8}")
CONTENT_SID = re.compile(r"HX[0-9a-fA-F]{32}")
MAX_BODY = 1600
PAGE_SIZE = 50


class Refused(Exception):
    """The carrier says no, with Twilio's status and code."""

    def __init__(self, status: int, code: int | None, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after


def check_outgoing(fields: Mapping[str, str]) -> None:
    """Raise Refused for a message that Twilio would not take."""
    to, sender = fields.get("To", ""), fields.get("From", "")
    if not to:
        raise Refused(400, 21604, "A 'To' phone number is required.")
    if not NUMBER.fullmatch(to) and not USER_ID.fullmatch(to):
        raise Refused(400, 21211, "Invalid 'To' Phone Number")
    if not sender:
        raise Refused(400, 21603, "A 'From' phone number is required.")
    if not SENDER.fullmatch(sender) or sender.startswith("whatsapp:") != to.startswith("whatsapp:"):
        raise Refused(400, 21612, "Message cannot be sent with this combination of 'To' and 'From'")
    _check_content(fields)


def _check_content(fields: Mapping[str, str]) -> None:
    body, content_sid = fields.get("Body", ""), fields.get("ContentSid", "")
    if not body and not content_sid and not fields.get("MediaUrl"):
        raise Refused(400, 21602, "Message body is required.")
    if len(body) > MAX_BODY:
        raise Refused(400, 21617, "The concatenated message body exceeds the 1600 character limit")
    if content_sid and not CONTENT_SID.fullmatch(content_sid):
        raise Refused(400, 21655, "The ContentSid is invalid")
    if not _is_json_object(fields.get("ContentVariables") or "{}"):
        raise Refused(400, 21656, "The ContentVariables parameter is invalid")


def _is_json_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def refused_json(error: Refused) -> Response:
    answer = jsonify(
        code=error.code,
        message=error.message,
        more_info=f"https://www.twilio.com/docs/errors/{error.code}",
        status=error.status,
    )
    answer.status_code = error.status
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def as_json(kept: CarrierMessage, account_sid: str) -> dict[str, Any]:
    """The fields of Twilio's Message resource."""
    uri = f"/2010-04-01/Accounts/{account_sid}/Messages/{kept.sid}"
    created = format_datetime(kept.created_at)
    return {
        "account_sid": account_sid,
        "api_version": "2010-04-01",
        "body": kept.body,
        "date_created": created,
        "date_sent": None if kept.status == "queued" else created,
        "date_updated": created,
        "direction": kept.direction,
        "error_code": int(kept.error_code) if kept.error_code else None,
        "error_message": None,
        "from": kept.sender,
        "messaging_service_sid": None,
        "num_media": str(len(kept.media)),
        "num_segments": "1",
        "price": None,
        "price_unit": None,
        "sid": kept.sid,
        "status": kept.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": kept.recipient,
        "uri": f"{uri}.json",
    }


def was_sent_in(kept: CarrierMessage, asked: Mapping[str, str]) -> bool:
    """True when the day the message was made fits DateSent, DateSent> and DateSent<, which compare days in GMT."""
    day = kept.created_at.date()
    exact, earliest, latest = asked.get("DateSent"), asked.get("DateSent>"), asked.get("DateSent<")
    if exact and day != datetime.fromisoformat(exact).date():
        return False
    if earliest and day < datetime.fromisoformat(earliest).date():
        return False
    return not (latest and day > datetime.fromisoformat(latest).date())


def page_of(
    chosen: Sequence[CarrierMessage], asked: Mapping[str, str], *, account_sid: str, path: str
) -> dict[str, Any]:
    """One page of the list, the newest first; there is always only one."""
    size = min(int(asked.get("PageSize", PAGE_SIZE)), 1000)
    shown = chosen[:size]
    return {
        "messages": [as_json(kept, account_sid) for kept in shown],
        "first_page_uri": path,
        "next_page_uri": None,
        "previous_page_uri": None,
        "uri": path,
        "page": 0,
        "page_size": size,
        "start": 0,
        "end": max(len(shown) - 1, 0),
    }
