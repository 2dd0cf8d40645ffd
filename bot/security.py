"""Security of the pages: cookie flags, CSRF, limits on trying, and the headers every answer carries."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from flask import Flask, Response, request, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect

from bot.settings import Settings

MAX_FORM_BYTES = 256 * 1024
MAX_UPLOAD_BYTES = 6 * 1024 * 1024
"""A reply with its photo or PDF."""
TAKES_FILES = frozenset({"inbox.reply"})
CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address, storage_uri="memory://", headers_enabled=False)


def secure(app: Flask, settings: Settings) -> None:
    """Set cookie flags, CSRF, limits and headers; a blueprint that machines post to calls `csrf.exempt`."""
    is_https = settings.public_url.startswith("https://")
    app.config.update(
        SECRET_KEY=_session_key(settings.secret_key),
        SESSION_COOKIE_NAME="__Host-sapa" if is_https else "sapa",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        WTF_CSRF_TIME_LIMIT=None,  # the token ends with the session that it belongs to
    )
    app.before_request(_let_staff_send_files)  # before the CSRF check, which reads the form
    csrf.init_app(app)
    limiter.init_app(app)
    app.after_request(_add_headers)
    if is_https:
        app.after_request(_add_https_only)


def _session_key(secret: str) -> str:
    """Another key than the one identity numbers are encrypted with, drawn from the same secret."""
    return hmac.new(secret.encode(), b"sapa web session", hashlib.sha256).hexdigest()


def _let_staff_send_files() -> None:
    """A larger form where a file may come, and only from somebody with a session."""
    if request.endpoint in TAKES_FILES and "staff" in session:
        request.max_content_length = MAX_UPLOAD_BYTES


def _add_headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _add_https_only(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
