"""A centre that tells the stand-in what happens to its numbers, on either database."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.bpjs.antrean import AntreanClient, open_antrean
from bot.bpjs.telling import Telling
from bot.services import Services
from clinic.cases import Case
from clinic.database import Database
from clinic.facility import Facility
from clinic.queue import call_next, cancel_number, restore_number, skip
from clinic.queue_table import BpjsEffect
from tests.bpjs_standin.server import CONS_ID, SECRET, USER_KEY, StandIn
from tests.jkn_world import MONDAY, Clock, JknWorld, served, services_of, with_codes


@dataclass
class TellingWorld(JknWorld):
    """The centre with its stand-in and as many workers as a test wants."""

    standin: StandIn = field(default_factory=StandIn)
    clients: list[AntreanClient] = field(default_factory=list)

    def worker(self, name: str = "w1") -> Telling:
        settings = self.services.settings
        client = open_antrean(settings, clock=self.clock)
        assert client is not None
        quick = AntreanClient(client.url, client.keys, clock=self.clock, read_seconds=0.6)
        self.clients += [client, quick]
        return Telling(self.services, quick, name, random.Random(1))

    def tell(self, *, after: float = 0.0) -> int:
        """One round, so many seconds later."""
        self.clock.now += timedelta(seconds=after)
        return self.worker().tell_due()

    def call(self) -> int:
        """The next one at poli umum."""
        with self.services.database.transaction() as db:
            called = call_next(db, "umum", MONDAY, facility=self.facility, now=self.clock(), actor="staff:1")
        assert called is not None
        return called.id

    def skip(self, entry_id: int) -> None:
        with self.services.database.transaction() as db:
            skip(db, entry_id, facility=self.facility, now=self.clock(), actor="staff:1")

    def cancel(self, entry_id: int, *, actor: str = "contact:1") -> None:
        with self.services.database.transaction() as db:
            cancel_number(db, entry_id, facility=self.facility, now=self.clock(), actor=actor)

    def restore(self, entry_id: int) -> None:
        with self.services.database.transaction() as db:
            assert restore_number(db, entry_id, facility=self.facility, now=self.clock()) is not None

    def effects(self) -> list[tuple[str, str]]:
        with self.services.database.reading() as db:
            return [(row.kind, row.state) for row in db.query(BpjsEffect).order_by(BpjsEffect.id)]

    def reasons(self) -> list[str | None]:
        with self.services.database.reading() as db:
            return [row.last_code for row in db.query(BpjsEffect).order_by(BpjsEffect.id)]

    def cases(self) -> list[Case]:
        with self.services.database.reading() as db:
            return db.query(Case).order_by(Case.id).all()


@contextmanager
def telling_world(
    database: Database, facility: Facility, now: datetime, folder: Path, **environment: str
) -> Iterator[TellingWorld]:
    clock = Clock(now)
    standin = StandIn(clock=lambda: clock.now.timestamp())
    with served(standin.app()) as url:
        keys = {"SAPA_BPJS_CONS_ID": CONS_ID, "SAPA_BPJS_SECRET": SECRET, "SAPA_BPJS_ANTREAN_USER_KEY": USER_KEY}
        keys |= {"SAPA_BPJS_ANTREAN_URL": f"{url}/antreanfktp/"} | environment
        services: Services = services_of(database, with_codes(facility, tell=True), clock, folder, environment=keys)
        world = TellingWorld(services, clock, None, standin)  # type: ignore[arg-type]  # nobody calls us here
        yield world
        for client in world.clients:
            client.close()


@pytest.fixture
def centre(database: Database, facility: Facility, now: datetime, tmp_path: Path) -> Iterator[TellingWorld]:
    with telling_world(database, facility, now, tmp_path) as world:
        yield world
