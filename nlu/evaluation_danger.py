"""Evaluation of danger: signs that were noticed, look-alikes that raised an alarm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from nlu.evaluate import share_of, spelled
from nlu.evaluation_cases import DangerCase
from nlu.understanding import Understanding


@dataclass(frozen=True)
class DangerReading:
    """A danger case and whether it was taken for an emergency."""

    case: DangerCase
    alarmed: bool
    confidence: float
    by: str
    read_as: str
    text: str

    @property
    def is_wrong(self) -> bool:
        return self.case.is_emergency is not None and self.alarmed != self.case.is_emergency


@dataclass(frozen=True)
class DangerScore:
    """Signs noticed, look-alikes alarmed, and alarms where people would argue."""

    signs: int
    noticed: int
    look_alikes: int
    false_alarms: int
    arguable: int
    arguable_alarms: int
    noticed_by_list: int

    @property
    def recall(self) -> float:
        return share_of(self.noticed, self.signs)

    @property
    def false_alarm_share(self) -> float:
        return share_of(self.false_alarms, self.look_alikes)


def danger_readings(
    cases: Iterable[DangerCase], understand: Callable[[str], Understanding], *, misspelt: float = 0.0
) -> list[DangerReading]:
    """Read every danger case, with this share of its words misspelt."""
    found = []
    for case in cases:
        reading = understand(spelled(case.text, misspelt))
        alarmed = reading.intent == "emergency"
        found.append(DangerReading(case, alarmed, reading.confidence, reading.by, reading.intent, reading.text))
    return found


def danger_score(found: Sequence[DangerReading]) -> DangerScore | None:
    """None when there is nothing to score."""
    if not found:
        return None
    groups = {kind: [each for each in found if each.case.is_emergency is kind] for kind in (True, False, None)}
    alarms = {kind: sum(each.alarmed for each in group) for kind, group in groups.items()}
    return DangerScore(
        signs=len(groups[True]),
        noticed=alarms[True],
        look_alikes=len(groups[False]),
        false_alarms=alarms[False],
        arguable=len(groups[None]),
        arguable_alarms=alarms[None],
        noticed_by_list=sum(each.alarmed and each.by == "danger" for each in groups[True]),
    )


def worst_of_danger(found: Iterable[DangerReading], most: int) -> list[DangerReading]:
    """Signs that nobody noticed, then false alarms."""
    wrong = (each for each in found if each.is_wrong)
    return sorted(wrong, key=lambda each: (each.alarmed, -each.confidence, each.text))[:most]
