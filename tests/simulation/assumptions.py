"""What the simulated morning takes for granted; where each value comes from stands in docs/simulation.md."""

from __future__ import annotations

from dataclasses import dataclass


def clock(hours: int, minutes: int = 0) -> float:
    """A time of the day in minutes since midnight."""
    return hours * 60.0 + minutes


@dataclass(frozen=True)
class Assumptions:
    """One kind of morning. Times are minutes since midnight, lengths are minutes, shares go from 0 to 1."""

    # The centre.
    doors: float = clock(7, 30)
    counter_closes: float = clock(11)
    doctors_begin: float = clock(8)
    session_ends: float = clock(12)
    lights_out: float = clock(14)
    """Whoever still waits then is sent home."""
    doctors: int = 2
    counters: int = 1
    registering: float = 3
    registering_spread: float = 0.4
    """Standard deviation as a share of the mean."""
    service: float = 8
    service_spread: float = 0.6
    quota: int = 48
    break_at: float = clock(10)
    break_length: float = 15
    usual_lateness: float = 10
    """How late a doctor is on average (exponential)."""
    late_today: float = 0
    """How much later both are on a bad day."""
    is_lateness_told: bool = False
    """Whether staff told Sapa that the session begins later."""

    # The people.
    people: float = 40
    """Who wants to come on that day, those who will not appear included (Poisson)."""
    no_show: float = 0.10
    before_doors: float = 0.25
    """Share of those not told when to come who stand there before the doors open."""
    early_at: float = clock(7, 20)
    early_spread: float = 15
    has_priority: float = 0.20
    is_urgent: float = 0.01
    travel: float = 20
    """Median way from home to the centre."""
    travel_spread: float = 0.5
    """Of the logarithm."""

    # Sapa.
    is_sapa_used: bool = True
    books: float = 0.60
    """Share who take their number the day before; the others have no phone or do not use it."""
    follows: float = 0.50
    """Share of those who book and then come when they are told to leave; the others come as they always did."""
    reaction: float = 5
    """From reading "berangkat sekarang" to leaving the house (exponential)."""
    pushes_from: float = clock(8)
    """No message goes out before; for earlier turns the time told the evening before counts."""
    believed_service: float = 8
    """`queue.service_minutes` of puskesmas.yml, until enough was measured on that day."""
    leaves_by_middle: bool = False
    """What if people were told to be there at the middle of the estimate's range, and not at its beginning."""
    kept_for_counter: int = 0
    """What if every so-manieth number were kept for those who just come; 0, as in Sapa today: none is."""


PAPER = Assumptions(is_sapa_used=False)
NUMBERS_ONLY = Assumptions(follows=0.0)
PUSHES = Assumptions()
