"""Readers: how an answer to an open question becomes a clean value, or Unclear."""

from __future__ import annotations

import re

from flows.dialog import Choice, Heard, Reader, Unclear
from nlu.births import read_birth_date
from nlu.dates import read_day
from nlu.normalise import normalise

READERS: dict[str, Reader] = {}
LONGEST_NAME = 60


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
    """ "yes" or "no"; 1 is yes and 2 is no."""
    if heard.keyword in ("yes", "no"):
        return heard.keyword
    digit = heard.text.strip()
    if digit in ("1", "2"):
        return "yes" if digit == "1" else "no"
    if heard.understanding.intent in ("affirm", "deny") and heard.understanding.by != "none":
        return "yes" if heard.understanding.intent == "affirm" else "no"
    raise Unclear


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
    digit = re.fullmatch(r"\W*(?:no\.?|nomor|pilih(?:an)?)?\s*(\d)\W*", heard.text.strip().lower())
    if digit is None or not 1 <= int(digit.group(1)) <= len(heard.choices):
        return None
    return heard.choices[int(digit.group(1)) - 1]


def _names(words: str, choice: Choice) -> bool:
    label = normalise(choice.label)
    return bool(label) and (f" {label} " in f" {words} " or f" {words} " in f" {label} ")
