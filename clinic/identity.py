"""Identity numbers: encrypted where they rest, found by keyed hash, masked wherever they are shown."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken


class CannotDecrypt(Exception):
    """The stored number was written with another SAPA_SECRET_KEY."""


@dataclass(frozen=True)
class IdentityKeeper:
    """Encrypts, decrypts and hashes identity numbers with keys drawn from SAPA_SECRET_KEY."""

    secret: str

    def encrypt(self, number: str) -> str:
        return self._fernet().encrypt(number.encode()).decode()

    def decrypt(self, stored: str) -> str:
        """The number as it was; raises CannotDecrypt when the secret key has changed."""
        try:
            return self._fernet().decrypt(stored.encode()).decode()
        except InvalidToken as error:
            raise CannotDecrypt("stored with another secret key") from error

    def hash(self, number: str) -> str:
        """The same number gives the same hash; without the key it cannot be guessed by trying all numbers."""
        return hmac.new(self._key("hash"), number.encode(), hashlib.sha256).hexdigest()

    def _fernet(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self._key("encrypt")))

    def _key(self, purpose: str) -> bytes:
        return hmac.new(self.secret.encode(), f"sapa identity {purpose}".encode(), hashlib.sha256).digest()


def mask(number: str) -> str:
    """First and last four digits: "6472********0001"; shorter values show their last two only."""
    if len(number) < 12:
        return "*" * max(len(number) - 2, 0) + number[-2:]
    return number[:4] + "*" * (len(number) - 8) + number[-4:]
