"""A day of queueing for the tests of the staff's pages: people with numbers, and what became of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from clinic.audit import AuditEntry
from clinic.people import add_person
from clinic.queue import QueueRow, call_next, check_in, day_list, take_number
from clinic.queue_events import Jump, jumps_on
from clinic.queue_table import QueueEntry
from tests.pages_world import World, send

MONDAY = date(2026, 11, 23)
ACTOR = "staff:1"


@dataclass(frozen=True)
class QueueDay:
    """The centre on its Monday."""

    world: World

    def add_person(self, name: str, *, born: date | None = None) -> int:
        services = self.world.services
        with services.database.transaction() as db:
            return add_person(db, name=name, birth_date=born, keeper=services.keeper, now=self.world.clock()).id

    def book(
        self,
        name: str,
        *,
        poli: str = "umum",
        day: date = MONDAY,
        session: str = "pagi",
        born: date | None = None,
        is_there: bool = False,
        contact_id: int | None = None,
        via: str = "sms",
        priority: str | None = None,
    ) -> int:
        """A number for a new person, taken two hours ago."""
        services, now = self.world.services, self.world.clock()
        person = self.add_person(name, born=born)
        with services.database.transaction() as db:
            return take_number(
                db, facility=services.facility, poli=poli, day=day, session=session, person_id=person, via=via,
                contact_id=contact_id, now=now - timedelta(hours=2), has_arrived=is_there, priority=priority,
            ).id  # fmt: skip

    def arrive(self, entry_id: int) -> None:
        with self.world.services.database.transaction() as db:
            check_in(db, entry_id, facility=self.world.services.facility, now=self.world.clock(), actor=ACTOR)

    def call(self, room: str = "umum") -> int:
        services = self.world.services
        with services.database.transaction() as db:
            called = call_next(db, room, MONDAY, facility=services.facility, now=self.world.clock(), actor=ACTOR)
        assert called is not None
        return called.id

    def rows(self, poli: str = "umum", day: date = MONDAY) -> tuple[QueueRow, ...]:
        services = self.world.services
        with services.database.reading() as db:
            return day_list(db, day, facility=services.facility, poli=poli)

    def row(self, code: str) -> QueueRow:
        poli = next(each.id for each in self.world.services.facility.polis if each.letter == code[0])
        return next(row for row in self.rows(poli) if row.code == code)

    def states(self, poli: str = "umum") -> dict[str, str]:
        return {row.code: row.state for row in self.rows(poli)}

    def jumps(self) -> tuple[Jump, ...]:
        with self.world.services.database.reading() as db:
            return jumps_on(db, MONDAY)

    def acts(self) -> list[str]:
        """What the audit kept, the oldest first."""
        with self.world.services.database.reading() as db:
            return [row.action for row in db.query(AuditEntry).order_by(AuditEntry.id) if row.action != "login"]

    def contact_of(self, entry_id: int) -> int | None:
        with self.world.services.database.reading() as db:
            return db.query(QueueEntry).filter_by(id=entry_id).one().contact_id


@dataclass(frozen=True)
class Nurse:
    """Somebody of the staff with a browser without scripts, at one room's page."""

    world: World
    room: str = "umum"
    username: str = "sari"

    @property
    def page(self) -> str:
        return f"/inbox/queue/{self.room}"

    def read(self, address: str = "") -> str:
        """The page as text: what stands between the tags."""
        html = self.world.logged_in(self.username).get(self.page + address).get_data(as_text=True)
        return plain(html)

    def does(self, act: str, **fields: str) -> str:
        """Send the form of this act; the text of the page that answers."""
        client = self.world.logged_in(self.username)
        answer = send(client, f"{self.page}/{act}", page=self.page, **fields)
        assert answer.status_code in (302, 400), answer.status_code
        if answer.status_code == 400:
            return plain(answer.get_data(as_text=True))
        return plain(client.get(answer.location).get_data(as_text=True))


def plain(html: str) -> str:
    """What a person reads of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&#39;", "'").split())
