"""Media: the files that staff send, at an address that only the provider is told and that soon means nothing."""

from __future__ import annotations

import hashlib
import hmac
from uuid import uuid4

from flask import Blueprint, Response, abort
from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.services import current_services
from bot.settings import Settings
from clinic.media import KINDS, LARGEST, FileView, file_of, kind_of

pages = Blueprint("media", __name__, url_prefix="/media")

LINK_SECONDS = 24 * 3600
"""As long as a message may be on its way; Twilio fetches at once and keeps its own copy."""
FILE_NAMES = {"pdf": "surat.pdf", "jpg": "foto.jpg", "png": "foto.png"}


def media_link(settings: Settings, name: str) -> str:
    """The public address of a file of ours: signed, and worth nothing after a day."""
    return f"{settings.public_url}/media/{_signer(settings).dumps(name)}"


def media_links(settings: Settings, names: tuple[str, ...]) -> tuple[str, ...]:
    """The same for all files of a message."""
    return tuple(media_link(settings, name) for name in names)


def new_name() -> str:
    """A name that nobody guesses."""
    return uuid4().hex


def file_fault(data: bytes) -> str | None:
    """Why a file cannot be sent: file_too_large, not_a_file, or None."""
    if len(data) > LARGEST:
        return "file_too_large"
    return None if kind_of(data) in KINDS else "not_a_file"


def as_response(file: FileView, *, is_download: bool = False) -> Response:
    """The file with its true content type: Twilio refuses it when HEAD and GET say anything else."""
    answer = Response(file.data, content_type=file.kind)
    place = "attachment" if is_download else "inline"
    answer.headers["Content-Disposition"] = f'{place}; filename="{FILE_NAMES.get(file.ending, "berkas")}"'
    return answer


@pages.get("/<token>")
def show_file(token: str) -> Response:
    """The file, for whoever holds a link that is still good."""
    services = current_services()
    try:
        name = _signer(services.settings).loads(token, max_age=LINK_SECONDS)
    except BadSignature:
        abort(404)
    with services.database.reading() as db:
        file = file_of(db, str(name)) or abort(404)
    return as_response(file)


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    """Another key than the session's and the one for identity numbers, drawn from the same secret."""
    key = hmac.new(settings.secret_key.encode(), b"sapa media links", hashlib.sha256).hexdigest()
    return URLSafeTimedSerializer(key, salt="media")
