"""The Android phone's webhook: a patient's SMS is kept and confirmed at once, a status moves its message forward."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from bot import android_phone, metrics
from bot.channels import StatusUpdate, Unreadable
from bot.channels.android_forms import (
    PING,
    RECEIVED,
    SIGNATURE_HEADER,
    STATUSES,
    TIMESTAMP_HEADER,
    read_event,
    read_message,
    read_status,
    refused_because,
)
from bot.channels.senders import NotAPatient
from bot.postbox import current_postbox
from bot.security import csrf
from bot.services import Services, current_services
from bot.webhooks.counts import webhook_counts
from bot.webhooks.statuses import take_status
from clinic.database import DATABASE_ERRORS

log = logging.getLogger(__name__)
pages = Blueprint("android_webhooks", __name__, url_prefix="/webhooks/android")
csrf.exempt(pages)

MAX_BODY_BYTES = 64 * 1024


@pages.before_request
def check_signature() -> Response | None:
    """Refuse what is too large and what our phone did not sign just now."""
    request.max_content_length = MAX_BODY_BYTES
    services = current_services()
    reason = refused_because(
        request.get_data(),
        timestamp=request.headers.get(TIMESTAMP_HEADER, ""),
        signature=request.headers.get(SIGNATURE_HEADER, ""),
        key=services.settings.android_webhook_key,
        now=services.clock(),
    )
    if reason is None:
        return None
    _count("refused")
    log.warning("android webhook refused: %s", reason)
    return _plain(reason, 403)


@pages.errorhandler(Unreadable)
def refuse_unreadable(error: Unreadable) -> Response:
    _count("unreadable")
    return _plain(str(error), 400)


def ask_for_another_try(error: Exception) -> Response:
    """The database is busy or broken: nothing was kept, and the phone comes again, for two days if need be."""
    log.warning("android webhook not kept: %s", type(error).__name__)
    _count("not_kept")
    answer = _plain("not kept, try again", 503)
    answer.headers["Retry-After"] = "5"
    return answer


for _error in DATABASE_ERRORS:
    pages.register_error_handler(_error, ask_for_another_try)


@pages.post("/sms")
def receive_event() -> Response:
    """Keep what the phone tells, commit, confirm; an event that we do not know is confirmed and counted."""
    services = current_services()
    event = read_event(request.get_data())
    name = event["event"]
    if name == RECEIVED:
        result = _keep_message(event)
    elif name in STATUSES:
        result = _take_status(services, read_status(event))
    else:
        result = "ping" if name == PING else "other"
    android_phone.note_phone_speaks(services.database, now=services.clock())
    _count(result)
    return _plain("ok", 200)


def _keep_message(event: Mapping[str, Any]) -> str:
    try:
        said = read_message(event)
    except NotAPatient:
        log.info("an SMS from a sender name or short number is not kept")
        return "not_a_patient"
    received = current_postbox().keep(said)
    log.info("received inbound=%s contact=%s new=%s", received.inbound_id, received.contact_id, received.is_new)
    if not received.is_new:
        return "message_again"
    metrics.inbound(channel=said.channel)
    return "message"


def _take_status(services: Services, update: StatusUpdate) -> str:
    is_ours = take_status(services, update)
    log.info("status %s ours=%s error=%s", update.status, is_ours, update.error_code)
    return "status" if is_ours else "status_of_unknown"


def _count(result: str) -> None:
    webhook_counts.add(result, source="android")


def _plain(text: str, status: int) -> Response:
    return Response(text + "\n", status=status, mimetype="text/plain")
