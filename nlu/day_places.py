"""Tells by the words around a day what it is, when it is no day that somebody wants to come."""

from __future__ import annotations

import re

from nlu.calendar_words import WEEKDAYS
from nlu.phrases import around

_DAY = "|".join(WEEKDAYS)
# A few words of which none speaks of a visit.
_THEN = rf"(?:(?!(?:{around('visit')})\b)\S+ ){{0,4}}$"
_BORN = re.compile(rf"\b(?:{around('born')}) {_THEN}")
_BILL = re.compile(rf"\b(?:{around('bill')}) {_THEN}")
_BILL_BEHIND = re.compile(rf"^ (?:{around('bill_behind')})\b")
_STREET = re.compile(rf"\b(?:{around('street')}) (?:\S+ )?$")
_COUNTED = re.compile(rf"\b(?:{around('counted')})(?: \d+)? $")
_UNITS = re.compile(rf"^ (?:(?:{around('units')})\b|jam\b(?! \d| setengah))")
_TODAY_IS = re.compile(r"\bhari ini (?:kan |adalah |itu |sudah )?(?:hari )?$")
_PAST = re.compile(rf"\b(?:{around('past')})(?: (?:hari|tanggal|yang))* $")
_PAST_BEHIND = re.compile(
    rf"^ (?:yang )?(?:{around('past_behind')})\b|^ (?:bulan|minggu|tahun) (?:{around('past_behind')})\b"
)
_HABIT = re.compile(rf"\b(?:{around('habit')})(?: (?:hari|tanggal|minggu|dan|sama|{_DAY}))* $")
_NAME = re.compile(rf"\b(?:{around('name')})(?: (?:saya|anak|ibu|bapak|lengkap|pasien|adalah))* $")
_UNTIL = re.compile(r"(?<!tunda )(?<!undur )\b(?:sampai|hingga)(?: (?:hari|tanggal|dengan))* $")
_BESIDE = re.compile(r"\b(?:sebelum|setelah|sesudah|selepas)(?: (?:hari|tanggal))* $")
_FROM_HERE = re.compile(rf"^ (?:sampai|hingga) (?:hari |dengan )*(?:{_DAY})\b")
_COUNTED_ON = re.compile(r"\d|se(?:hari|minggu|pekan)\b")
_LEFT_OVER = re.compile(rf"\b(?:{around('left_over')})(?: \S+)? $")
_SINCE = re.compile(rf"\b(?:{around('since')}) $")
_COMES_BEFORE = re.compile(rf"\b(?:{around('comes_before')})(?: \S+){{0,3}} $")
_COMES_BEHIND = re.compile(rf"^(?: (?:ini|juga))?(?: \S+){{0,3}}? (?<!tidak )(?:{around('comes_behind')})\b")
_ONLY_TALK = re.compile(rf"\b(?:{around('only_talk')}) $")
_ONLY_TALK_BEHIND = re.compile(rf"^ (?:{around('only_talk_behind')})\b(?! (?:buka|ada)\b)")
_ONCE = re.compile(r"\bdulu(?:nya)?\b")
_FEW_WORDS = 5
_REACH = 60
"""Letters that are looked at on either side."""


def is_written_elsewhere(text: str, start: int, end: int) -> bool:
    """Whether the date in figures at text[start:end] is a birth date, a due date, a street or long past."""
    before, behind = _sides(text, start, end)
    if _BORN.search(before) or _BILL.search(before) or _BILL_BEHIND.search(behind) or _STREET.search(before):
        return True
    is_past = _PAST.search(before) or _PAST_BEHIND.search(behind)
    return bool(is_past or _HABIT.search(before) or _UNTIL.search(before) or _BESIDE.search(before))


def is_measure(text: str, start: int, end: int) -> bool:
    """Whether "5/12" or "2-3" there counts something: a blood pressure, a dose, people."""
    before, behind = _sides(text, start, end)
    return bool(_COUNTED.search(before) or _UNITS.search(behind))


def is_no_wish(text: str, start: int, end: int) -> bool:
    """Whether the day named in words at text[start:end] is past, a habit, a name, an end of a week or near the wish."""
    before, behind = _sides(text, start, end)
    if _PAST.search(before) or _PAST_BEHIND.search(behind) or _HABIT.search(before) or _NAME.search(before):
        return True
    if _TODAY_IS.search(before) or (_COUNTED_ON.match(text, start) and _LEFT_OVER.search(before)):
        return True
    return bool(_UNTIL.search(before) or _BESIDE.search(before) or _FROM_HERE.search(behind))


def is_only_talk(text: str, start: int, end: int) -> bool:
    """Whether "sekarang" or "hari ini" there says since when, or how things are these days."""
    before, behind = _sides(text, start, end)
    if _SINCE.search(before):
        return True
    if not text.startswith("sekarang", start):
        return False
    if _ONCE.search(before) or _ONLY_TALK.search(before) or _ONLY_TALK_BEHIND.search(behind):
        return True
    return len(text.split()) > _FEW_WORDS and not (_COMES_BEFORE.search(before) or _COMES_BEHIND.search(behind))


def _sides(text: str, start: int, end: int) -> tuple[str, str]:
    return text[max(0, start - _REACH) : start], text[end : end + _REACH]
