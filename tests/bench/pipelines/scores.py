"""How often the likeliest intent is right, and whether the probabilities say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

BINS = 10


@dataclass(frozen=True)
class Score:
    """Accuracy with accepted second readings, and the expected calibration error in ten bins."""

    accuracy: float
    calibration_error: float


Case = tuple[str, str, list[str]]


def is_right(probabilities: np.ndarray, labels: Sequence[str], cases: Sequence[Case]) -> np.ndarray:
    """For each case whether the likeliest label is its intent or an accepted second one."""
    readings = [labels[place] for place in probabilities.argmax(axis=1)]
    return np.array([found in (intent, *also) for found, (_, intent, also) in zip(readings, cases, strict=True)])


def score(probabilities: np.ndarray, labels: Sequence[str], cases: Sequence[Case]) -> Score:
    """`probabilities` has a row for each case and a column for each label."""
    confidences, right = probabilities.max(axis=1), is_right(probabilities, labels, cases)
    bins = np.minimum((confidences * BINS).astype(int), BINS - 1)
    distances = [abs(np.sum(right[bins == each]) - np.sum(confidences[bins == each])) for each in range(BINS)]
    return Score(float(right.mean()), float(sum(distances)) / len(cases))


def score_run(folders: Sequence[Path], sets: Mapping[str, Sequence[Case]]) -> dict[str, dict[str, float]]:
    """The scores of a run by set; of several runs, of the mean of their probabilities."""
    labels, found = _read(folders)
    return {name: asdict(score(found[name], labels, cases)) for name, cases in sets.items()}


def right_in_run(folders: Sequence[Path], name: str, cases: Sequence[Case]) -> np.ndarray:
    """As `is_right`, for a run or the mean of several."""
    labels, found = _read(folders)
    return is_right(found[name], labels, cases)


def _read(folders: Sequence[Path]) -> tuple[list[str], dict[str, np.ndarray]]:
    kept = [np.load(folder / "probabilities.npz", allow_pickle=False) for folder in folders]
    labels = [str(label) for label in kept[0]["labels"]]
    return labels, {name: np.mean([each[name] for each in kept], axis=0) for name in kept[0].files if name != "labels"}
