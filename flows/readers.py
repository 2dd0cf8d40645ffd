"""Readers: how an answer to an open question becomes a clean value, or Unclear."""

from __future__ import annotations

import re

from flows.dialog import Choice, Heard, Reader, Unclear
from flows.doubt import is_unsure, may_act_on
from nlu.births import read_birth_date
from nlu.clauses import is_question
from nlu.dates import read_day
from nlu.normalise import normalise

READERS: dict[str, Reader] = {}
LONGEST_NAME = 60
AROUND_A_NUMBER = frozenset("no ke nomor pilih pilihan yang angka saja ya bu ibu pak bapak kak min".split())
NUMBERS = {str(number): number for number in range(1, 10)} | {
    word: number
    for words in ("satu dua tiga empat lima enam tujuh delapan", "pertama kedua ketiga keempat kelima keenam")
    for number, word in enumerate(words.split(), 1)
}
YES = frozenset("iya betul benar setuju".split())
PARTICLE = "ya"
ADDRESSED = tuple([word] for word in "bu ibu pak bapak kak min dok".split())
TAKES_BACK = frozenset("tidak bukan jangan belum tapi nanti dulu kalau salah batal".split())


def reader(function: Reader) -> Reader:
    """Register a reader under its name: the name is stored with the patient, so renaming is a migration."""
    READERS[function.__name__] = function
    return function


@reader
def read_choice(heard: Heard) -> str:
    """The value of the choice named by its digit, its label, or an entity that was heard."""
    by_digit = _choice_by_digit(heard)
    if by_digit is not None:
        return by_digit.value
    for choice in heard.choices:
        if any(entity.value == choice.value for entity in heard.understanding.entities):
            return choice.value
    words = normalise(heard.text)
    named = [choice for choice in heard.choices if _names(words, choice)]
    if len(named) == 1:
        return named[0].value
    raise Unclear


@reader
def read_yes_no(heard: Heard) -> str:
    """ "yes" or "no"; 1 is yes and 2 is no. Something may be done on a yes, so the model must be sure of it."""
    if heard.keyword in ("yes", "no"):
        return heard.keyword
    digit = heard.text.strip()
    if digit in ("1", "2"):
        return "yes" if digit == "1" else "no"
    understanding = heard.understanding
    if understanding.intent == "affirm" and may_act_on(understanding):
        return "yes"
    if understanding.intent == "deny" and not is_unsure(understanding):
        return "no"
    if begins_with_yes(heard.text):
        return "yes"
    raise Unclear


def begins_with_yes(text: str) -> bool:
    """ "iya bu tolong dibatalkan saja": a yes, and nothing behind it that takes it back or asks."""
    words = normalise(text).split()
    says_yes = bool(words) and (words[0] in YES or (words[0] == "ya" and words[1:2] in ADDRESSED))
    return says_yes and not TAKES_BACK & set(words) and not is_question(text)


@reader
def read_day_choice(heard: Heard) -> str:
    """An ISO date: one of those offered by digit, or any day in the patient's own words."""
    by_digit = _choice_by_digit(heard)
    if by_digit is not None:
        return by_digit.value
    day = read_day(heard.text, today=heard.today)
    if day is None:
        raise Unclear
    return day.isoformat()


@reader
def read_birth_day(heard: Heard) -> str:
    """A birth date as ISO date, in any form people use."""
    birth_date = read_birth_date(heard.text, today=heard.today)
    if birth_date is None:
        raise Unclear
    return birth_date.isoformat()


@reader
def read_name(heard: Heard) -> str:
    """A person's name: letters, spaces, dots and apostrophes, at least two letters."""
    name = re.sub(r"\s+", " ", heard.text).strip(" .,!")
    if not re.fullmatch(r"[^\W\d_][^\d_<>{}\[\]@/\\|]{1,}", name) or len(name) > LONGEST_NAME:
        raise Unclear
    return name.title() if name.islower() or name.isupper() else name


@reader
def read_free_text(heard: Heard) -> str:
    """Whatever was written, as long as it holds a letter or a digit."""
    text = heard.text.strip()
    if not re.search(r"\w", text):
        raise Unclear
    return text


@reader
def read_case_code(heard: Heard) -> str:
    """The code of a case: "K27", "k 27"."""
    found = re.search(r"\b([a-z])\s?-?(\d{1,3})\b", heard.text.lower())
    if found is None:
        raise Unclear
    return found.group(1).upper() + found.group(2)


def _choice_by_digit(heard: Heard) -> Choice | None:
    """The choice whose number is all that was written, in figures or words: "no 2", "yang kedua bu"."""
    words = [word for word in normalise(heard.text).split() if word not in AROUND_A_NUMBER]
    number = NUMBERS.get(words[0]) if len(words) == 1 else None
    return heard.choices[number - 1] if number is not None and number <= len(heard.choices) else None


def _names(words: str, choice: Choice) -> bool:
    """ "ya" stands in any sentence ("makasih ya bu", "kapan ya"): as a label it is named by nothing but itself."""
    label = normalise(choice.label)
    if label == PARTICLE:
        return words == PARTICLE
    return bool(label) and (f" {label} " in f" {words} " or f" {words} " in f" {label} ")
