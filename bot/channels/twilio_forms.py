"""Twilio's webhook forms: checked by signature, then read into our own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from twilio.request_validator import RequestValidator

from bot.channels import Inbound, StatusUpdate, Unreadable

SIGNATURE_HEADER = "X-Twilio-Signature"
MAX_TEXT = 16_000
"""Far above what WhatsApp (4096) or a joined SMS can carry; the rest is cut."""
MAX_MEDIA = 10
MAX_VALUE = 400
SID = re.compile(r"[A-Za-z0-9_-]{1,64}")
ADDRESS = re.compile(r"[\w.+:@ -]{1,80}")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Control letters and halves of letters: no patient types them and Postgres keeps no NUL."""

KEPT = {
    "button_text": "ButtonText",
    "button_payload": "ButtonPayload",
    "forwarded": "Forwarded",
    "frequently_forwarded": "FrequentlyForwarded",
    "list_id": "ListId",
    "message_type": "MessageType",
    "reply_to": "OriginalRepliedMessageSid",
    "opt_out_type": "OptOutType",
}
NUMBER = re.compile(r"[1-9][0-9]{6,14}")
OPT_OUT_TEXTS = {"STOP": "STOP", "START": "START"}
TAPPED_FIELDS = ("ButtonPayload", "ListId")
"""Where the id of a tapped button or list row comes back; Twilio's pages name the first, lists are seen with either."""
CHOICE = re.compile(r"[1-9]|10")
USER_ID = re.compile(r"[A-Za-z]{2}\.[A-Za-z0-9]{1,64}")
"""A WhatsApp user's id at our business: "ID." and digits, or letters and digits."""


def is_signed(*, url: str, form: Any, signature: str, auth_token: str) -> bool:
    """True when Twilio, or whoever holds the token, signed exactly this address and form."""
    if not auth_token or not signature:
        return False
    return bool(RequestValidator(auth_token).validate(url, form, signature))


def sign(*, url: str, form: Mapping[str, str], auth_token: str) -> str:
    """The signature that Twilio puts on a form, for the simulator and the tests."""
    return str(RequestValidator(auth_token).compute_signature(url, form))


def read_message(form: Mapping[str, str]) -> Inbound:
    """A patient's message; raises Unreadable without MessageSid or From."""
    address = _address(form)
    channel = "whatsapp" if form.get("From", "").startswith("whatsapp:") else "sms"
    return Inbound(
        provider_id=_sid(form),
        channel=channel,
        address=address,
        text=_text(form),
        media=_media(form),
        profile_name=clean(form.get("ProfileName", ""), limit=200).strip() or None,
        extra=_extra(form),
        route="whatsapp" if channel == "whatsapp" else "twilio_sms",
    )


def read_status(form: Mapping[str, str]) -> StatusUpdate:
    """What became of one message; raises Unreadable without MessageSid or MessageStatus."""
    status = form.get("MessageStatus") or form.get("SmsStatus") or ""
    if not status:
        raise Unreadable("MessageStatus is missing")
    code = form.get("ErrorCode", "").strip()
    return StatusUpdate(
        provider_id=_sid(form),
        status=clean(status, limit=32).lower(),
        error_code=clean(code, limit=32) if code not in ("", "0") else None,
    )


def clean(text: str, *, limit: int) -> str:
    """Without control letters, line ends as \\n, cut at the limit."""
    return CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:limit]


def _sid(form: Mapping[str, str]) -> str:
    sid = form.get("MessageSid", "").strip()
    if not sid:
        raise Unreadable("MessageSid is missing")
    if not SID.fullmatch(sid):
        raise Unreadable("MessageSid is not an id")
    return sid


def _address(form: Mapping[str, str]) -> str:
    address = form.get("From", "").removeprefix("whatsapp:").strip()
    if not address:
        raise Unreadable("From is missing")
    if not ADDRESS.fullmatch(address):
        raise Unreadable("From is not an address")
    return address


def _text(form: Mapping[str, str]) -> str:
    """The body; of a tapped choice its digit; where Twilio itself saw STOP or START, that word in our language."""
    said = OPT_OUT_TEXTS.get(form.get("OptOutType", "").upper())
    return said or _tapped(form) or _body(form, limit=MAX_TEXT)


def _body(form: Mapping[str, str], *, limit: int) -> str:
    return clean(form.get("Body", "") or form.get("ButtonText", "") or form.get("ListTitle", ""), limit=limit)


def _tapped(form: Mapping[str, str]) -> str | None:
    """The digit of the choice that was tapped: our buttons and rows carry nothing else."""
    ids = (form.get(field, "").strip() for field in TAPPED_FIELDS)
    return next((given for given in ids if CHOICE.fullmatch(given)), None)


def _media(form: Mapping[str, str]) -> tuple[dict[str, Any], ...]:
    found = []
    for number in range(MAX_MEDIA):
        url = form.get(f"MediaUrl{number}", "")
        if url:
            kind = form.get(f"MediaContentType{number}", "")
            found.append({"url": clean(url, limit=2000), "type": clean(kind, limit=100)})
    return tuple(found)


def _extra(form: Mapping[str, str]) -> dict[str, Any]:
    extra: dict[str, Any] = {
        name: clean(form[field], limit=MAX_VALUE) for name, field in KEPT.items() if form.get(field)
    }
    user_id = form.get("ExternalUserId", "").removeprefix("whatsapp:")
    if user_id:
        extra["user_id"] = clean(user_id, limit=80)
    extra |= _other_address(form, user_id)
    tapped = None if extra.get("opt_out_type") else _tapped(form)
    if tapped is not None:
        extra["tapped"] = tapped
    if extra.get("opt_out_type") or tapped is not None:
        extra |= {"body": body} if (body := _body(form, limit=MAX_VALUE)) else {}
    location = _location(form)
    return extra | {"location": location} if location else extra


def _other_address(form: Mapping[str, str], user_id: str) -> dict[str, str]:
    """The second address of the same person, where the form names both: the number and the user's id."""
    sender = form.get("From", "")
    if not sender.startswith("whatsapp:"):
        return {}
    sender = sender.removeprefix("whatsapp:").strip()
    if sender.startswith("+"):
        return {"same_as": user_id} if USER_ID.fullmatch(user_id) and user_id != sender else {}
    number = form.get("WaId", "")
    return {"same_as": f"+{number}"} if NUMBER.fullmatch(number) else {}


def _location(form: Mapping[str, str]) -> dict[str, Any] | None:
    try:
        latitude, longitude = float(form["Latitude"]), float(form["Longitude"])
    except (KeyError, ValueError):
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    words = {name: clean(form.get(name.title(), ""), limit=MAX_VALUE) for name in ("label", "address")}
    return {"latitude": latitude, "longitude": longitude} | {name: said for name, said in words.items() if said}
