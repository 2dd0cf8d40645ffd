"""Routing: which routes there are, as the settings say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.channels import Capabilities, Channel
from bot.channels.android import SMS as ANDROID
from bot.channels.android import open_android
from bot.channels.console import CONSOLE, ConsoleChannel
from bot.channels.gammu import SMS as GAMMU
from bot.channels.gammu import open_gammu
from bot.channels.twilio import SMS, WHATSAPP, TwilioChannel, open_client
from bot.channels.twilio_http import TwilioHttp
from bot.settings import Settings

STATUS_PATH = "/webhooks/twilio/status"


@dataclass(frozen=True)
class RouteKind:
    """What is known of a route without opening it."""

    channel: str
    """whatsapp, sms or console."""
    capabilities: Capabilities


EVERY_ROUTE = {
    "whatsapp": RouteKind("whatsapp", WHATSAPP),
    "gammu": RouteKind("sms", GAMMU),
    "android": RouteKind("sms", ANDROID),
    "twilio_sms": RouteKind("sms", SMS),
    "console": RouteKind("console", CONSOLE),
}


def route_kinds(settings: Settings) -> dict[str, RouteKind]:
    """The routes that these settings set up, without opening anything: for planning and for pages."""
    has = {
        "whatsapp": settings.has_twilio and bool(settings.whatsapp_from),
        "twilio_sms": settings.has_twilio and bool(settings.sms_from),
        "gammu": settings.gammu_database_url is not None,
        "android": settings.android_url is not None,
        "console": True,
    }
    return {route: kind for route, kind in EVERY_ROUTE.items() if has[route]}


def has_sms(settings: Settings) -> bool:
    """Whether any route leads to a phone's SMS."""
    return any(kind.channel == "sms" for kind in route_kinds(settings).values())


def open_channels(settings: Settings) -> dict[str, Channel]:
    """The channels that can send, by route; one that lacks its account or sender is left out. Open once per process."""
    found = (ConsoleChannel(), open_gammu(settings), open_android(settings), *_twilio(settings))
    return {channel.route: channel for channel in found if channel is not None}


def _twilio(settings: Settings) -> Iterator[Channel]:
    if not settings.has_twilio:
        return
    client = open_client(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token,
        http=TwilioHttp(base_url=settings.twilio_api_url),
    )
    for name, sender in (("whatsapp", settings.whatsapp_from), ("sms", settings.sms_from)):
        if sender:
            yield TwilioChannel(
                client=client,
                channel=name,
                sender=sender.removeprefix("whatsapp:"),
                status_callback=settings.public_url + STATUS_PATH,
            )
