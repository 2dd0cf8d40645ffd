"""Routing: which routes there are, as the settings say, and which of them a message takes."""

from __future__ import annotations

from bot.channels import Channel
from bot.channels.console import ConsoleChannel
from bot.channels.twilio import TwilioChannel, open_client
from bot.channels.twilio_http import TwilioHttp
from bot.settings import Settings

STATUS_PATH = "/webhooks/twilio/status"


def open_channels(settings: Settings) -> dict[str, Channel]:
    """The channels that can send, by route; one that lacks its account or sender is left out. Open once per process."""
    channels: dict[str, Channel] = {"console": ConsoleChannel()}
    if not settings.has_twilio:
        return channels
    client = open_client(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token,
        http=TwilioHttp(base_url=settings.twilio_api_url),
    )
    for name, sender in (("whatsapp", settings.whatsapp_from), ("sms", settings.sms_from)):
        if sender:
            twilio = TwilioChannel(
                client=client,
                channel=name,
                sender=sender.removeprefix("whatsapp:"),
                status_callback=settings.public_url + STATUS_PATH,
            )
            channels[twilio.route] = twilio
    return channels
