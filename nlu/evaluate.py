"""Scores readings of messages against what people say they mean: accuracy, F1 and the usual mix-ups."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from nlu.understanding import Understanding

SHOWN_CONFUSIONS = 20
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
class Answer:
    """A case and the intent that was read."""

    case: Case
    predicted: str

    @property
    def accepted(self) -> bool:
        return self.predicted == self.case.intent or self.predicted in self.case.alternatives

    @property
    def truth(self) -> str:
        """The intent that this case counts for: an accepted second reading counts as right."""
        return self.predicted if self.accepted else self.case.intent


@dataclass(frozen=True)
class IntentScore:
    """How well one intent is read; `cases` is how many messages have it."""

    intent: str
    cases: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Confusion:
    """So many messages of one intent were taken for another."""

    intent: str
    predicted: str
    times: int


@dataclass(frozen=True)
class Report:
    """The whole score; second readings count as right everywhere."""

    total: int
    accuracy: float
    macro_f1: float
    intents: tuple[IntentScore, ...]
    confusions: tuple[Confusion, ...]


def score(answers: Sequence[Answer]) -> Report:
    """The report for these answers; for none at all, zeros."""
    right = Counter(answer.truth for answer in answers if answer.accepted)
    expected = Counter(answer.truth for answer in answers)
    predicted = Counter(answer.predicted for answer in answers)
    intents = tuple(
        _intent_score(intent, right=right[intent], expected=expected[intent], predicted=predicted[intent])
        for intent in sorted(expected)
    )
    wrong = Counter((answer.case.intent, answer.predicted) for answer in answers if not answer.accepted)
    return Report(
        total=len(answers),
        accuracy=_share(right.total(), len(answers)),
        macro_f1=_share(sum(each.f1 for each in intents), len(intents)),
        intents=intents,
        confusions=tuple(Confusion(*pair, times) for pair, times in wrong.most_common()),
    )


def _intent_score(intent: str, *, right: int, expected: int, predicted: int) -> IntentScore:
    precision, recall = _share(right, predicted), _share(right, expected)
    f1 = _share(2 * precision * recall, precision + recall)
    return IntentScore(intent, expected, precision, recall, f1)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def table(report: Report) -> str:
    """The report for a terminal."""
    lines = [
        f"messages {report.total}   accuracy {report.accuracy:.3f}   macro-F1 {report.macro_f1:.3f}",
        "",
        f"{'intent':28}{'messages':>9}{'precision':>11}{'recall':>8}{'F1':>7}",
    ]
    for each in report.intents:
        lines.append(f"{each.intent:28}{each.cases:9}{each.precision:11.2f}{each.recall:8.2f}{each.f1:7.2f}")
    if report.confusions:
        lines += ["", "taken for another:"]
    for mixed in report.confusions[:SHOWN_CONFUSIONS]:
        lines.append(f"{mixed.times:4} {mixed.intent} -> {mixed.predicted}")
    return "\n".join(lines)


def evaluate(cases: Iterable[Case], understand: Callable[[str], Understanding]) -> Report:
    """Read every case with `understand` and score the result."""
    return score([Answer(case, understand(case.text).intent) for case in cases])


def evaluate_file(path: Path, understand: Callable[[str], Understanding]) -> Report:
    """`evaluate` for a JSONL file, a Rasa YAML file or a folder of such files. Raises UnreadableCases."""
    return evaluate(read_cases(path), understand)


def read_cases(path: Path) -> list[Case]:
    """The messages of a JSONL file (text, intent, alt_intents), a Rasa YAML file or a folder of these."""
    if path.is_dir():
        return [case for file in sorted(path.iterdir()) if _is_cases(file) for case in read_cases(file)]
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise UnreadableCases(f"{path}: {problem}") from problem
    return _from_jsonl(content, path) if path.suffix == ".jsonl" else _from_yaml(content, path)


def _is_cases(path: Path) -> bool:
    return path.suffix in {".yml", ".yaml", ".jsonl"}


def _from_jsonl(content: str, path: Path) -> list[Case]:
    cases = []
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            cases.append(Case(row["text"], row["intent"], tuple(row.get("alt_intents", ()))))
        except (ValueError, KeyError, TypeError) as problem:
            raise UnreadableCases(f"{path}:{number}: one JSON object with text and intent is wanted") from problem
    return cases


def _from_yaml(content: str, path: Path) -> list[Case]:
    try:
        blocks = yaml.safe_load(content)["nlu"]
        return [Case(text, block["intent"]) for block in blocks for text in _examples(block["examples"])]
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as problem:
        raise UnreadableCases(f"{path}: `nlu:` with `- intent:` and `examples: |` is wanted") from problem


def _examples(block: str) -> list[str]:
    lines = (line.strip() for line in block.splitlines())
    return [MARKED.sub(r"\1", line.removeprefix("-").strip()) for line in lines if line.startswith("-")]
