"""Evaluation cases: messages with what people say they mean, read from JSON lines or Rasa's YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# An entity in Rasa's notation: "poli [gigi](poli)" or "[bsk]{...}"; what was written is inside the brackets.
MARKED = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


class UnreadableCases(Exception):
    """A file of messages that has no form we know; names the file and, where it can, the line."""


@dataclass(frozen=True)
class Case:
    """A message, the intent it has and further intents that a careful reader would accept."""

    text: str
    intent: str
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class DangerCase:
    """A message and whether it tells of danger; None where people would argue."""

    text: str
    is_emergency: bool | None


@dataclass(frozen=True)
class CaseFile:
    """Everything in one file or folder. `has_sources`: rows name where they come from, so they are others' words."""

    cases: tuple[Case, ...] = ()
    danger: tuple[DangerCase, ...] = ()
    has_sources: bool = False

    def __add__(self, other: CaseFile) -> CaseFile:
        sources = self.has_sources or other.has_sources
        return CaseFile(self.cases + other.cases, self.danger + other.danger, sources)


def read_case_file(path: Path) -> CaseFile:
    """A JSONL file (text with intent and alt_intents, or with is_emergency), a Rasa YAML file, a folder of these.

    Rows with `expect` are about values and not about intents; they are passed over. Raises UnreadableCases.
    """
    if path.is_dir():
        files = (read_case_file(file) for file in sorted(path.iterdir()) if _is_cases(file))
        return sum(files, start=CaseFile())
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise UnreadableCases(f"{path}: {problem}") from problem
    return _from_jsonl(content, path) if path.suffix == ".jsonl" else _from_yaml(content, path)


def read_cases(path: Path) -> list[Case]:
    """The messages with intents of `read_case_file`."""
    return list(read_case_file(path).cases)


def _is_cases(path: Path) -> bool:
    return path.suffix in {".yml", ".yaml", ".jsonl"}


def _from_jsonl(content: str, path: Path) -> CaseFile:
    cases, danger, has_sources = [], [], False
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            has_sources = has_sources or bool(row.get("source"))
            if "is_emergency" in row:
                danger.append(DangerCase(row["text"], _yes_no_or_none(row["is_emergency"])))
            if "intent" in row or not ("is_emergency" in row or "expect" in row):
                cases.append(_case(row))
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            wanted = "one JSON object with text and intent (or is_emergency: true, false, null) is wanted"
            raise UnreadableCases(f"{path}:{number}: {wanted}") from problem
    return CaseFile(tuple(cases), tuple(danger), has_sources)


def _case(row: Mapping[str, Any]) -> Case:
    return Case(row["text"], row["intent"], tuple(row.get("alt_intents", ())))


def _yes_no_or_none(value: Any) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise TypeError("neither true, false nor null")
    return value


def _from_yaml(content: str, path: Path) -> CaseFile:
    try:
        blocks = yaml.safe_load(content)["nlu"]
        cases = tuple(Case(text, block["intent"]) for block in blocks for text in examples(block["examples"]))
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as problem:
        raise UnreadableCases(f"{path}: `nlu:` with `- intent:` and `examples: |` is wanted") from problem
    return CaseFile(cases)


def examples(block: str) -> list[str]:
    """The sentences of an `examples: |` block without the marks of entities."""
    lines = (line.strip() for line in block.splitlines())
    return [MARKED.sub(r"\1", line.removeprefix("-").strip()) for line in lines if line.startswith("-")]
