"""Newcomers: reads what they tell of themselves behind their number, and says it back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from clinic.registering import CARD_DIGITS, NIK_DIGITS
from flows.dialog import Choice, Heard, Unclear
from flows.identity_numbers import beside_numbers, number_in
from flows.readers import read_choice, reader
from flows.words import MONTHS, first_name
from nlu.births import FAULTS, Born, Fault, day_without_year, read_birth_year, read_born
from nlu.calendar_words import WEEKDAYS
from nlu.dates import read_day
from nlu.normalise import normalise

FORGOTTEN, NOT_NOW, NONE_AT_HAND = "forgotten", "not_now", "none"
ABOUT, FAULTY, DIGITS = "~", "!", "!digits:"
AGAIN = "again"
TRAVEL = (Choice("10", "Dekat"), Choice("30", "Setengah jam"), Choice("60", "Lebih"))
SOME_DIGITS = 6
NAME_AND_AGE_WORDS = 7
COMING_SOON = timedelta(days=14)
YOUNGEST_IN_YEARS = 24
"""Months; a smaller child's age is said in months."""
_LATER = frozenset("nanti lewati lewat skip loket males malas usah".split())
_ABOUT_THE_NUMBER = frozenset("batal jadi".split())
_DENIED = frozenset("tidak belum kurang entah".split())
_UNKNOWN = frozenset("tahu tau ingat hafal hapal punya ada bawa pegang ketemu".split())
_NOT_YET = frozenset("jadi terbit keluar urus diurus".split())
"""A card that is not there yet: "belum jadi", where "tidak jadi" is about the number."""
_GONE = frozenset("lupa hilang ketinggalan entah".split())
_NEAR = frozenset("dekat deket dkt sebelah depan samping tetangga jalan".split())
_FAR = frozenset("jauh lebih sejam jaoh".split())
_SAID_AS_SUCH = re.compile(r"\b(?:umur|umurnya|usia|usianya|lahir|ttl|kelahiran)\s*:?\s*(?:tgl\s*|tanggal\s*)?\d", re.I)
_YEARS_OR_MONTHS = re.compile(r"\d\s*(?:th|thn|tahun|bln|bulan)\b", re.I)
_MINUTES = re.compile(r"(?<!\d)(\d{1,3})\s*(?:menit(?:an)?|mnt|min)\b")
_HOURS = re.compile(r"(?<!\d)\d{1,2}(?:[.,]\d)?\s*jam\b|\bsejam\b|\bsatu jam\b|\bdua jam\b")
_HALF_AN_HOUR = re.compile(r"(?:\bse?te?nga?h|\bstgh|½|1/2)\s*jam", re.I)


@dataclass(frozen=True)
class SaidBorn:
    """What slot `born` keeps: a birth date or about one, a day without its year, or why there is none."""

    born: Born | None = None
    fault: Fault | None = None
    day_and_month: tuple[int, int] | None = None


def keep_born(born: Born) -> str:
    """As a slot keeps it: "1993-08-17", or "~1993-07-01" where only an age was said."""
    return ("" if born.is_exact else ABOUT) + born.day.isoformat()


def kept_born(kept: str | None) -> SaidBorn:
    """What a slot keeps of a birth date."""
    if not kept or kept in (FORGOTTEN, NOT_NOW):
        return SaidBorn()
    if kept.startswith(FAULTY):
        return SaidBorn(fault=next(fault for fault in FAULTS if FAULTY + fault == kept))
    if kept.startswith("--"):
        month, day = kept[2:].split("-")
        return SaidBorn(day_and_month=(int(day), int(month)))
    return SaidBorn(born=Born(date.fromisoformat(kept.removeprefix(ABOUT)), is_exact=not kept.startswith(ABOUT)))


def say_born(day: date) -> str:
    """Without century, as people write it: "17 Agu 93"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year % 100:02}"


def say_age(day: date, *, today: date) -> str:
    """ "33 tahun"; of the smallest "7 bulan"."""
    months = (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)
    if months >= YOUNGEST_IN_YEARS:
        return f"{months // 12} tahun"
    return f"{months} bulan" if months > 0 else "baru lahir"


def say_what_is_kept(born: Born, *, today: date) -> str:
    """ "lahir 17 Agu 93, umur 33 tahun", or only the age where the day is not known."""
    age = say_age(born.day, today=today)
    aged = age if age == "baru lahir" else f"umur {age}"
    return f"lahir {say_born(born.day)}, {aged}" if born.is_exact else aged


def born_aside(text: str, *, name: str, today: date) -> str | None:
    """A birth date or age told besides: as such ("umur 3", "lahir ..."), or behind the name ("Rara, 3 thn").

    "Rara sudah batuk 3 hari" tells none.
    """
    said = read_born(text, today=today)
    if not isinstance(said, Born):
        return None
    is_short = len(text.split()) <= NAME_AND_AGE_WORDS and first_name(name) in text.title()
    is_behind_name = is_short and (said.is_exact or _YEARS_OR_MONTHS.search(text) is not None)
    return keep_born(said) if is_behind_name or _SAID_AS_SUCH.search(text) else None


# --- readers -----------------------------------------------------------------------------------------------------


@reader
def read_born_answer(heard: Heard) -> str:
    """A birth date or an age, what is wrong with it, that it is not known, or the NIK that carries it."""
    number = number_in(heard.text)
    said = read_born(beside_numbers(heard.text), today=heard.today)
    if isinstance(said, Born):
        return keep_born(said)
    if number is not None and len(number) == NIK_DIGITS:
        return number
    if said == "no_year":
        return _without_year(heard)
    if said is not None:
        return FAULTY + said
    return _put_off(heard) or _unknown(heard, FORGOTTEN)


@reader
def read_year_answer(heard: Heard) -> str:
    """The year of birth, a whole birth date after all, or that it is not known."""
    said = read_born(heard.text, today=heard.today)
    if isinstance(said, Born) and said.is_exact:
        return keep_born(said)
    year = read_birth_year(heard.text, today=heard.today)
    if year is not None:
        return str(year)
    return _put_off(heard) or _unknown(heard, FORGOTTEN)


@reader
def read_number_answer(heard: Heard) -> str:
    """The digits of a NIK or card, how many there are where they are too few or too many, or that there is none.

    A birth date here mends the one before.
    """
    number = number_in(heard.text)
    if number is not None:
        return number
    said = read_born(heard.text, today=heard.today)
    if isinstance(said, Born) and said.is_exact:
        return keep_born(said)
    digits = len(re.findall(r"\d", heard.text))
    if digits >= SOME_DIGITS:
        return f"{DIGITS}{digits}"
    return _put_off(heard) or _unknown(heard, NONE_AT_HAND)


@reader
def read_right_birth(heard: Heard) -> str:
    """Which of two birth dates is right, by digit or written again, or the NIK once more."""
    number = number_in(heard.text)
    if number is not None and len(number) in (NIK_DIGITS, CARD_DIGITS):
        return number
    said = read_born(heard.text, today=heard.today) if len(heard.text.strip()) > 1 else None
    if isinstance(said, Born):
        fitting = [each.value for each in heard.choices if each.value.endswith(f":{keep_born(said)}")]
        if fitting:
            return fitting[0]
    try:
        return read_choice(heard)
    except Unclear:
        put_off = _put_off(heard)
        if put_off is None:
            raise
        return put_off


@reader
def read_travel(heard: Heard) -> str:
    """How many minutes away: near, half an hour, more; in words, minutes or hours."""
    text = heard.text.lower()
    if found := _MINUTES.search(text):
        minutes = int(found[1])
        return "10" if minutes < 20 else "30" if minutes <= 40 else "60"
    words = set(normalise(heard.text).split())
    if _HALF_AN_HOUR.search(text):
        is_more = "lebih" in words and "kurang" not in words
        return "60" if is_more else "30"
    if _HOURS.search(text):
        return "60"
    if words & _NEAR and not words & _DENIED:
        return "10"
    if words & _FAR:
        return "10" if words & _DENIED else "60"
    try:
        return read_choice(heard)
    except Unclear:
        return _put_off(heard) or _unknown(heard, NOT_NOW)


def _without_year(heard: Heard) -> str:
    """A day of one of the next weeks may be the one to come on ("kamis tgl 26"): that is no birth date."""
    day, month = day_without_year(heard.text) or (0, 0)
    words = set(normalise(heard.text).split())
    coming = read_day(heard.text, today=heard.today)
    is_soon = coming is not None and timedelta() <= coming - heard.today <= COMING_SOON
    if "lahir" not in words and (is_soon or words & set(WEEKDAYS)):
        raise Unclear
    return f"--{month:02}-{day:02}"


def _put_off(heard: Heard) -> str | None:
    """ "nanti saja", "gak usah", "lewati": not now. BATAL and "gak jadi" are about the number."""
    words = set(normalise(heard.text).split())
    is_refused = heard.keyword == "cancel" and not words & _ABOUT_THE_NUMBER
    return NOT_NOW if is_refused or words & _LATER or {"tidak", "mau"} <= words else None


def _unknown(heard: Heard, value: str) -> str:
    words = set(normalise(heard.text).split())
    is_unknown = bool(words & _DENIED and words & _UNKNOWN) or ("belum" in words and bool(words & _NOT_YET))
    if heard.keyword == "no" or words & _GONE or is_unknown:
        return value
    raise Unclear
