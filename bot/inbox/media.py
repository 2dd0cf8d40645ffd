"""Inbox media: the photos and voice notes of patients and the files of staff, for logged-in staff only."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack

from flask import Response, abort, render_template

from bot.channels.twilio_media import MediaRefused, TwilioMedia
from bot.inbox.guard import pages
from bot.media import as_response
from bot.services import current_services
from clinic.media import attachment_of, file_of, kind_of

log = logging.getLogger(__name__)

LARGEST = 16 * 1024 * 1024
"""WhatsApp carries no larger file."""
SHOWN = frozenset(
    "image/jpeg image/png image/webp audio/ogg audio/mpeg audio/aac audio/amr audio/mp4"
    " video/mp4 application/pdf".split()
)
"""What a browser may be handed; what it really is, its first bytes say."""
OPENED_ASIDE = frozenset({"application/pdf", "video/mp4", "audio/amr"})
"""Saved as a file instead of shown in the page."""
STATUS = {"foreign": 404, "gone": 404, "too_large": 413, "unreachable": 502}


@pages.get("/media/<int:inbound_id>/<int:number>")
def show_media(inbound_id: int, number: int) -> Response | tuple[str, int]:
    """One picture or sound of a patient, straight from the provider: nothing of it is kept here."""
    services = current_services()
    with services.database.reading() as db:
        attachment = attachment_of(db, inbound_id, number) or abort(404)
    settings = services.settings
    provider = TwilioMedia(settings.twilio_account_sid, settings.twilio_auth_token, settings.twilio_api_url)
    opened = ExitStack()
    try:
        _, chunks = opened.enter_context(provider.open(attachment.url, largest=LARGEST))
        first = next(chunks, b"")
    except MediaRefused as refused:
        opened.close()
        return _refused(str(refused))
    kind = kind_of(first)
    if kind not in SHOWN:
        opened.close()
        return _refused("unknown_kind")
    answer = Response(_whole(first, chunks), content_type=kind)
    answer.call_on_close(opened.close)
    place = "attachment" if kind in OPENED_ASIDE else "inline"
    ending = kind.partition("/")[2]
    answer.headers["Content-Disposition"] = f'{place}; filename="kiriman-{inbound_id}-{number + 1}.{ending}"'
    return answer


@pages.get("/files/<name>")
def show_sent_file(name: str) -> Response:
    """A file that staff sent."""
    with current_services().database.reading() as db:
        file = file_of(db, name) or abort(404)
    return as_response(file, is_download=file.kind == "application/pdf")


def _whole(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """What came and what is to come; where it breaks off, the browser has what came until then."""
    yield first
    try:
        yield from rest
    except MediaRefused as refused:
        log.warning("media broke off: %s", refused)


def _refused(why: str) -> tuple[str, int]:
    return render_template("inbox/media_refused.html", why=why), STATUS.get(why, 415)
