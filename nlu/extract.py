"""Finds the values in a message by rule: poli, day, time, person, numbers and the topic of a complaint."""

from __future__ import annotations

from datetime import date
from functools import cache

from nlu import lexicon
from nlu.calendar_words import MARK
from nlu.dates import find_day_in
from nlu.numbers import find_numbers, is_announced_as_other
from nlu.persons import find_person
from nlu.phrases import plain, split
from nlu.polis import find_poli
from nlu.times import read_time_in
from nlu.understanding import Entity
from nlu.value_words import value_words

_LONGEST = 4000


def extract(text: str, *, today: date) -> tuple[Entity, ...]:
    """Every value found, at most one poli, date, time, person and topic; normalised as Entity says."""
    text = text[:_LONGEST]
    numbers = find_numbers(text)
    found = [
        Entity(number.entity, number.value, number.raw) for number in numbers if not is_announced_as_other(text, number)
    ]
    for number in numbers:
        text = text.replace(number.raw, " , ")
    words = value_words(text)
    day = find_day_in(" ".join(words), today=today)
    if day is not None:
        found.append(Entity("date", day.day.isoformat(), day.phrase))
    readings = (
        ("time", read_time_in(words)),
        ("poli", find_poli(words)),
        ("person", find_person(words)),
        ("complaint_topic", find_topic(words)),
    )
    found += [Entity(entity, value, value) for entity, value in readings if value is not None]
    return tuple(found)


def find_topic(words: list[str]) -> str | None:
    """What a complaint is about, by its most telling word: the topic with most words, the earlier on a tie."""
    padded = f" {' '.join(word for word in words if word != MARK)} "
    counts: dict[str, int] = {}
    for phrase, topic in _topics():
        if f" {phrase} " in padded:
            counts[topic] = counts.get(topic, 0) + 1 + phrase.count(" ")
    return max(counts, key=lambda topic: counts[topic]) if counts else None


@cache
def _topics() -> tuple[tuple[str, str], ...]:
    """Phrase and topic, longest phrase first."""
    topics = lexicon.load("poli")["complaint_topics"]
    pairs = {(plain(form), topic) for topic, forms in topics.items() for form in split(forms)}
    return tuple(sorted(pairs, key=lambda pair: (-len(pair[0]), pair)))
