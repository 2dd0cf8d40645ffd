"""`sapa android`: the phone that sends SMS with the health centre's own SIM."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import click

from bot.channels.android import AndroidChannel, open_android
from bot.channels.android_webhooks import (
    NotRegistered,
    list_webhooks,
    missing_events,
    register_webhooks,
    webhook_address,
)
from bot.cli.opening import json_option, print_rows, read_settings
from bot.services import Services

PHONE_IS_LATE_SECONDS = 20 * 60


@click.group()
def android() -> None:
    """The Android phone as an SMS gateway."""


@android.command()
@click.option("--url", metavar="URL", help="Our address as the phone reaches it; without it SAPA_PUBLIC_URL.")
@json_option
def register(url: str | None, as_json: bool) -> None:
    """Tell the gateway where to report SMS that come in and what became of ours. Again and again does no harm."""
    settings = read_settings(needs_secret=False)
    channel = open_android(settings)
    if channel is None:
        raise click.ClickException("no gateway: set SAPA_ANDROID_URL, such as http://192.168.1.20:8080")
    if not settings.android_webhook_key:
        raise click.ClickException("set SAPA_ANDROID_WEBHOOK_KEY first: without it we refuse what the phone reports")
    try:
        address = webhook_address(url or settings.public_url)
        steps = register_webhooks(channel.http, address)
    except NotRegistered as error:
        raise click.ClickException(str(error)) from error
    print_rows([{"event": step.event, "done": step.done, "url": address} for step in steps], as_json=as_json)


def android_findings(services: Services) -> Iterator[tuple[str, str]]:
    """What `sapa check` says about the phone, as level and words; nothing where none is set up."""
    channel = open_android(services.settings)
    if channel is None:
        return
    if not services.settings.android_webhook_key:
        yield "fault", "what the phone reports is refused: set SAPA_ANDROID_WEBHOOK_KEY"
    yield _reached(channel, now=services.clock())
    yield from _registered(channel)


def _reached(channel: AndroidChannel, *, now: datetime) -> tuple[str, str]:
    sign = channel.phone_sign(now=now)
    if not sign.is_reached:
        return "fault", "no gateway answers at SAPA_ANDROID_URL: is the phone on, its server started?"
    if sign.is_login_refused:
        return "fault", "the login is refused: check SAPA_ANDROID_USERNAME and SAPA_ANDROID_PASSWORD"
    if sign.seen_at is None:
        return "warning", "the gateway answers, but knows of no phone"
    seconds = max(int((now - sign.seen_at).total_seconds()), 0)
    return "warning" if seconds > PHONE_IS_LATE_SECONDS else "ok", f"the phone was there {seconds} s ago"


def _registered(channel: AndroidChannel) -> Iterator[tuple[str, str]]:
    try:
        missing = missing_events(list_webhooks(channel.http))
    except NotRegistered:
        return  # said above in other words
    if missing:
        yield "fault", f"the phone does not report {', '.join(missing)}: sapa android register"
