"""Twilio's webhooks: a patient's message is kept and confirmed at once, a status moves its message forward."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, request

from bot import metrics
from bot.channels import Unreadable
from bot.channels.twilio_forms import SIGNATURE_HEADER, is_signed, read_message, read_status
from bot.postbox import current_postbox
from bot.security import csrf
from bot.services import current_services
from bot.webhooks.counts import webhook_counts
from bot.webhooks.statuses import take_status
from clinic.database import DATABASE_ERRORS

log = logging.getLogger(__name__)
pages = Blueprint("twilio_webhooks", __name__, url_prefix="/webhooks/twilio")
csrf.exempt(pages)

MAX_FORM_BYTES = 64 * 1024
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


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
    is_ours = take_status(services, update)
    log.info("status %s ours=%s error=%s", update.status, is_ours, update.error_code)
    webhook_counts.add("status" if is_ours else "status_of_unknown")
    return Response(EMPTY_TWIML, mimetype="text/xml")


def _public_address(public_url: str) -> str:
    """The address as Twilio called it: ours may differ behind a proxy."""
    query = request.query_string.decode("ascii", "replace")
    return f"{public_url}{request.path}" + (f"?{query}" if query else "")


def _plain(text: str, status: int) -> Response:
    return Response(text + "\n", status=status, mimetype="text/plain")
