"""Danger that only a number tells: fever, blood pressure, blood sugar, a young baby's age, many pills."""

from __future__ import annotations

import re

_UNITS = ((re.compile(r"(\d)\s*(?:mnt|mn|mnit)\b"), "menit"), (re.compile(r"(\d)\s*(?:jm|j)\b"), "jam"))
_DECIMAL = re.compile(r"(\d)\s*koma\s*(\d)")
_DAYS = {"h": 1, "m": 7, "b": 30}
_NOT_A_VALUE = r"(?!\d|[.,]\d{3}|\s*(?:hari|hr|jam|jm|menit|mnt|tahun|thn|th|ribu|rb|orang|org|bulan|bln|minggu)\b)"
_AGE = re.compile(
    r"(?:padahal(?: masih| umur| usia)?|anak|ank|"
    r"umur|usia|umurnya|usianya|umr|bayi|byi|bayi saya|bayi sy|byi sy|bayiku)\s+"
    r"(?:(?:baru|bru|kurang dari|di bawah|dibawah)\s+)?(\d{1,3})\s*(h(?:ar)?i|hr|mi?n?ggu|mgg|bu?la?n)"
)
_FEVER = re.compile(r"(?:demam|panas|pnas|pns|suhu|dmm)\D{0,25}(?:39[.,][5-9]|4[0-2])" + _NOT_A_VALUE)
_PRESSURE = re.compile(r"(?:tensi|tnsi|tekanan darah|darah tinggi|td)\D{0,20}(1[6-9]\d|2\d\d)")
_LOW_PRESSURE = re.compile(r"(?:tensi|tnsi|tekanan darah)\D{0,20}([4-8]\d)\s*(?:/|per)\s*[2-5]\d")
_SUGAR = r"(?:gula(?: ?darah(?:nya)?)?|gulanya|gla|gdarah|gd|gds|gdp|kgd)\b[^\d.;]{0,20}?\b"
_HIGH_SUGAR = re.compile(_SUGAR + r"(?:hi|high|[4-8]\d\d)\b" + _NOT_A_VALUE)
_LOW_SUGAR = re.compile(_SUGAR + r"(?:lo|low|[2-6]\d)\b" + _NOT_A_VALUE)
_PILLS = re.compile(r"\b(\d{1,3})\s*(?:butir|biji|bj|tablet|tab|pil|kapsul|bungkus|strip|botol)\b")


def spell_units(cleaned: str) -> str:
    """ "3 mnt" is three minutes, "mnt" alone asks for something; "38 koma 5" is a number and no coma."""
    cleaned = _DECIMAL.sub(r"\1.\2", cleaned)
    for pattern, unit in _UNITS:
        cleaned = pattern.sub(rf"\1 {unit}", cleaned)
    return cleaned


def measured(cleaned: str) -> list[str]:
    """The concepts of danger.yml that the numbers of this text stand for."""
    found = [concept for concept, pattern in _PATTERNS.items() if pattern.search(cleaned)]
    pressure = _PRESSURE.search(cleaned)
    if pressure is not None:
        found.append("pressure160")
        if int(pressure[1]) >= 180:
            found.append("pressure180")
    age = _AGE.search(cleaned)
    if age is not None and int(age[1]) * _DAYS[age[2][0]] <= 61:
        found.append("younginfant")
    if any(int(pills[1]) >= 5 for pills in _PILLS.finditer(cleaned)):
        found.append("manypills")
    return found


_PATTERNS = {"fever40": _FEVER, "pressurelow": _LOW_PRESSURE, "sugarhigh": _HIGH_SUGAR, "sugarlow": _LOW_SUGAR}
