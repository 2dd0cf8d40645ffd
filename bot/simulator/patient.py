"""Patient: the forms Twilio would post for what a patient does on a phone, signed and posted to our own webhook."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from bot.channels.twilio_forms import SIGNATURE_HEADER, sign
from bot.settings import DEMO_ACCOUNT

MESSAGE_PATH = "/webhooks/twilio/message"
TIMEOUT_SECONDS = 15.0


@dataclass(frozen=True)
class Button:
    """A quick reply or a list row that was tapped, and the message that it stands under."""

    text: str
    payload: str
    message_sid: str = ""
    is_row: bool = False


@dataclass(frozen=True)
class Media:
    """A photo, voice note or sticker, by address."""

    url: str
    content_type: str


@dataclass(frozen=True)
class Location:
    """A place that was shared."""

    latitude: float
    longitude: float
    label: str = ""


def whatsapp_form(
    *,
    sender: str,
    recipient: str,
    text: str,
    profile_name: str = "",
    button: Button | None = None,
    media: tuple[Media, ...] = (),
    location: Location | None = None,
    account_sid: str = DEMO_ACCOUNT,
    user_id: str = "",
) -> dict[str, str]:
    """What Twilio posts for a WhatsApp message; numbers without "whatsapp:".

    `user_id` is the user's id at the health centre, which comes beside the number or, as `sender`, in its place.
    """
    attached = media[0].content_type.partition("/")[0] if media else "text"
    kind = "interactive" if button else "location" if location else attached
    form = _plain_form(sender=f"whatsapp:{sender}", recipient=f"whatsapp:{recipient}", account_sid=account_sid)
    form |= {
        "Body": button.text if button else text,
        "ProfileName": profile_name,
        **({"WaId": sender.removeprefix("+")} if sender.startswith("+") else {}),
        **({"ExternalUserId": f"whatsapp:{user_id}"} if user_id else {}),
        "MessageType": kind,
        "ChannelMetadata": json.dumps({"type": "whatsapp", "data": {"context": {"ProfileName": profile_name}}}),
        "ReferralNumMedia": "0",
    }
    if button is not None:
        form |= _tap_fields(button, recipient)
    if location is not None:
        place = {"Latitude": str(location.latitude), "Longitude": str(location.longitude)}
        form |= place | ({"Label": location.label} if location.label else {})
    return form | _media_fields(media)


def sms_form(*, sender: str, recipient: str, text: str, account_sid: str = DEMO_ACCOUNT) -> dict[str, str]:
    """What Twilio posts for an SMS."""
    form = _plain_form(sender=sender, recipient=recipient, account_sid=account_sid)
    return form | {"Body": text, "FromCountry": "ID", "ToCountry": "ID"}


def post_signed_message(
    public_url: str,
    auth_token: str,
    form: Mapping[str, str],
    *,
    via: str | None = None,
    http: httpx.Client | None = None,
) -> int:
    """Post the form to our webhook as Twilio would and say with which HTTP status it was answered.

    It is signed for `public_url`; `via` is another base address of the same server, where that one leads outside.
    `http` is a client to be used again and again; without it one is made for this message alone.
    Raises httpx.HTTPError when nobody answers.
    """
    signature = sign(url=public_url + MESSAGE_PATH, form=form, auth_token=auth_token)
    address, headers = (via or public_url) + MESSAGE_PATH, {SIGNATURE_HEADER: signature}
    if http is not None:
        return http.post(address, data=dict(form), headers=headers).status_code
    # Loading the certificates of the world takes longer than a call over plain HTTP, which needs none of them.
    is_secure = address.startswith("https://")
    with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False, verify=is_secure) as own:
        return own.post(address, data=dict(form), headers=headers).status_code


def _plain_form(*, sender: str, recipient: str, account_sid: str) -> dict[str, str]:
    sid = "SM" + secrets.token_hex(16)
    return {
        "MessageSid": sid,
        "SmsSid": sid,
        "SmsMessageSid": sid,
        "AccountSid": account_sid,
        "From": sender,
        "To": recipient,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
    }


def _tap_fields(button: Button, recipient: str) -> dict[str, str]:
    names = ("ListTitle", "ListId") if button.is_row else ("ButtonText", "ButtonPayload")
    fields = dict(zip(names, (button.text, button.payload), strict=True))
    if button.message_sid:
        fields["OriginalRepliedMessageSid"] = button.message_sid
        fields["OriginalRepliedMessageSender"] = f"whatsapp:{recipient}"
    return fields


def _media_fields(media: tuple[Media, ...]) -> dict[str, str]:
    fields = {"NumMedia": str(len(media))}
    for number, item in enumerate(media):
        fields |= {f"MediaUrl{number}": item.url, f"MediaContentType{number}": item.content_type}
    return fields
