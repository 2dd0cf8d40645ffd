"""When a turn will come: the simulated morning as rows of the queue, read by the product's own estimate and pushes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from clinic.facility import Facility, Session
from clinic.facility_file import load_facility
from clinic.facility_queue import Room
from clinic.queue_estimate import Estimate, Picture, estimates_of
from clinic.queue_habits import habits_of
from clinic.queue_sessions import ChangeView
from clinic.queue_told import Holder
from scheduler.queue_pushes import leaves_at
from tests.simulation.assumptions import Assumptions

ROOT = Path(__file__).resolve().parents[2]
POLI, SESSION = "umum", "pagi"
DAY = date(2026, 11, 23)
"""A Monday without anything special."""


@dataclass(frozen=True)
class Row:
    """A number as the database would hold it at this moment."""

    id: int
    number: int
    rank: int
    state: str
    priority: str | None
    room: str | None
    taken_at: datetime
    arrived_at: datetime | None
    called_at: datetime | None
    done_at: datetime | None
    day: date = DAY
    session: str = SESSION

    @property
    def served_at(self) -> datetime | None:
        return self.called_at


@cache
def centre_of(given: Assumptions) -> Facility:
    """The centre of puskesmas.yml with one poli, one session, and a room for each doctor."""
    known = load_facility(ROOT / "puskesmas.yml")
    poli = next(each for each in known.polis if each.id == POLI)
    days = frozenset(range(7))
    opens, closes = _clock(given.doctors_begin), _clock(given.session_ends)
    session = Session.model_construct(
        name=SESSION, days=days, opens=opens, closes=closes, quota=given.quota, doctor=None
    )
    rooms = tuple(Room(id=f"umum{number}", name=f"Ruang {number}", poli=POLI) for number in range(given.doctors))
    rules = known.queue.model_copy(update={"service_minutes": given.believed_service})
    polis = (poli.model_copy(update={"sessions": (session,)}),)
    return known.model_copy(update={"polis": polis, "rooms": rooms, "queue": rules, "closures": ()})


def moment(minutes: float, zone: ZoneInfo) -> datetime:
    """A time of the simulated day; negative is the day before."""
    return datetime.combine(DAY, time(0), zone) + timedelta(minutes=minutes)


def minutes_of(at: datetime) -> float:
    return (at - datetime.combine(DAY, time(0), at.tzinfo)).total_seconds() / 60


def estimates_at(
    rows: Sequence[Row], facility: Facility, *, now: datetime, since_priority: int, announced_late: float
) -> Mapping[int, Estimate]:
    """What the product would tell of every waiting number; no day before this one was measured."""
    told_at = datetime.combine(DAY, facility.polis[0].sessions[0].opens, now.tzinfo)
    late = ChangeView(1, POLI, DAY, SESSION, "late", int(announced_late), "", told_at)
    picture = Picture(
        poli=POLI,
        day=DAY,
        today=rows,
        habits=habits_of([], facility, poli=POLI),
        changes=(late,) if announced_late else (),
        since_priority=since_priority,
    )
    return dict(estimates_of(picture, facility, now=now))


def leaves(estimate: Estimate, *, travel: int, facility: Facility, by_middle: bool) -> datetime:
    """When scheduler.queue_pushes tells them to leave; `by_middle`, what if it aimed at the middle of the range."""
    begins = leaves_at(_holder(travel, estimate.earliest), estimate, facility.queue)
    return begins + (estimate.latest - estimate.earliest) / 2 if by_middle else begins


def _clock(minutes: float) -> time:
    return time(int(minutes) // 60, int(minutes) % 60)


def _holder(travel: int, taken_at: datetime) -> Holder:
    """Somebody whose only trait here is how far they said they live."""
    return Holder(
        entry_id=1,
        code="",
        poli=POLI,
        day=DAY,
        session=SESSION,
        state="waiting",
        person_id=1,
        person_name="",
        birth_date=None,
        is_known=False,
        contact_id=1,
        travel_minutes=travel,
        taken_at=taken_at,
        arrived_at=None,
    )
