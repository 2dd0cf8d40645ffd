"""Login of BPJS: user and password are exchanged for a signed token that ends by itself."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from bot.jkn.answers import Refused
from bot.settings import Settings

TOKEN_LIVES = timedelta(minutes=30)
"""How long is up to us; the systems that serve Mobile JKN keep it short."""
LONGEST_TOKEN = 500


def token_for(username: str, password: str, *, settings: Settings, now: datetime) -> str:
    """A token for who knows the password; raises Refused. Both are compared whole, however early they differ."""
    is_known = _same(username, settings.jkn_username)
    is_right = _same(password, settings.jkn_password)
    if not (is_known and is_right):
        raise Refused("login_wrong")
    until = int((now + TOKEN_LIVES).timestamp())
    return str(_serializer(settings).dumps({"of": settings.jkn_username, "until": until}))


def check_token(token: str, username: str, *, settings: Settings, now: datetime) -> None:
    """Ours, of this user, and not ended; raises Refused."""
    try:
        said = _serializer(settings).loads(token[:LONGEST_TOKEN])
        owner, until = str(said["of"]), int(said["until"])
    except (BadData, KeyError, TypeError, ValueError):
        raise Refused("login_wrong") from None
    if not (_same(owner, settings.jkn_username) and _same(username, owner)):
        raise Refused("login_wrong")
    if now.timestamp() >= until:
        raise Refused("token_old")


def _serializer(settings: Settings) -> URLSafeSerializer:
    """A key of its own, so that another password ends every token."""
    purpose = b"sapa jkn token " + settings.jkn_password.encode()
    key = hmac.new(settings.secret_key.encode(), purpose, hashlib.sha256).hexdigest()
    return URLSafeSerializer(key, salt="jkn", signer_kwargs={"digest_method": hashlib.sha256})


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
