"""What a script may let happen at the health centre while somebody writes: sessions changed, places taken, calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from clinic.database import Session
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.people import add_person
from clinic.queue import BoardRow, SessionCounter, call_next, finish, now_serving, skip, take_number
from clinic.queue_sessions import CLOSED, LATE, add_change

FIRST_NAMES = ("Wawan", "Dewi", "Agus", "Ratna", "Joko", "Lilis", "Hadi", "Yuni")


def with_settings(facility: Facility, settings: Mapping[str, Any]) -> Facility:
    """The health centre with what this script sets otherwise; a list replaces the whole list."""
    return facility if not settings else Facility.model_validate({**facility.model_dump(), **settings})


@dataclass(frozen=True)
class Scene:
    """The health centre at that moment, and one line of a script: {closes: gigi, ahead: 1, session: pagi}."""

    db: Session
    facility: Facility
    keeper: IdentityKeeper
    now: datetime
    line: Mapping[str, Any]

    @property
    def day(self) -> date:
        """The day named, or the one so many days ahead, or today."""
        if "day" in self.line:
            return date.fromisoformat(str(self.line["day"]))
        return self.facility.today(self.now) + timedelta(days=self.line.get("ahead", 0))

    def board_row(self, poli: str) -> BoardRow:
        return next(row for row in now_serving(self.db, self.facility, self.day) if row.poli == poli)

    def happens(self) -> None:
        (kind,) = self.line.keys() & EVENTS.keys()
        EVENTS[kind](self, self.line[kind])


def _closes(scene: Scene, poli: str) -> None:
    """Staff close a session, or the whole day of a poli, for once."""
    _change(scene, poli, kind=CLOSED)


def _begins_late(scene: Scene, poli: str) -> None:
    _change(scene, poli, kind=LATE, late_minutes=scene.line["minutes"])


def _change(scene: Scene, poli: str, *, kind: str, late_minutes: int | None = None) -> None:
    add_change(
        scene.db,
        poli=poli,
        day=scene.day,
        session=scene.line.get("session"),
        kind=kind,
        late_minutes=late_minutes,
        reason="rapat",
        staff_id=None,
        now=scene.now,
    )


def _fills(scene: Scene, poli: str) -> None:
    """Every place of a session, or of all of that day, is taken by others."""
    for session in scene.facility.sessions_on(poli, scene.day):
        if session.name == scene.line.get("session", session.name):
            key = (poli, scene.day, session.name)
            counter = scene.db.get(SessionCounter, key)
            if counter is None:
                scene.db.add(SessionCounter(poli=poli, day=scene.day, session=session.name, taken=session.quota))
            else:
                counter.taken = session.quota


def _stand_in_line(scene: Scene, poli: str) -> None:
    """So many strangers take numbers at the counter and wait."""
    for place in range(scene.line["people"]):
        person = add_person(
            scene.db,
            name=FIRST_NAMES[place % len(FIRST_NAMES)],
            birth_date=date(1980, 1, 1 + place),
            keeper=scene.keeper,
            now=scene.now,
        )
        take_number(
            scene.db,
            facility=scene.facility,
            poli=poli,
            day=scene.day,
            session=scene.line["session"],
            person_id=person.id,
            contact_id=None,
            via="counter",
            has_arrived=True,
            now=scene.now,
        )


def _calls(scene: Scene, poli: str) -> None:
    """Whoever is inside is done, and the next one is called."""
    for room in scene.board_row(poli).rooms:
        finish(scene.db, room.entry_id, facility=scene.facility, now=scene.now)
    assert call_next(scene.db, poli, scene.day, facility=scene.facility, now=scene.now) is not None


def _skips(scene: Scene, poli: str) -> None:
    """Whoever is called does not come."""
    for room in scene.board_row(poli).rooms:
        assert skip(scene.db, room.entry_id, facility=scene.facility, now=scene.now)


EVENTS: Mapping[str, Callable[[Scene, str], None]] = {
    "closes": _closes,
    "begins_late": _begins_late,
    "fills": _fills,
    "line_at": _stand_in_line,
    "calls": _calls,
    "skips": _skips,
}
