"""Bodies: what Mobile JKN sends, read field by field in a fixed order; the first mistake is answered."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.jkn.answers import Refused

CARD_DIGITS, NIK_DIGITS, FAMILY_DIGITS = 13, 16, 16
LONGEST_TEXT = 400
AREA = "kodeprop namaprop kodedati2 namadati2 kodekec namakec kodekel namakel rw rt".split()
_NO_TEXT = "\ufffd"
"""Stands for a value that is no text at all: a list, an object, true, a broken number."""


@dataclass(frozen=True)
class Booking:
    """Who wants a number where and when; `doctor_code` and `hours` come with the second version only."""

    card: str
    nik: str
    poli_code: str
    day: date
    complaint: str | None
    doctor_code: str | None = None
    hours: str | None = None


@dataclass(frozen=True)
class Held:
    """Whose number at which poli on which day."""

    card: str
    poli_code: str
    day: date


@dataclass(frozen=True)
class Newcomer:
    """What is kept of a patient who registers; address and family are checked and forgotten."""

    card: str
    nik: str
    name: str
    sex: str
    birth_date: date


def read_body(content: bytes) -> Mapping[str, object]:
    """The JSON object, whatever content type it came with; what is none has no fields."""
    try:
        body: Any = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def read_booking(body: Mapping[str, object], *, today: date, with_doctor: bool) -> Booking:
    """Card, NIK, poli, day, then the doctor; raises Refused."""
    card = read_digits(body.get("nomorkartu"), "card", length=CARD_DIGITS)
    nik = read_digits(body.get("nik"), "nik", length=NIK_DIGITS)
    poli_code = read_poli_code(body.get("kodepoli"))
    day = read_day(body.get("tanggalperiksa"), today=today)
    complaint = _text(body.get("keluhan"))
    return Booking(
        card=card,
        nik=nik,
        poli_code=poli_code,
        day=day,
        complaint=None if complaint in ("", _NO_TEXT) else complaint,
        doctor_code=_text(body.get("kodedokter")) if with_doctor else None,
        hours=_text(body.get("jampraktek")) if with_doctor else None,
    )


def read_held(*, card: object, poli_code: object, day: object, today: date) -> Held:
    """The same three in a path or a body; raises Refused."""
    return Held(
        card=read_digits(card, "card", length=CARD_DIGITS),
        poli_code=read_poli_code(poli_code),
        day=read_day(day, today=today),
    )


def read_newcomer(body: Mapping[str, object], *, today: date) -> Newcomer:
    """Every field in the order in which the body names them; raises Refused."""
    card = read_digits(body.get("nomorkartu"), "card", length=CARD_DIGITS)
    nik = read_digits(body.get("nik"), "nik", length=NIK_DIGITS)
    read_digits(body.get("nomorkk"), "family", length=FAMILY_DIGITS)
    name = " ".join(_filled(body.get("nama"), "name_empty").split())
    sex = _filled(body.get("jeniskelamin"), "sex_empty").upper()
    if sex not in ("L", "P"):
        raise Refused("sex_format")
    birth_date = _date(_filled(body.get("tanggallahir"), "birth_date_empty"))
    if birth_date is None or not date(1850, 1, 1) < birth_date <= today:
        raise Refused("birth_date_format")
    _filled(body.get("alamat"), "address_empty")
    for field in AREA:
        _filled(body.get(field), f"{field}_empty")
    return Newcomer(card=card, nik=nik, name=name, sex=sex, birth_date=birth_date)


def read_digits(value: object, name: str, *, length: int) -> str:
    """Empty, of another length, not of digits: in this order."""
    text = _text(value)
    if not text:
        raise Refused(f"{name}_empty")
    if text == _NO_TEXT:
        raise Refused(f"{name}_format")
    if len(text) != length:
        raise Refused(f"{name}_length")
    if re.fullmatch(r"[0-9]+", text) is None:
        raise Refused(f"{name}_format")
    return text


def read_poli_code(value: object) -> str:
    code = _text(value)
    if not code:
        raise Refused("poli_empty")
    return code


def read_day(value: object, *, today: date) -> date:
    """A day from today on."""
    text = _text(value)
    if not text:
        raise Refused("date_empty")
    day = _date(text)
    if day is None:
        raise Refused("date_format")
    if day < today:
        raise Refused("date_past")
    return day


def _filled(value: object, empty: str) -> str:
    text = _text(value)
    if text in ("", _NO_TEXT):
        raise Refused(empty)
    return text


def _date(text: str) -> date | None:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _text(value: object) -> str:
    """Text or a whole number as text without what no database and no page can show."""
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**20:
        return str(value)
    if not isinstance(value, str):
        return _NO_TEXT
    return "".join(each if each.isprintable() else " " for each in value[:LONGEST_TEXT]).strip()
