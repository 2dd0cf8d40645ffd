"""Reads the time of day: "jam 8 pagi" is 08:00, "sore" is a part of the day."""

from __future__ import annotations

import re

from nlu.normalise import normalise

_PARTS = {"pagi": "pagi", "subuh": "pagi", "siang": "siang", "sore": "sore", "petang": "sore", "malam": "malam"}
_PARTS |= {"maghrib": "malam", "magrib": "malam", "isya": "malam", "dzuhur": "siang", "dhuhur": "siang"}
_NUMBERS = ["satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"]
_HOUR = r"(\d{1,2}|" + "|".join(_NUMBERS) + ")"
_PART = r"(?:\s+(?:di\s+)?(pagi|subuh|siang|sore|petang|malam))?"
_CLOCK = re.compile(
    rf"\bjam\s+(setengah\s+)?{_HOUR}(?:[.:](\d{{2}}))?(?:\s*an)?\b(?:\s+(lewat|lebih|kurang)\s+(\d{{1,2}}))?"
    rf"(?:\s+(?:wita|wib|wit))?{_PART}"
)
_BARE = re.compile(rf"(?<![\d/.-])(\d{{1,2}}):(\d{{2}})(?![\d/.-]){_PART}")
_HALF = re.compile(rf"\bsetengah\s+{_HOUR}\b{_PART}")
_WITH_PART = re.compile(r"(?<![\d/.:-])\b(\d{1,2})(?:\.(\d{2}))?\s+(pagi|siang|sore|malam)\b")
_NAMED = re.compile(rf"\b({'|'.join(_PARTS)})\b")
_GREETING = re.compile(
    r"\b(?:selamat|assalamualaikum|met|halo|permisi)\s+(?:pagi|siang|sore|malam)\b"
    r"|\b(?:pagi|siang|sore|malam)\s+(?:kak|kakak|pak|bapak|bu|ibu|min|admin|dokter|semua|mas|mbak|mba)\b"
    r"|^(?:pagi|siang|sore|malam)\s+(?=mau|saya|permisi|tanya|bisa|apa|apakah|boleh|maaf|ini)"
    r"|\b(?:tadi|semalam|tiap|setiap|kemarin)\s+(?:pagi|siang|sore|malam)\b"
)


def read_time(text: str) -> str | None:
    """ "HH:MM" when an hour is named, else "pagi", "siang", "sore" or "malam", else None.

    An hour without a part of the day is read as a puskesmas keeps hours: 1 to 5 is the afternoon.
    """
    plain = _GREETING.sub(" ", normalise(text))
    if found := _CLOCK.search(plain):
        minutes = _minutes(found[3], offset=found[5], direction=found[4])
        return _clock(_hour(found[2]), minutes, part=found[6], is_half=bool(found[1]))
    if found := _HALF.search(plain):
        return _clock(_hour(found[1]), 0, part=found[2], is_half=True)
    if found := _BARE.search(plain):
        return _clock(int(found[1]), int(found[2]), part=found[3])
    if found := _WITH_PART.search(plain):
        return _clock(int(found[1]), int(found[2] or 0), part=found[3])
    named = _NAMED.search(plain)
    return _PARTS[named[1]] if named else None


def _hour(written: str) -> int:
    return int(written) if written.isdigit() else _NUMBERS.index(written) + 1


def _minutes(written: str | None, *, offset: str | None, direction: str | None) -> int:
    if written is not None:
        return int(written)
    if offset is None:
        return 0
    return -int(offset) if direction == "kurang" else int(offset)


def _clock(hour: int, minutes: int, *, part: str | None, is_half: bool = False) -> str | None:
    """The 24-hour time, or None for an hour that no clock shows."""
    if not (0 <= hour <= 24 and -60 < minutes < 60):
        return None
    hour = _by_part(hour, part)
    total = (hour * 60 + minutes - (30 if is_half else 0)) % (24 * 60)
    return f"{total // 60:02d}:{total % 60:02d}"


def _by_part(hour: int, part: str | None) -> int:
    if hour > 12 or part in ("pagi", "subuh"):
        return hour % 24
    if part == "malam":
        return 0 if hour == 12 else hour + 12 if hour >= 6 else hour
    if part in ("sore", "petang"):
        return hour + 12 if hour < 12 else hour
    if part == "siang":
        return hour + 12 if hour <= 5 else hour
    return hour + 12 if 1 <= hour <= 5 else hour
