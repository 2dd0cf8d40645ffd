"""Queue, scores: how good the estimates of recorded days were, by poli and by the moment at which they were made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median

from clinic.queue_replay import MOMENTS, Guess

EVERY = "all"


@dataclass(frozen=True)
class Score:
    """How estimates of one kind did."""

    poli: str
    moment: str
    count: int
    inside: float
    """The share that was called within the range; the aim is 0.8."""
    earlier: float
    """The share that was called before the range began: who comes just in time misses the turn."""
    width: float
    """The median width of the range, in minutes."""
    error: float
    """The median distance from the middle of the range, in minutes, earlier or later."""


def scores_of(guesses: Iterable[Guess]) -> tuple[Score, ...]:
    """One line per poli and moment, and one for all moments of a poli together."""
    by_poli: dict[str, list[Guess]] = {}
    for guess in guesses:
        by_poli.setdefault(guess.poli, []).append(guess)
    return tuple(score for poli, mine in sorted(by_poli.items()) for score in _of_poli(poli, mine))


def _of_poli(poli: str, guesses: list[Guess]) -> Iterator[Score]:
    for moment in MOMENTS:
        mine = [guess for guess in guesses if guess.moment == moment]
        if mine:
            yield score_of(poli, moment, mine)
    yield score_of(poli, EVERY, guesses)


def score_of(poli: str, moment: str, guesses: list[Guess]) -> Score:
    """What these guesses come to; there must be at least one."""
    return Score(
        poli=poli,
        moment=moment,
        count=len(guesses),
        inside=sum(guess.is_inside for guess in guesses) / len(guesses),
        earlier=sum(guess.called_at < guess.estimate.earliest for guess in guesses) / len(guesses),
        width=median(guess.width for guess in guesses),
        error=median(abs(guess.error) for guess in guesses),
    )
