"""Finds the values in a message by rule: poli, day, time, person, numbers and the topic of a complaint."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from nlu import lexicon
from nlu.dates import find_day
from nlu.fuzzy import FuzzyWords
from nlu.normalise import normalise, normalise_word
from nlu.numbers import find_numbers
from nlu.times import read_time
from nlu.understanding import Entity

_LONGEST = 4000


def extract(text: str, *, today: date) -> tuple[Entity, ...]:
    """Every value found, at most one poli, date, time, person and topic; normalised as Entity says."""
    text = text[:_LONGEST]
    numbers = find_numbers(text)
    words_only = text
    for number in numbers:
        words_only = words_only.replace(number.raw, " ")
    found = [Entity(number.entity, number.value, number.raw) for number in numbers]
    day = find_day(words_only, today=today)
    if day is not None:
        found.append(Entity("date", day.day.isoformat(), day.phrase))
    words = normalise(words_only).split()
    readings = (
        ("time", read_time(words_only)),
        ("poli", find_poli(words)),
        ("person", find_person(words)),
        ("complaint_topic", find_topic(words)),
    )
    found += [Entity(entity, value, value) for entity, value in readings if value is not None]
    return tuple(found)


def find_poli(words: list[str]) -> str | None:
    """The poli named in these plain words; "umum", "anak" and "mata" only behind poli, dokter or a booking."""
    words = [_mended(word) for word in words]
    padded = f" {' '.join(words)} "
    for phrase, poli in _phrases("after_poli"):
        if any(f" {before} {phrase} " in padded for before in _listed("poli_words")):
            return poli
    for phrase, poli in _phrases("named"):
        if f" {phrase} " in padded:
            return poli
    if not set(words) & set(_listed("booking_words")):
        return None
    return next((poli for phrase, poli in _phrases("booking") if f" {phrase} " in padded), None)


def find_topic(words: list[str]) -> str | None:
    """What a complaint is about, by its most telling word: the topic with most words, the earlier on a tie."""
    padded = f" {' '.join(words)} "
    counts: dict[str, int] = {}
    for phrase, topic in _phrases("complaint_topics"):
        if f" {phrase} " in padded:
            counts[topic] = counts.get(topic, 0) + 1 + phrase.count(" ")
    return max(counts, key=lambda topic: counts[topic]) if counts else None


def find_person(words: list[str]) -> str | None:
    """For whom the message is: "saya" or a relation; None when nobody is named."""
    padded = f" {' '.join(words)} "
    for pattern in _person_patterns():
        if found := pattern.search(padded):
            person = _person_of(found[1])
            if person is not None:
                return person
    if any(f" {phrase} " in padded for phrase in _self_phrases()):
        return "saya"
    bare = _bare_person().search(padded)
    return _person_of(bare[1]) if bare else None


def _person_of(form: str) -> str | None:
    return _people().get(form)


@lru_cache(maxsize=1)
def _people() -> dict[str, str]:
    people: dict[str, str] = {}
    for person, forms in lexicon.load("person")["people"].items():
        for form in _split(forms):
            people.setdefault(_plain(form), person)
    return people


def _people_forms(*, bare: bool) -> list[str]:
    """All words for people, or only those that cannot address the reader."""
    addresses = {_plain(form) for form in _split(lexicon.load("person")["addresses"])}
    return [form for form in _people() if not bare or form not in addresses]


@lru_cache(maxsize=1)
def _person_patterns() -> tuple[re.Pattern[str], ...]:
    """ "untuk anak", then "ibu saya", in this order of trust."""
    people = _alternatives(_people_forms(bare=False))
    intros = _alternatives([_plain(form) for form in _split(lexicon.load("person")["for"])])
    owners = _alternatives([_plain(form) for form in _split(lexicon.load("person")["owners"])])
    return (
        re.compile(rf"\s(?:{intros})\s(?:si\s|ke\s|bapak\s(?=mertua)|ibu\s(?=mertua))?({people})\s"),
        re.compile(r"\s(?:bapak|ibu)\s(mertua)\s"),
        re.compile(rf"\s({people})\s(?:{owners})\s"),
    )


@lru_cache(maxsize=1)
def _bare_person() -> re.Pattern[str]:
    """A relation named without more; "dokter anak" and "poli anak" name a doctor, not a child."""
    people = _alternatives(_people_forms(bare=True))
    return re.compile(rf"(?<!dokter)(?<!poli)(?<!klinik)(?<!spesialis)\s({people})(?=\s)")


@lru_cache(maxsize=1)
def _self_phrases() -> tuple[str, ...]:
    return tuple(_plain(form) for form in _split(lexicon.load("person")["self"]))


@lru_cache(maxsize=8)
def _phrases(section: str) -> tuple[tuple[str, str], ...]:
    """Phrase and id of one part of poli.yml, longest phrase first."""
    pairs = {(_plain(form), value) for value, forms in lexicon.load("poli")[section].items() for form in _split(forms)}
    return tuple(sorted(pairs, key=lambda pair: (-len(pair[0]), pair)))


@lru_cache(maxsize=8)
def _listed(section: str) -> tuple[str, ...]:
    return tuple(_plain(form) for form in _split(lexicon.load("poli")[section]))


@lru_cache(maxsize=1)
def _fuzzy() -> FuzzyWords:
    sections = ("named", "after_poli")
    return FuzzyWords(word for section in sections for phrase, _ in _phrases(section) for word in phrase.split())


@lru_cache(maxsize=10_000)
def _mended(word: str) -> str:
    if word in lexicon.left_alone() or not word.isalpha():
        return word
    return _fuzzy().find(word) or word


def _plain(form: str) -> str:
    return " ".join(normalise_word(word) for word in form.split())


def _split(written: str) -> list[str]:
    return [form.strip() for form in written.split(",") if form.strip()]


def _alternatives(forms: list[str]) -> str:
    return "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
