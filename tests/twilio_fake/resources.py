"""Resources: what Twilio checks in a request, and the JSON that it answers, field by field."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from tests.twilio_fake.journal import Taken

MOST_LETTERS = 1600
MOST_MEDIA = 10
NUMBER = re.compile(r"\+[1-9]\d{6,14}")
WHATSAPP_USER = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")
SENDER_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}|\d{3,8}")
SIDS = {"ContentSid": re.compile(r"HX[0-9a-fA-F]{32}"), "MessagingServiceSid": re.compile(r"MG[0-9a-fA-F]{32}")}
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)
DOUBLE_GSM = set("^{}\\[~]|€")


@dataclass(frozen=True)
class NotTaken(Exception):
    """HTTP 400 with Twilio's code."""

    code: int
    words: str
    status: int = 400


@dataclass(frozen=True)
class Form:
    """A message that is to be sent, as it came."""

    recipient: str
    sender: str
    body: str
    content_sid: str | None
    variables: Mapping[str, str]
    media: tuple[str, ...]
    service_sid: str | None
    status_callback: str | None


def read_form(fields: Mapping[str, Sequence[str]]) -> Form:
    """Raises NotTaken where Twilio would refuse it."""

    def one(name: str) -> str:
        return fields.get(name, [""])[0]

    form = Form(
        recipient=one("To"),
        sender=one("From"),
        body=one("Body"),
        content_sid=one("ContentSid") or None,
        variables=_read_variables(one("ContentVariables")),
        media=tuple(fields.get("MediaUrl", ())),
        service_sid=one("MessagingServiceSid") or None,
        status_callback=one("StatusCallback") or None,
    )
    _check_parties(form)
    _check_content(form)
    return form


def _read_variables(text: str) -> Mapping[str, str]:
    try:
        values = json.loads(text or "{}")
    except ValueError as error:
        raise NotTaken(21656, "The ContentVariables Parameter is invalid") from error
    if not isinstance(values, dict):
        raise NotTaken(21656, "The ContentVariables Parameter is invalid")
    return {str(name): str(value) for name, value in values.items()}


def _check_parties(form: Form) -> None:
    to_whatsapp = form.recipient.startswith("whatsapp:")
    to = form.recipient.removeprefix("whatsapp:")
    if not to:
        raise NotTaken(21604, "A 'To' phone number is required.")
    if not NUMBER.fullmatch(to) and not (to_whatsapp and WHATSAPP_USER.fullmatch(to)):
        raise NotTaken(21211, f"The 'To' number {to} is not a valid phone number.")
    if not form.sender and form.service_sid is None:
        raise NotTaken(21603, "A 'From' or 'MessagingServiceSid' parameter is required.")
    if form.service_sid and not SIDS["MessagingServiceSid"].fullmatch(form.service_sid):
        raise NotTaken(21701, "The Messaging Service does not exist")
    if form.sender and form.sender.startswith("whatsapp:") != to_whatsapp:
        raise NotTaken(63007, "Twilio could not find a Channel with the specified From address")
    name = form.sender.removeprefix("whatsapp:")
    if form.sender and not NUMBER.fullmatch(name) and (to_whatsapp or not SENDER_NAME.fullmatch(name)):
        raise NotTaken(21212, f"The 'From' number {name} is not a valid phone number, shortcode, or sender ID.")
    if form.status_callback and not re.match(r"https?://[^/\s_]+(/|$)", form.status_callback):
        raise NotTaken(21609, f"The 'StatusCallback' URL {form.status_callback} is not a valid URL.")


def _check_content(form: Form) -> None:
    if not form.body and not form.media and form.content_sid is None:
        raise NotTaken(21619, "A text message body or media urls must be specified.")
    if len(form.body) > MOST_LETTERS:
        raise NotTaken(21617, "The concatenated message body exceeds the 1600 character limit.")
    if form.content_sid and not SIDS["ContentSid"].fullmatch(form.content_sid):
        raise NotTaken(21655, "The ContentSid Parameter is invalid")
    if len(form.media) > MOST_MEDIA:
        raise NotTaken(21623, "Number of media files exceeds allowed limit")
    if any(not re.match(r"https?://\S+", url) for url in form.media):
        raise NotTaken(21620, "Invalid media URL(s)")


def segments(body: str) -> int:
    """How many SMS the text is."""
    if set(body) <= GSM:
        length, single, joined = len(body) + sum(letter in DOUBLE_GSM for letter in body), 160, 153
    else:
        length, single, joined = len(body.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= single else -(-length // joined)


def error_json(status: int, code: int | None, words: str) -> dict[str, Any]:
    more = f"https://www.twilio.com/docs/errors/{code}" if code else None
    return {"code": code, "message": words, "more_info": more, "status": status}


def message_json(taken: Taken, *, account_sid: str, now: float) -> dict[str, Any]:
    """Twilio's Message resource."""
    uri = f"/2010-04-01/Accounts/{account_sid}/Messages/{taken.sid}"
    status = taken.status_at(now)
    steps = {name: taken.taken_at + after for after, name in taken.steps}
    changed = max([taken.taken_at, *(at for at in steps.values() if at <= now)])
    failed = taken.error_code if status in ("undelivered", "failed") else None
    return {
        "account_sid": account_sid,
        "api_version": "2010-04-01",
        "body": taken.body,
        "date_created": _rfc2822(taken.taken_at),
        "date_sent": None if status in ("queued", "accepted") else _rfc2822(steps.get("sent", taken.taken_at)),
        "date_updated": _rfc2822(changed),
        "direction": "outbound-api",
        "error_code": failed,
        "error_message": None if failed is None else f"Error {failed}",
        "from": taken.sender or None,
        "messaging_service_sid": taken.service_sid,
        "num_media": str(len(taken.media)),
        "num_segments": "0" if taken.service_sid and status == "accepted" else str(segments(taken.body)),
        "price": None,
        "price_unit": "USD",
        "sid": taken.sid,
        "status": status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": taken.recipient,
        "uri": f"{uri}.json",
    }


def list_json(
    visible: Sequence[Taken], asked: Mapping[str, str], *, account_sid: str, path: str, now: float
) -> dict[str, Any]:
    """One page, the newest first; `visible` in the order of taking."""
    size = min(max(int(asked.get("PageSize") or 50), 1), 1000)
    page, before = int(asked.get("Page") or 0), _read_token(asked.get("PageToken"))
    chosen = [taken for taken in reversed(visible) if _is_sent_in(taken, asked, now=now)]
    left = [taken for taken in chosen if before is None or taken.id < before]
    shown, more = left[:size], len(left) > size
    filters = {name: asked[name] for name in ("To", "From", "DateSent", "DateSent<", "DateSent>") if asked.get(name)}

    def uri(number: int, token: str | None) -> str:
        words = filters | {"PageSize": str(size), "Page": str(number)} | ({"PageToken": token} if token else {})
        return f"{path}?{urlencode(words)}"

    return {
        "messages": [message_json(taken, account_sid=account_sid, now=now) for taken in shown],
        "first_page_uri": uri(0, None),
        "next_page_uri": uri(page + 1, f"PASM{shown[-1].id:032x}") if more else None,
        "previous_page_uri": uri(page - 1, asked.get("PageToken")) if page else None,
        "uri": uri(page, asked.get("PageToken")),
        "page": page,
        "page_size": size,
        "start": page * size,
        "end": page * size + max(len(shown) - 1, 0),
    }


def _read_token(token: str | None) -> int | None:
    return int(token.removeprefix("PASM"), 16) if token else None


def _is_sent_in(taken: Taken, asked: Mapping[str, str], *, now: float) -> bool:
    """DateSent filters compare days in GMT, and what was not sent yet has no day."""
    wanted = {name: asked[name] for name in ("DateSent", "DateSent<", "DateSent>") if asked.get(name)}
    if not wanted:
        return True
    sent = next((taken.taken_at + after for after, status in taken.steps if status == "sent"), None)
    if sent is None or sent > now:
        return False
    day = datetime.fromtimestamp(sent, UTC).date()
    days = {name: date.fromisoformat(value[:10]) for name, value in wanted.items()}
    return days.get("DateSent", day) == day and days.get("DateSent<", day) >= day and days.get("DateSent>", day) <= day


def _rfc2822(moment: float) -> str:
    return format_datetime(datetime.fromtimestamp(moment, UTC).replace(microsecond=0))
