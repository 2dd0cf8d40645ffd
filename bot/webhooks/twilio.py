"""Twilio's webhooks: a patient's message is kept and confirmed at once, a status moves its message forward."""

from __future__ import annotations

import logging
import time

from flask import Blueprint, Response, request

from bot import metrics
from bot.channels import StatusUpdate, Unreadable
from bot.channels.routing import has_sms
from bot.channels.twilio_forms import SIGNATURE_HEADER, is_signed, read_message, read_status
from bot.postbox import current_postbox
from bot.security import csrf
from bot.services import Services, current_services
from bot.undelivered import FollowUp
from bot.webhooks.counts import webhook_counts
from clinic import sent
from clinic.database import DATABASE_ERRORS

log = logging.getLogger(__name__)
pages = Blueprint("twilio_webhooks", __name__, url_prefix="/webhooks/twilio")
csrf.exempt(pages)

MAX_FORM_BYTES = 64 * 1024
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
LOOKS_FOR_OVERTAKEN = 4
PAUSE_SECONDS = 0.25


@pages.before_request
def check_signature() -> Response | None:
    """Refuse what is too large and what Twilio did not sign for our public address."""
    request.max_content_length = MAX_FORM_BYTES
    request.max_form_memory_size = MAX_FORM_BYTES
    settings = current_services().settings
    signed = is_signed(
        url=_public_address(settings.public_url),
        form=request.form,
        signature=request.headers.get(SIGNATURE_HEADER, ""),
        auth_token=settings.twilio_auth_token,
    )
    if signed:
        return None
    webhook_counts.add("refused")
    return _plain("the signature does not match: check TWILIO_AUTH_TOKEN and SAPA_PUBLIC_URL", 403)


@pages.errorhandler(Unreadable)
def refuse_unreadable(error: Unreadable) -> Response:
    webhook_counts.add("unreadable")
    return _plain(str(error), 400)


def ask_for_another_try(error: Exception) -> Response:
    """The database is busy or broken: nothing was kept, Twilio shall come again."""
    log.warning("webhook not kept: %s", type(error).__name__)
    webhook_counts.add("not_kept")
    answer = _plain("not kept, try again", 503)
    answer.headers["Retry-After"] = "5"
    return answer


for _error in DATABASE_ERRORS:
    pages.register_error_handler(_error, ask_for_another_try)


@pages.post("/message")
def receive_message() -> Response:
    """Keep the message, commit, confirm. The answer is somebody else's work and never waited for."""
    said = read_message(request.form)
    received = current_postbox().keep(said)
    log.info("received inbound=%s contact=%s new=%s", received.inbound_id, received.contact_id, received.is_new)
    webhook_counts.add("message" if received.is_new else "message_again")
    if received.is_new:
        metrics.inbound(channel=said.channel)
    return Response(EMPTY_TWIML, mimetype="text/xml")


@pages.post("/status")
def receive_status() -> Response:
    """Move the message forward and do what its failure asks for."""
    services = current_services()
    update = read_status(request.form)
    is_ours = _apply(services, update)
    log.info("status %s ours=%s error=%s", update.status, is_ours, update.error_code)
    webhook_counts.add("status" if is_ours else "status_of_unknown")
    return Response(EMPTY_TWIML, mimetype="text/xml")


def _apply(services: Services, update: StatusUpdate) -> bool:
    """Look a few times: a status may overtake our own commit of the id that it speaks of."""
    for _ in range(LOOKS_FOR_OVERTAKEN):
        if _apply_once(services, update):
            return True
        with services.database.reading() as db:
            if not sent.is_any_on_its_way(db):
                break
        time.sleep(PAUSE_SECONDS)
    return _apply_once(services, update)


def _apply_once(services: Services, update: StatusUpdate) -> bool:
    follow_up = FollowUp(services.facility, has_sms=has_sms(services.settings))
    with services.database.transaction() as db:
        return follow_up.take_status(db, update, now=services.clock())


def _public_address(public_url: str) -> str:
    """The address as Twilio called it: ours may differ behind a proxy."""
    query = request.query_string.decode("ascii", "replace")
    return f"{public_url}{request.path}" + (f"?{query}" if query else "")


def _plain(text: str, status: int) -> Response:
    return Response(text + "\n", status=status, mimetype="text/plain")
