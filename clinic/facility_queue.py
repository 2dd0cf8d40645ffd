"""Facility, queue: the rooms where people are called, the published rule of turns, and what BPJS calls us."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from clinic.facility_values import HOURS, YES, Claim, Clock, Frozen, Hours, Id, Text, Weekday, blank_is_none

Priority = Literal["gawat", "lansia", "ibu_hamil", "balita", "disabilitas"]
"""Who may be called before others: an emergency at once, the rest by the mixing rule."""
PRIORITIES: tuple[Priority, ...] = ("gawat", "lansia", "ibu_hamil", "balita", "disabilitas")
AT_ONCE: Priority = "gawat"


class Room(Frozen):
    """A door behind which patients of one poli are served; each room calls for itself."""

    id: Id
    name: Text
    poli: Id
    doctor: Annotated[str | None, BeforeValidator(blank_is_none)] = Field(
        default=None, max_length=200, description="the name of one of the doctors"
    )
    """Who sits there: sessions of other doctors are not called into this room."""


class QueueRules(Frozen):
    """The rule of turns, published in puskesmas.yml, and how the day is run."""

    check_in: Claim = Field(default=True, description=YES)
    """Whether people tell the counter that they are there; then nobody is called who is not, while others are."""
    regular_per_priority: int = Field(default=2, ge=1, le=20, description="a whole number from 1 to 20")
    """After so many regular numbers one priority number goes first."""
    counter_every: int = Field(default=0, ge=0, le=10, description="0, or a whole number from 2 to 10")
    """Each third number, or as said here, is kept for people at the counter, who else stand behind all who booked."""
    late_back_after: int = Field(default=3, ge=0, le=50, description="a whole number from 0 to 50")
    """Who comes when their turn has passed is called after so many who wait."""
    undo_minutes: int = Field(default=10, ge=1, le=60, description="minutes from 1 to 60")
    """A number given back is kept aside so long."""
    friday_break: Annotated[Hours, BeforeValidator(blank_is_none)] = Field(
        default=None, description="a time range such as 11:30-13:00, or empty"
    )
    """Nobody is served then on a Friday; a session that reaches into it ends or begins at its edge."""
    push_evening: Clock = Field(default="17:00", validate_default=True, description="a time such as 17:00")
    """When people are reminded of tomorrow's number, and told what to bring."""
    travel_minutes: int = Field(default=30, ge=0, le=240, description="minutes from 0 to 240")
    """How far people live who were not asked yet."""
    moved_minutes: int = Field(default=15, ge=5, le=120, description="minutes from 5 to 120")
    """Somebody is told again only when the estimate moves by more than this."""
    service_minutes: float = Field(default=8, gt=0, le=120, description="minutes such as 8")
    """How long one patient takes, until enough was measured here."""
    numbers_per_phone: int = Field(default=10, ge=1, le=100, description="a whole number from 1 to 100")
    """How many numbers one phone may hold at a time."""
    people_per_phone: int = Field(default=30, ge=1, le=300, description="a whole number from 1 to 300")
    """How many people one phone may speak for; more are entered by staff."""
    paper_numbers: int = Field(default=20, ge=0, le=200, description="a whole number from 0 to 200")
    """How many numbers a poli keeps for paper when its list is printed."""


class SpecialHours(Frozen):
    """A time of the year with other hours, such as Ramadan: sessions are cut to them."""

    name: Text
    day: date = Field(description="a date such as 2027-02-08")
    until: date = Field(description="a date such as 2027-03-08")
    hours: dict[Weekday, Hours] = Field(description=HOURS)
    """Days that are not named keep their ordinary hours."""


class Bpjs(Frozen):
    """What the queue exchanges with BPJS; addresses and keys come from the environment."""

    serve: Claim = Field(default=False, description=YES)
    """Mobile JKN may take numbers here (/jkn/...)."""
    tell: Claim = Field(default=False, description=YES)
    """BPJS is told of numbers taken, called and cancelled here."""
    days_ahead: int = Field(default=3, ge=0, le=30, description="days from 0 to 30")
    """How far ahead Mobile JKN may book."""
    arrive_minutes: int = Field(default=30, ge=0, le=240, description="minutes from 0 to 240")
    """How long before their turn people of Mobile JKN are asked to come."""
