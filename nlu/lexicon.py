"""Reads the word lists of this room: one YAML file per subject, loaded once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "lexicon"


@cache
def load(name: str) -> Mapping[str, Any]:
    """The content of one lexicon file, by its name without ".yml"."""
    with (FOLDER / f"{name}.yml").open(encoding="utf-8") as file:
        content = yaml.safe_load(file)
    if not isinstance(content, dict):
        raise ValueError(f"nlu/lexicon/{name}.yml must be a mapping")
    return content


@cache
def spelling() -> Mapping[str, str]:
    """Written form -> plain word(s), the regional languages included."""
    forms: dict[str, str] = {}
    lists = [load("regional")[language] for language in ("kutai", "bugis", "javanese", "banjar")]
    for words in [*lists, load("spelling")["words"]]:
        for word, written in words.items():
            forms.update({form.replace("_", " "): str(word) for form in str(written).split()})
    return forms


@cache
def neighbours(name: str) -> frozenset[str]:
    """Words that decide how a word beside them is read."""
    return frozenset(load("spelling")["neighbours"][name].split())


@cache
def local_traps() -> Mapping[str, str]:
    """Banjar words that are other words in Indonesian: form -> plain word."""
    return {form: word for word, written in load("regional")["traps"].items() for form in written.split()}


@cache
def banjar_words() -> frozenset[str]:
    """Forms that show that a message is written in Banjar."""
    shared = {"mama", "uma", "mamak", "kena", "laki", "lawan", "kapala", "ading"}
    forms = {form for written in load("regional")["banjar"].values() for form in written.split()}
    return frozenset(forms - shared)


@cache
def joinable_words() -> frozenset[str]:
    """Words that people run together: "antrigigi", "sayamau"."""
    return frozenset(load("known")["joinable"].split())


@cache
def known_words() -> frozenset[str]:
    """Words that are spelled right and must not be corrected."""
    plain = {part for word in spelling().values() for part in word.split()}
    return frozenset(load("known")["words"].split()) | joinable_words() | frozenset(plain)


@cache
def left_alone() -> frozenset[str]:
    """Words that no slip is looked for in: they are right, or a name, and only look like another word."""
    return known_words() | frozenset(load("known")["left_alone"].split())
