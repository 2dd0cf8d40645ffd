"""Signing: the headers with which BPJS knows us, and the key that its encrypted answers are read with."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.settings import Settings


@dataclass(frozen=True)
class BpjsKeys:
    """What BPJS gave the health centre for one of its services; every service has a user_key of its own."""

    cons_id: str
    secret: str = field(repr=False)
    user_key: str = field(repr=False)

    def headers(self, timestamp: str) -> Mapping[str, str]:
        return {
            "X-cons-id": self.cons_id,
            "X-timestamp": timestamp,
            "X-signature": self.signature(timestamp),
            "user_key": self.user_key,
        }

    def signature(self, timestamp: str) -> str:
        message = f"{self.cons_id}&{timestamp}".encode()
        return base64.b64encode(hmac.new(self.secret.encode(), message, hashlib.sha256).digest()).decode()

    def answer_key(self, timestamp: str) -> bytes:
        """For the answer to the request of this timestamp, not of now."""
        return hashlib.sha256(f"{self.cons_id}{self.secret}{timestamp}".encode()).digest()

    def fingerprint(self, url: str) -> str:
        """Short, and another one as soon as any of them is changed; says nothing about them."""
        parts = "\n".join((self.cons_id, self.secret, self.user_key, url))
        return hashlib.sha256(parts.encode()).hexdigest()[:12]


def antrean_keys(settings: Settings) -> BpjsKeys:
    """The keys of the antrean service."""
    return BpjsKeys(settings.bpjs_cons_id, settings.bpjs_secret, settings.bpjs_antrean_user_key)


def timestamp_of(now: datetime) -> str:
    """Whole seconds of UTC, as text."""
    return str(int(now.timestamp()))
