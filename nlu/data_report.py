"""Data report: what the training text is made of, what in it is nearly the same, and what it lacks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from nlu import lexicon
from nlu.date_forms import MONTHS
from nlu.evaluation_cases import Case, UnreadableCases, examples
from nlu.near_duplicates import DAY_WORDS, PARTS_OF_DAY, Form, Neighbours, form_of, forms_of
from nlu.normalise import clean, normalise, words_of
from nlu.understanding import INTENTS

WANTED = 500
WANTED_OF_SHORT = 300
SHORT_INTENTS = frozenset({"affirm", "deny", "greet", "goodbye", "thanks", "help_menu", "stop_messages"})
"""Intents that are said in few ways."""
WANTED_HELD_OUT = 30
LONG = 25
"""From so many words on a sentence is a long one."""
LANGUAGES = ("banjar", "javanese", "bugis", "kutai")


@dataclass(frozen=True)
class Group:
    """Sentences of one intent under one comment of its file."""

    intent: str
    comment: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class IntentText:
    """The training text of one intent; `near_inside` and `near_across` count sentences that have a near-duplicate."""

    intent: str
    groups: int
    sentences: int
    wanted: int
    distinct: int
    one_word: int
    long: int
    regional: float
    near_inside: int
    near_across: int
    held_out: int


@dataclass(frozen=True)
class NearPair:
    """Two near-duplicates and the share of words that both have; of held-out ones the held-out sentence is first."""

    share: float
    intent: str
    text: str
    other_intent: str
    other: str


@dataclass(frozen=True)
class ValueGap:
    """Listed forms of a value that no training sentence has; `is_unknown`: it has none of the forms."""

    entity: str
    value: str
    is_unknown: bool
    missing: tuple[str, ...]


@dataclass(frozen=True)
class DataReport:
    """Everything told about the training text."""

    sentences: int
    intents: tuple[IntentText, ...]
    groups: tuple[Group, ...]
    regional: Mapping[str, int]
    inside: tuple[NearPair, ...]
    across: tuple[NearPair, ...]
    held_out: tuple[NearPair, ...]
    values: tuple[ValueGap, ...]

    @property
    def too_few(self) -> tuple[IntentText, ...]:
        """Intents with fewer sentences than wanted."""
        return tuple(each for each in self.intents if each.sentences < each.wanted)

    @property
    def too_few_held_out(self) -> tuple[IntentText, ...]:
        """Intents with fewer held-out sentences than wanted."""
        return tuple(each for each in self.intents if each.held_out < WANTED_HELD_OUT)


def read_groups(folder: Path) -> list[Group]:
    """Every group of every Rasa YAML file in the folder, in order; raises UnreadableCases."""
    return [group for path in sorted(folder.glob("*.yml")) for group in _groups_of(path)]


def report_on(groups: Sequence[Group], held_out: Sequence[Case]) -> DataReport:
    """The report on these groups, and on the held-out sentences beside them."""
    cases = [Case(text, group.intent) for group in groups for text in group.sentences]
    forms = [form_of(case.text) for case in cases]
    neighbours = Neighbours(forms)
    pairs = _pairs(cases, forms, neighbours)
    plain = [normalise(case.text) for case in cases]
    regional = [_languages(case.text) for case in cases]
    return DataReport(
        sentences=len(cases),
        intents=tuple(_intents(groups, cases, plain, regional, pairs, held_out)),
        groups=tuple(groups),
        regional={language: sum(language in found for found in regional) for language in LANGUAGES},
        inside=_sorted(pair for pair, _ in pairs if pair.intent == pair.other_intent),
        across=_sorted(pair for pair, _ in pairs if pair.intent != pair.other_intent),
        held_out=_sorted(held_out_pairs(cases, neighbours, held_out)),
        values=tuple(_value_gaps(plain)),
    )


def held_out_pairs(taught: Sequence[Case], neighbours: Neighbours, held_out: Iterable[Case]) -> Iterable[NearPair]:
    """Every held-out sentence with each of its near-duplicates in the training text, which `neighbours` has indexed."""
    for case in held_out:
        for like in neighbours.like(form_of(case.text)):
            other = taught[like.place]
            yield NearPair(like.share, case.intent, case.text, other.intent, other.text)


def _groups_of(path: Path) -> Iterable[Group]:
    content = path.read_text(encoding="utf-8")
    lines = content.splitlines()
    try:
        root: Any = yaml.compose(content, Loader=yaml.SafeLoader)
        for block in next(value.value for key, value in root.value if key.value == "nlu"):
            parts = {key.value: value.value for key, value in block.value}
            above = lines[block.start_mark.line - 1].strip()
            comment = above.removeprefix("#").strip() if above.startswith("#") else ""
            yield Group(parts["intent"], comment, tuple(examples(parts["examples"])))
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, StopIteration) as problem:
        raise UnreadableCases(f"{path}: `nlu:` with `- intent:` and `examples: |` is wanted") from problem


Pairs = Sequence[tuple[NearPair, tuple[int, int]]]


def _pairs(cases: Sequence[Case], forms: Sequence[Form], neighbours: Neighbours) -> Pairs:
    """Every pair of near-duplicates once, with the places of both."""
    found = []
    for place, form in enumerate(forms):
        for like in neighbours.like(form):
            if like.place < place:
                one, other = cases[like.place], cases[place]
                pair = NearPair(like.share, one.intent, one.text, other.intent, other.text)
                found.append((pair, (like.place, place)))
    return found


def _sorted(pairs: Iterable[NearPair]) -> tuple[NearPair, ...]:
    """The most alike first, and of these the longest: short ones are alike by nature."""
    return tuple(sorted(pairs, key=lambda pair: (-pair.share, -len(pair.text.split()), pair.text, pair.other)))


def _intents(
    groups: Sequence[Group],
    cases: Sequence[Case],
    plain: Sequence[str],
    regional: Sequence[frozenset[str]],
    pairs: Pairs,
    held_out: Iterable[Case],
) -> Iterable[IntentText]:
    inside = {place for pair, places in pairs if pair.intent == pair.other_intent for place in places}
    across = {place for pair, places in pairs if pair.intent != pair.other_intent for place in places}
    groups_of, held_out_of = Counter(group.intent for group in groups), Counter(case.intent for case in held_out)
    places_of: dict[str, list[int]] = defaultdict(list)
    for place, case in enumerate(cases):
        places_of[case.intent].append(place)
    for intent in sorted({*INTENTS, *places_of}):
        places = places_of[intent]
        words = [len(cases[place].text.split()) for place in places]
        yield IntentText(
            intent=intent,
            groups=groups_of[intent],
            sentences=len(places),
            wanted=WANTED_OF_SHORT if intent in SHORT_INTENTS else WANTED,
            distinct=len({plain[place] for place in places}),
            one_word=words.count(1),
            long=sum(count >= LONG for count in words),
            regional=sum(bool(regional[place]) for place in places) / max(1, len(places)),
            near_inside=len(inside.intersection(places)),
            near_across=len(across.intersection(places)),
            held_out=held_out_of[intent],
        )


def _languages(text: str) -> frozenset[str]:
    """The regional languages that this sentence has a word of."""
    words = words_of(clean(text))
    return frozenset(language for word in words for language in _regional_words().get(word, ()))


@cache
def _regional_words() -> Mapping[str, frozenset[str]]:
    """Word -> the languages that have it. Banjar words that Indonesian has too do not count."""
    listed = lexicon.load("regional")
    words = {language: " ".join(listed[language].values()).split() for language in LANGUAGES}
    words["banjar"] = [word for word in words["banjar"] if word in lexicon.banjar_words()]
    found: dict[str, set[str]] = defaultdict(set)
    for language, forms in words.items():
        for form in forms:
            found[form].add(language)
    return {word: frozenset(languages) for word, languages in found.items()}


def _value_gaps(plain: Iterable[str]) -> Iterable[ValueGap]:
    """Values of the lexicon with the forms that stand in no sentence."""
    everything = "\n".join(f" {sentence} " for sentence in plain)
    for (entity, value), forms in _listed_values().items():
        missing = tuple(form for form in dict.fromkeys(forms) if f" {form} " not in everything)
        if missing:
            yield ValueGap(entity, value, len(missing) == len(set(forms)), missing)


def _listed_values() -> Mapping[tuple[str, str], list[str]]:
    """(entity, value) -> its forms in plain spelling."""
    poli, person = lexicon.load("poli"), lexicon.load("person")["people"]
    listed: dict[tuple[str, str], list[str]] = defaultdict(list)
    sections = (("poli", poli["named"]), ("poli", poli["after_poli"]), ("person", person))
    for entity, section in (*sections, ("complaint_topic", poli["complaint_topics"])):
        for value, written in section.items():
            listed[entity, value] += forms_of(written)
    months = {number: [form for form, each in MONTHS.items() if each == number] for number in MONTHS.values()}
    for word in ("hari ini", *DAY_WORDS, *(max(forms, key=len) for forms in months.values())):
        listed["date", word] = [normalise(word)]
    for word in PARTS_OF_DAY:
        listed["time", word] = [normalise(word)]
    return listed
