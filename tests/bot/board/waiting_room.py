"""A waiting room for the board's tests: people who take numbers and rooms that call them, as on any day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from flask import Flask

from bot.app import create_app
from bot.services import Services
from clinic.facility_queue import Room
from clinic.people import add_person
from clinic.queue import call_again, call_next, finish, take_number
from tests.pages_world import World, build_world

TWO_ROOMS = (Room(id="umum1", name="Ruang Umum 1", poli="umum"), Room(id="umum2", name="Ruang Umum 2", poli="umum"))
TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class WaitingRoom:
    """The centre, and short ways to let its day go on."""

    world: World
    services: Services
    app: Flask

    def arrive(self, poli: str, *names: str, priority: str | None = None) -> list[int]:
        """People who are there and have a number."""
        ids = []
        with self.services.database.transaction() as db:
            for name in names:
                now = self.world.clock()
                person = add_person(db, name=name, keeper=self.services.keeper, now=now)
                ticket = take_number(
                    db, facility=self.services.facility, poli=poli, day=TODAY, session="pagi", person_id=person.id,
                    contact_id=None, via="counter", now=now, has_arrived=True, priority=priority,
                )  # fmt: skip
                ids.append(ticket.id)
        return ids

    def call(self, room: str) -> int:
        """The next one, into this room."""
        with self.services.database.transaction() as db:
            called = call_next(db, room, TODAY, facility=self.services.facility, now=self.world.clock())
        assert called is not None
        return called.id

    def call_again(self, entry_id: int) -> None:
        with self.services.database.transaction() as db:
            assert call_again(db, entry_id, facility=self.services.facility, now=self.world.clock(), actor="staff:1")

    def done(self, entry_id: int) -> None:
        with self.services.database.transaction() as db:
            assert finish(db, entry_id, facility=self.services.facility, now=self.world.clock())

    def read(self, address: str = "/board") -> str:
        answer = self.app.test_client().get(address)
        assert 200 == answer.status_code
        return answer.get_data(as_text=True)


def waiting_room(folder: Path, *, rooms: tuple[Room, ...] = (), **environment: str) -> WaitingRoom:
    """A fresh centre in this folder, with these rooms; it speaks with what stands in the folder `voice`."""
    world = build_world(folder, **{"SAPA_VOICE_FOLDER": str(folder / "voice"), **environment})
    services = replace(world.services, facility=world.services.facility.model_copy(update={"rooms": rooms}))
    return WaitingRoom(world, services, create_app(services))
