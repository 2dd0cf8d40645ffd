"""Evaluation figures: what can be counted of many readings beyond precision and recall, as one value that is drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from nlu.evaluate import Answer, Report, score, share_of
from nlu.evaluation_danger import DangerReading, DangerScore, danger_score
from nlu.understanding import INTENTS

BINS = 10
NOISE_LEVELS = (0.0, 0.1, 0.2, 0.4, 0.6)
READERS = ("danger", "keyword", "model", "none")
DONE = ("act", "confirm", "offer", "nothing")
"""What the dialog does with a reading (flows/doubt.py); "nothing" is to say that it was not understood."""
FIGURES_FILE = "figures.json"
SMALL_TALK = frozenset({"greet", "thanks", "goodbye", "help_menu"})
"""Intents whose flow only says something: whoever gets it by mistake loses nothing."""


@dataclass(frozen=True)
class Bin:
    """The model's readings between two confidences: how many, how sure on average, and the share that is right."""

    low: float
    high: float
    messages: int
    confidence: float
    right: float


@dataclass(frozen=True)
class Reliability:
    """Whether the model is right as often as it says; `calibration_error` is the mean distance, weighed by messages."""

    messages: int
    calibration_error: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class Band:
    """So many messages are dealt with in this way; `by` counts who read them."""

    done: str
    messages: int
    right: float
    by: dict[str, int]


@dataclass(frozen=True)
class Reader:
    """Who decided, how often, and the share that is right."""

    by: str
    messages: int
    right: float


@dataclass(frozen=True)
class LeftAlone:
    """Messages that are none of our business: the share read as that, and the share that starts no action."""

    messages: int
    read_as_such: float
    left_alone: float


@dataclass(frozen=True)
class NoiseLevel:
    """How well messages are read with this share of their words misspelt; `acted_wrongly`: followed though wrong."""

    misspelt: float
    accuracy: float
    macro_f1: float
    acted_wrongly: float
    danger: DangerScore | None = None


@dataclass(frozen=True)
class Matrix:
    """Counts of what was read (columns) for what it should be (rows); accepted second readings are on the diagonal."""

    intents: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Thresholds:
    """From which confidence on the model is heard, only asked back before something is changed, and followed."""

    heard_from: float
    confirm_from: float
    act_from: float


@dataclass(frozen=True)
class Setting:
    """What was read (`name`), by which model, as of which day, with which share of the words misspelt."""

    name: str
    model: str
    day: str
    misspelt: float
    thresholds: Thresholds


@dataclass(frozen=True)
class Figures:
    """One evaluation without a word of any message."""

    setting: Setting
    report: Report
    matrix: Matrix
    reliability: Reliability
    bands: tuple[Band, ...]
    readers: tuple[Reader, ...]
    out_of_scope: LeftAlone | None
    danger: DangerScore | None
    robustness: tuple[NoiseLevel, ...]


_AS_JSON = TypeAdapter(Figures)


def pictures_of(figures: Figures) -> tuple[str, ...]:
    """The pictures that these figures have something for; a file of danger cases only has no intents."""
    return ("reliability", "robustness", "intents", "confusion") if figures.report.total else ("robustness",)


def figures_to_json(figures: Figures) -> str:
    """The figures as JSON, the same bytes for the same figures."""
    return _AS_JSON.dump_json(figures, indent=1).decode() + "\n"


def figures_from_json(content: str) -> Figures:
    """What `figures_to_json` wrote; raises ValueError for anything else."""
    return _AS_JSON.validate_json(content)


def figures_for(
    setting: Setting,
    answers: Sequence[Answer],
    danger: Sequence[DangerReading],
    *,
    robustness: Sequence[NoiseLevel],
) -> Figures:
    """Everything that is counted of these readings."""
    return Figures(
        setting=setting,
        report=score(answers),
        matrix=confusion_matrix(answers),
        reliability=reliability(answers),
        bands=bands(answers),
        readers=readers(answers),
        out_of_scope=left_alone(answers),
        danger=danger_score(danger),
        robustness=tuple(robustness),
    )


def confusion_matrix(answers: Sequence[Answer]) -> Matrix:
    """Every intent that is meant or read, in the order of INTENTS; ids that are no intents come last."""
    counted = Counter((answer.truth, answer.predicted) for answer in answers)
    seen = {intent for pair in counted for intent in pair}
    intents = tuple(intent for intent in (*INTENTS, *sorted(seen - set(INTENTS))) if intent in seen)
    return Matrix(intents, tuple(tuple(counted[truth, read] for read in intents) for truth in intents))


def reliability(answers: Iterable[Answer]) -> Reliability:
    """The bins of the model's own readings; what words decided has no probability."""
    by_bin: list[list[Answer]] = [[] for _ in range(BINS)]
    for answer in answers:
        if answer.by == "model":
            by_bin[min(int(answer.confidence * BINS), BINS - 1)].append(answer)
    bins = tuple(_bin(place, inside) for place, inside in enumerate(by_bin))
    messages = sum(each.messages for each in bins)
    distance = sum(each.messages * abs(each.right - each.confidence) for each in bins)
    return Reliability(messages, share_of(distance, messages), bins)


def bands(answers: Sequence[Answer]) -> tuple[Band, ...]:
    """How many messages are dealt with in each way, and how many of these were read rightly."""
    found = []
    for done in DONE:
        inside = [answer for answer in answers if answer.done == done]
        by = Counter(answer.by for answer in inside)
        found.append(Band(done, len(inside), _right(inside), {reader: by[reader] for reader in _readers(answers)}))
    return tuple(found)


def readers(answers: Sequence[Answer]) -> tuple[Reader, ...]:
    """Who decided: the list of danger words, keywords and plain words, the model, nobody."""
    by_reader = {reader: [answer for answer in answers if answer.by == reader] for reader in _readers(answers)}
    return tuple(Reader(by, len(inside), _right(inside)) for by, inside in by_reader.items())


def left_alone(answers: Iterable[Answer]) -> LeftAlone | None:
    """None when no message is out of scope; those that were read in an accepted second way do not count."""
    foreign = [answer for answer in answers if answer.case.intent == answer.truth == "out_of_scope"]
    if not foreign:
        return None
    read = sum(answer.predicted == "out_of_scope" for answer in foreign)
    started = sum(answer.done == "act" and answer.predicted not in SMALL_TALK for answer in foreign)
    return LeftAlone(len(foreign), share_of(read, len(foreign)), 1 - share_of(started, len(foreign)))


def noise_level(misspelt: float, answers: Sequence[Answer], danger: Sequence[DangerReading]) -> NoiseLevel:
    """One point of the robustness curve."""
    report = score(answers)
    wrong = sum(answer.done == "act" and not answer.accepted for answer in answers)
    acted_wrongly = share_of(wrong, len(answers))
    return NoiseLevel(misspelt, report.accuracy, report.macro_f1, acted_wrongly, danger_score(danger))


def worst(answers: Iterable[Answer], most: int) -> list[Answer]:
    """The wrong readings with the highest confidence first."""
    wrong = (answer for answer in answers if not answer.accepted)
    return sorted(wrong, key=lambda answer: (-answer.confidence, answer.case.intent, answer.text))[:most]


def _readers(answers: Iterable[Answer]) -> tuple[str, ...]:
    """The readers that we know, and any other that has read something."""
    return (*READERS, *sorted({answer.by for answer in answers} - set(READERS)))


def _bin(place: int, inside: Sequence[Answer]) -> Bin:
    confidence = share_of(sum(answer.confidence for answer in inside), len(inside))
    return Bin(place / BINS, (place + 1) / BINS, len(inside), confidence, _right(inside))


def _right(answers: Sequence[Answer]) -> float:
    return share_of(sum(answer.accepted for answer in answers), len(answers))
