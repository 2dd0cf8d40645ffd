"""Sealed: opens what BPJS encrypts: AES-256-CBC over text that is packed with LZ-string."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from lzstring import LZString

BLOCK_BYTES, BLOCK_BITS = 16, 128
BROKEN_PACK = (LookupError, TypeError, ValueError, NameError)
"""What the unpacker falls over on when the text is not packed at all."""


class NotOpened(Exception):
    """The text was sealed with another key or timestamp, or it is no sealed text at all."""


def open_sealed(text: str, key: bytes) -> Any:
    """The JSON value inside; raises NotOpened."""
    try:
        packed = _decrypt(base64.b64decode(text, validate=True), key)
    except (binascii.Error, ValueError) as error:
        raise NotOpened("not encrypted with this key") from error
    try:
        plain = LZString().decompressFromEncodedURIComponent(packed)
    except BROKEN_PACK as error:
        raise NotOpened("not packed") from error
    try:
        return json.loads(plain or "")
    except (ValueError, RecursionError) as error:
        raise NotOpened("no JSON inside") from error


def _decrypt(sealed: bytes, key: bytes) -> str:
    """The IV is the beginning of the key."""
    reader = Cipher(AES256(key), CBC(key[:BLOCK_BYTES])).decryptor()
    padded = reader.update(sealed) + reader.finalize()
    padding = PKCS7(BLOCK_BITS).unpadder()
    return (padding.update(padded) + padding.finalize()).decode("ascii")
