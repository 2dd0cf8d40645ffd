"""Scores readings of messages against what people say they mean: accuracy, F1 and the usual mix-ups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.evaluation_cases import Case, read_cases
from nlu.misspell import misspell
from nlu.understanding import Understanding

SHOWN_CONFUSIONS = 20


@dataclass(frozen=True)
class Answer:
    """A case and its reading: the intent, how sure, by whom, what the dialog does with it, and the text as read."""

    case: Case
    predicted: str
    confidence: float = 1.0
    by: str = "model"
    done: str = "act"
    text: str = ""

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
        accuracy=share_of(right.total(), len(answers)),
        macro_f1=share_of(sum(each.f1 for each in intents), len(intents)),
        intents=intents,
        confusions=tuple(Confusion(*pair, times) for pair, times in wrong.most_common()),
    )


def _intent_score(intent: str, *, right: int, expected: int, predicted: int) -> IntentScore:
    precision, recall = share_of(right, predicted), share_of(right, expected)
    f1 = share_of(2 * precision * recall, precision + recall)
    return IntentScore(intent, expected, precision, recall, f1)


def share_of(part: float, whole: float) -> float:
    """The part as a share of the whole; 0 of nothing."""
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


def answers_for(
    cases: Iterable[Case],
    understand: Callable[[str], Understanding],
    *,
    misspelt: float = 0.0,
    done_with: Callable[[Understanding], str] = lambda _: "act",
) -> list[Answer]:
    """Read every case, with this share of its words misspelt; `done_with` says what the dialog makes of a reading."""
    answers = []
    for case in cases:
        reading = understand(spelled(case.text, misspelt))
        done = done_with(reading)
        answers.append(Answer(case, reading.intent, reading.confidence, reading.by, done, reading.text))
    return answers


def spelled(text: str, share: float) -> str:
    """The text with this share of its words misspelt, always in the same way."""
    return misspell(text, share=share, seed=f"evaluation:{text}") if share else text


def evaluate(cases: Iterable[Case], understand: Callable[[str], Understanding]) -> Report:
    """Read every case with `understand` and score the result."""
    return score(answers_for(cases, understand))


def evaluate_file(path: Path, understand: Callable[[str], Understanding]) -> Report:
    """`evaluate` for a JSONL file, a Rasa YAML file or a folder of such files. Raises UnreadableCases."""
    return evaluate(read_cases(path), understand)
