"""The people of one morning: drawn once per seed, so that every scenario meets the same people."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from tests.simulation.assumptions import Assumptions

MOST_PEOPLE = 160
PRIORITIES = ("lansia", "ibu_hamil", "balita", "disabilitas")
TRAVEL_ANSWERS = (15, 30, 60)
"""What people answer when asked how far they live: dekat, setengah jam, lebih."""


@dataclass(frozen=True)
class Visitor:
    """Somebody who wants to come, with all chances of their day decided beforehand."""

    id: int
    comes: bool
    would_book: bool
    would_follow: bool
    booking_order: float
    usual_arrival: float
    """When they come if nobody tells them when."""
    priority: str | None
    travel: float
    reaction: float
    punctuality: float
    """How much after the hour told the evening before they come; negative is earlier."""
    registering: float
    service: float

    @property
    def said_travel(self) -> int:
        """The answer they gave, rounded up as people do who do not want to be late."""
        return next((each for each in TRAVEL_ANSWERS if self.travel <= each), TRAVEL_ANSWERS[-1])


def people_of(seed: int, given: Assumptions) -> tuple[Visitor, ...]:
    """Everybody who wants to come on the day of this seed."""
    count = min(_poisson(Random(f"{seed}:count"), given.people), MOST_PEOPLE)
    return tuple(_visitor(Random(f"{seed}:{index}"), index, given) for index in range(count))


def doctors_arrive(seed: int, given: Assumptions) -> tuple[float, ...]:
    """When each doctor begins."""
    begin = given.doctors_begin + given.late_today
    return tuple(
        begin + Random(f"{seed}:doctor:{index}").expovariate(1) * given.usual_lateness for index in range(given.doctors)
    )


def _visitor(chance: Random, index: int, given: Assumptions) -> Visitor:
    """Each draw is made whatever the scenario, in this order, so that one changed share changes nothing else."""
    comes, books, follows, order, early, urgent, first = (chance.random() for _ in range(7))
    which = chance.choice(PRIORITIES)
    before, later = chance.gauss(0, 1), chance.betavariate(1.3, 2.2)
    way, ready, punctual = chance.gauss(0, 1), chance.expovariate(1), chance.gauss(0, 1)
    at_counter, at_doctor = chance.gauss(0, 1), chance.gauss(0, 1)
    queueing = given.early_at + given.early_spread * before
    strolling = given.doors + (given.counter_closes - given.doors - 5) * later
    return Visitor(
        id=index + 1,
        comes=comes >= given.no_show,
        would_book=books < given.books,
        would_follow=follows < given.follows,
        booking_order=order,
        usual_arrival=min(queueing, given.doors) if early < given.before_doors else strolling,
        priority="gawat" if urgent < given.is_urgent else which if first < given.has_priority else None,
        travel=given.travel * math.exp(given.travel_spread * way),
        reaction=given.reaction * ready,
        punctuality=5 * punctual,
        registering=_lognormal(given.registering, given.registering_spread, at_counter),
        service=_lognormal(given.service, given.service_spread, at_doctor),
    )


def _lognormal(mean: float, spread: float, drawn: float) -> float:
    """A length with this mean and relative spread, from a standard normal draw."""
    variance = math.log(1 + spread**2)
    return mean * math.exp(math.sqrt(variance) * drawn - variance / 2)


def _poisson(chance: Random, mean: float) -> int:
    if mean <= 0:
        return 0
    count, product = 0, chance.random()
    while product > math.exp(-mean):
        count, product = count + 1, product * chance.random()
    return count
