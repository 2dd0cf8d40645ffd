"""A family's phone, and what happens at the health centre behind its back, for tests that need no transcript."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.queue import QueueEntry, call_next
from tests.transcripts.queue_day import Scene
from tests.transcripts.runner import Stage, prepare, read_time

EIGHT = "2026-11-23T08:00+08:00"


class Phone:
    """Writes to the bot through the whole turn and a real database."""

    def __init__(
        self,
        database: Database,
        facility: Facility,
        keeper: IdentityKeeper,
        given: str = "family",
        *,
        now: str = EIGHT,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        script = {"given": given, "now": now, "settings": settings or {}}
        self.database, self.keeper = database, keeper
        self.stage = Stage(database, facility, keeper, script)
        self.facility = self.stage.facility
        prepare(self.stage)

    def writes(self, text: str, *, reads: str | None = None) -> str | None:
        return self.stage.say({"me": text, "reads": reads})

    def at(self, now: str) -> None:
        self.stage.now = read_time(now)

    def happens(self, **line: Any) -> None:
        """Something at the health centre, as a transcript would write it."""
        with self.database.transaction() as db:
            Scene(db, self.facility, self.keeper, self.stage.now, line).happens()

    def fill(self, poli: str, day: date, session: str) -> None:
        """All places of that session are taken by others."""
        self.happens(fills=poli, day=day, session=session)

    def call(self, poli: str, day: date) -> None:
        with self.database.transaction() as db:
            call_next(db, poli, day, facility=self.facility, now=self.stage.now)

    def states(self) -> list[tuple[date, str]]:
        with self.database.transaction() as db:
            rows = db.query(QueueEntry).order_by(QueueEntry.id)
            return [(row.day, row.state) for row in rows]
