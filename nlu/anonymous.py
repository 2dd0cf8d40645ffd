"""Anonymous: a message as a sentence that names nobody: numbers, addresses and names give way to neutral ones."""

from __future__ import annotations

import re
import unicodedata

from nlu.anonymous_names import NEUTRAL_NAME, KnownNames, name_words, without_names
from nlu.date_forms import MONTHS

__all__ = ["NEUTRAL_NAME", "KnownNames", "anonymous", "name_words"]

LONGEST = 4000
LONGEST_SENTENCE = 400
"""The model reads no more of a message."""
NUMBER, EMAIL, LINK, STREET = "000", "orang@contoh.id", "tautan", "Melati"
"""The model reads every figure as the same one (nlu/components/ngrams.py), so a short number says as much to it."""

_LINK = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)+")
_HANDLE = re.compile(r"(?<!\w)@\w{3,}")
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY = re.compile(r"(?<!\d)\d{1,2}(?:\s?[-/.]\s?\d{1,2}\s?[-/.]\s?(?:(?:19|20)\d\d|\d\d)| \d{1,2} (?:19|20)\d\d)(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(?:19|20)\d\d\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d{1,2}(?!\d)")
_DAY_MONTH_YEAR = re.compile(rf"(?<!\d)\d{{1,2}}([ .-]?)({_MONTH})([ .-]?)((?:19|20)\d\d)(?!\d)", re.IGNORECASE)
_HOUSE = r"(?:(?:no|nomor|nmr|nmor|blok|#)[ .:]*)?(?<![^\W\d_])\d+[a-z]?(?:[/-]\d+)?\b"
_STREET = re.compile(
    r"\b(jalan|jln|jl|gang|gg|lorong|lrg|perumahan|perum|komplek|komp|blok)\b[ .]*"
    rf"((?:[^\W\d_]+[ .,]*){{0,5}}?){_HOUSE}(?:[ ,.]*(?:no|nomor|nmr|blok)[ .:]*{_HOUSE})*"
    r"(?!\s*(?:menit|mnt|jam|hari|minggu|bulan|tahun|km|kilo|meter|orang|kali|x)\b)",
    re.IGNORECASE,
)
_NO_STREET = frozenset(
    "kaki terus sendiri cepat sudah sdh udah belum blm ke di dari jam pukul tgl tanggal umur usia yang yg dan atau saya"
    " sy tidak gak nggak bisa mau anak obat selama lebih sekitar cuma hari keluar pulang pergi".split()
)
"""What shows that "jalan" is walking and not a street."""
_RT_RW = re.compile(r"\b(rt|rw)\b[ .:]*\d+(?:\s?/\s?\d+)*", re.IGNORECASE)
_DIGITS = re.compile(r"\+?\d(?:[ .\-/()+_*]*\d)*")
_FEWEST_IN_ONE, _FEWEST_IN_GROUPS = 5, 7
_SPOKEN = re.compile(
    r"\b(?:(?:nol|kosong|satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan)\b[ ,.-]*){6,}", re.IGNORECASE
)
_BRACKETS = str.maketrans("[]{}", "()()")


def anonymous(text: str, *, names: KnownNames | None = None) -> str:
    """The message in one line without what tells who wrote it or of whom; "" when nothing is left to read.

    What it cannot know are names in small letters that neither the contact nor the register has.
    """
    text = _one_line(text)
    text = _EMAIL.sub(EMAIL, _LINK.sub(LINK, text))
    text = _HANDLE.sub(f"@{NEUTRAL_NAME}", text)
    text = _RT_RW.sub(r"\1 1", _STREET.sub(_neutral_street, text))
    text = without_names(text, names or KnownNames.of(()))
    text = _DAY_MONTH_YEAR.sub(r"1\1\2\g<3>2000", _YEAR_FIRST.sub("2000-1-1", _DAY.sub("1-1-2000", text)))
    text = _DIGITS.sub(_neutral_number, _SPOKEN.sub(f"{NUMBER} ", text))
    text = " ".join(text.split())
    return _cut(text) if any(sign.isalpha() for sign in text) else ""


def _one_line(text: str) -> str:
    """Plain signs only, one blank between words, no brackets, which mark entities in training data."""
    text = unicodedata.normalize("NFKC", text[:LONGEST]).translate(_BRACKETS)
    kept = "".join(sign if sign.isprintable() else " " if sign.isspace() else "" for sign in text)
    return " ".join(kept.split()).lstrip("/- ")


def _neutral_street(found: re.Match[str]) -> str:
    between = re.findall(r"[^\W\d_]+", found[2].lower())
    return found[0] if _NO_STREET.intersection(between) else f"{found[1]} {STREET} no 1"


def _neutral_number(found: re.Match[str]) -> str:
    """Short figures stay: ages, hours, doses. Long ones, and many short ones in a row, may be somebody's."""
    groups = re.findall(r"\d+", found[0])
    is_long = any(len(group) >= _FEWEST_IN_ONE for group in groups)
    return NUMBER if is_long or sum(map(len, groups)) >= _FEWEST_IN_GROUPS else found[0]


def _cut(text: str) -> str:
    if len(text) <= LONGEST_SENTENCE:
        return text
    head, space, _ = text[: LONGEST_SENTENCE + 1].rpartition(" ")
    return head if space else text[:LONGEST_SENTENCE]
