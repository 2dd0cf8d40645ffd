"""Tells by the words around an hour or a part of the day what it is, when nobody wants to come then."""

from __future__ import annotations

import re

from nlu.calendar_words import MARK, PARTS, WEEKDAYS
from nlu.phrases import around

_PART = rf"(?:{'|'.join(PARTS)})"
_NO_VISIT = rf"(?:(?!(?:{around('visit_at_an_hour')})\b)\S+ )"
_GREETED = re.compile(
    rf"\b(?:{around('greeting')}) (?:{MARK} )?(?:wr wb )?{_PART}\b|(?:^|(?<={MARK} )){_PART} (?:{around('greeted')})\b"
)
_OPENING = re.compile(rf"^(?:{MARK} )*{_PART} (?:{MARK} )*(?=(?:{around('goes_on')})\b)")
_OPENING_WITH_A_PAUSE = re.compile(rf"^(?:{MARK} )*{_PART} (?:{MARK} )+(?!jam\b|\d)(?=\S+ \S+ \S+)")
_GONE = re.compile(
    rf"\b(?:{around('gone')})(?: (?:habis|sesudah|setelah|jam|di|hari|sejak|makan|{'|'.join(WEEKDAYS)}))* $"
)
_GONE_BEHIND = re.compile(r"^ (?:tadi|kemarin|lalu)\b")
_DONE = re.compile(rf"\b(?:{around('done')})(?: (?:dari|mulai|sejak|pas|sekitar|tadi|sudah|malam))* $")
_WAITING = re.compile(rf"\b(?:{around('waiting')})\b")
_UNTIL = re.compile(r"\b(?:sampai|hingga) $")
_ARRIVES = re.compile(r"\b(?:saya|aku|baru|bisa|kira|paling|kami) sampai $")
_HOME = re.compile(r"\b(?:saya|aku|baru|suami|istri|dia) pulang (?:kerja |sekolah )?$")
_WAS_FULL = re.compile(rf"^ (?:sudah|baru|masih) (?:{around('was_full')})\b")
_DOSE = re.compile(rf"\b(?:{around('dose')}|\d ?x ?\d) {_NO_VISIT}{{0,6}}$")
_MEAL = re.compile(rf"\b(?:makan|sarapan|x) {_NO_VISIT}{{0,3}}$")
_MEAL_HOUR = re.compile(r"\b(?:jam|habis|sesudah|setelah|sebelum) makan $")
_USUAL = re.compile(rf"\b(?:{around('usual')}) $")
_AT_NIGHT = re.compile(rf"\b(?:{around('at_night')}|\d) $")
_ASKED = re.compile(rf" (?:{around('asked')}|{'|'.join(WEEKDAYS)})\b")
_SHIFT = re.compile(rf"\b(?:{around('works')})(?: (?:shift|sif|kerja|sampai))* $|(?<!ke )\b(?:shift|sif) $")
_REACH = 60
"""Letters that are looked at on either side."""


def without_greeting(words: list[str]) -> list[str]:
    """The words without "selamat pagi" and "siang dok": they name no hour."""
    plain = _OPENING.sub(" ", _OPENING_WITH_A_PAUSE.sub(" ", " ".join(words)))
    return _GREETED.sub(" ", plain).split()


def is_no_visit(plain: str, start: int, end: int) -> bool:
    """Whether the hour at plain[start:end] is past, of sleeping or fasting, or how long somebody waited."""
    before, behind = _sides(plain, start, end)
    if _GONE.search(before) or _GONE_BEHIND.search(behind) or _DONE.search(before):
        return True
    if _HOME.search(before) or _WAS_FULL.search(behind):
        return True
    if before.endswith("dari "):
        return not plain.startswith("jam", start) or before == "dari " or _WAITING.search(before) is not None
    return bool(_UNTIL.search(before) and not _ARRIVES.search(before))


def is_routine(plain: str, start: int, end: int) -> bool:
    """Whether the part of the day there belongs to a dose, a meal or a habit; a prayer is always an hour."""
    before, behind = _sides(plain, start, end)
    if plain[start:end].split()[-1] not in PARTS:
        return False
    if _DOSE.search(before) or (_MEAL.search(before) and not _MEAL_HOUR.search(before)):
        return True
    if _SHIFT.search(before) or _USUAL.search(before):
        return True
    return plain.startswith("malam", start) and bool(_AT_NIGHT.search(before)) and not _ASKED.match(behind)


def _sides(plain: str, start: int, end: int) -> tuple[str, str]:
    return plain[max(0, start - _REACH) : start], plain[end : end + _REACH]
