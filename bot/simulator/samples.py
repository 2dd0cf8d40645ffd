"""Samples: the photo and the voice note that a simulated phone can send."""

from __future__ import annotations

import struct
import zlib

SIDE = 96
SILENCE = b"\xf8\xff\xfe"
"""20 ms of Opus that say nothing."""
PACKETS = 100
SERIAL = 0x5A9A
SAMPLES_PER_PACKET = 960
FIRST, LAST = 2, 4
TABLE = [0] * 256
for _byte in range(256):
    _rest = _byte << 24
    for _ in range(8):
        _rest = ((_rest << 1) ^ 0x04C11DB7 if _rest & 0x80000000 else _rest << 1) & 0xFFFFFFFF
    TABLE[_byte] = _rest


def sample_photo() -> bytes:
    """A PNG: a white sheet with grey lines on a green ground."""
    rows = b"".join(b"\0" + b"".join(_pixel(column, row) for column in range(SIDE)) for row in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def sample_voice() -> bytes:
    """Two silent seconds of Ogg Opus, as WhatsApp's voice notes are."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 4) + b"sapa" + struct.pack("<I", 0)
    pages = [_page([head], number=0, position=0, flags=FIRST), _page([tags], number=1, position=0, flags=0)]
    sound = [SILENCE] * PACKETS
    pages.append(_page(sound, number=2, position=PACKETS * SAMPLES_PER_PACKET, flags=LAST))
    return b"".join(pages)


def _pixel(column: int, row: int) -> bytes:
    on_sheet = 16 <= column < 80 and 8 <= row < 88
    on_line = on_sheet and 24 <= column < 72 and row % 12 < 3 and 16 <= row < 80
    return b"\x8a\x8a\x8a" if on_line else b"\xff\xff\xff" if on_sheet else b"\x2e\x8b\x57"


def _page(packets: list[bytes], *, number: int, position: int, flags: int) -> bytes:
    lengths = bytes(len(packet) for packet in packets)
    start = b"OggS" + struct.pack("<BBqII", 0, flags, position, SERIAL, number)
    body = bytes([len(packets)]) + lengths + b"".join(packets)
    return start + struct.pack("<I", _checksum(start + b"\0\0\0\0" + body)) + body


def _checksum(data: bytes) -> int:
    """Ogg's own CRC, which counts the bits from the other end."""
    rest = 0
    for byte in data:
        rest = ((rest << 8) & 0xFFFFFFFF) ^ TABLE[(rest >> 24) ^ byte]
    return rest
