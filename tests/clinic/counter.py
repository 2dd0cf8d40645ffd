"""The counter where numbers are taken in tests, and a centre with as many places as a test wants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from clinic.facility import Facility
from clinic.queue import Ticket, rooms_with_space, take_number
from tests.clinic.hands import a_person

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)


def with_quota(facility: Facility, quota: int) -> Facility:
    """The same centre with so many places in every session of every poli."""
    polis = tuple(
        poli.model_copy(update={"sessions": tuple(each.model_copy(update={"quota": quota}) for each in poli.sessions)})
        for poli in facility.polis
    )
    return facility.model_copy(update={"polis": polis})


@dataclass(frozen=True)
class Counter:
    """The counter where numbers are taken, on a Tuesday morning at poli gigi if nothing else is said."""

    db: Session
    facility: Facility
    now: datetime

    def take(self, person_id: int, **fields: Any) -> Ticket:
        asked: dict[str, Any] = {"poli": "gigi", "day": TUESDAY, "session": "pagi", "contact_id": None, **fields}
        return take_number(
            self.db, facility=self.facility, person_id=person_id, via="sms", **{"now": self.now, **asked}
        )

    def take_new(self, **fields: Any) -> Ticket:
        return self.take(a_person(self.db, self.now), **fields)

    def left(self, poli: str = "gigi") -> int:
        rooms = rooms_with_space(self.db, self.facility, poli, from_day=TUESDAY, limit=1, now=self.now)
        return rooms[0].left if rooms and rooms[0].day == TUESDAY else 0
