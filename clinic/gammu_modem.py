"""Gammu, the modem: whether gammu-smsd and its modem live, and whether the SIM still lets anything out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, text

from clinic.gammu import FAILED
from clinic.gammu_clock import clock_of, clock_off
from clinic.gammu_tables import (
    SCHEMA,
    GammuStore,
    GammuUncertain,
    GammuUnreachable,
    outbox,
    phones,
    sentitems,
    version,
)

SILENT_AFTER = timedelta(minutes=3)
"""gammu-smsd writes a sign of life every 15 seconds, more rarely while the modem sends or is being woken up."""
FAILURES_IN_A_ROW = 5
RECENT_ROWS = 1000
"""Among the last so many the newest are looked for; the tables grow for years."""


@dataclass(frozen=True)
class ModemLook:
    """What one look found."""

    schema: int | None
    """Of the tables; None when they have no version."""
    phone: str | None
    """The PhoneID; None when gammu-smsd never reached a modem."""
    silent_for: timedelta | None
    """Since the last sign of life."""
    signal: int | None
    clock_off: timedelta
    """How far gammu-smsd's own time is from UTC."""
    waiting: int
    """SMS in the outbox."""
    is_refused: bool
    """The last SMS failed one after the other, and none went out since."""

    @property
    def is_alive(self) -> bool:
        return self.silent_for is not None and self.silent_for <= SILENT_AFTER

    @property
    def trouble(self) -> str | None:
        """A code of refusals.yml, or None when all is well."""
        if not self.is_alive:
            return "modem_dead"
        return "sim_empty" if self.is_refused else None


def is_alive(store: GammuStore) -> bool:
    """Whether the modem gave a sign of life lately: a cheap look before each SMS. Raises GammuUnreachable."""
    with store.reading() as db:
        last = db.scalar(select(func.max(phones.c.UpdatedInDB)))
        seen = last if isinstance(last, datetime) or last is None else datetime.fromisoformat(str(last))
        return seen is not None and clock_of(db) - seen <= SILENT_AFTER


def look_at_modem(store: GammuStore) -> ModemLook:
    """The phone that was heard last, and how its last SMS went. Raises GammuUnreachable.

    Ages are counted by the database's own clock and by the column that its trigger writes, so that a wrong time zone
    of gammu-smsd does not look like a dead modem.
    """
    with store.reading() as db:
        now = clock_of(db)
        name, seen, signal = db.execute(
            select(phones.c.id, phones.c.UpdatedInDB, phones.c.Signal).order_by(phones.c.UpdatedInDB.desc()).limit(1)
        ).first() or (None, None, None)
        return ModemLook(
            schema=db.scalar(select(version.c.Version).limit(1)),
            phone=name,
            silent_for=None if seen is None else max(now - seen, timedelta(0)),
            signal=signal,
            clock_off=clock_off(db),
            waiting=db.scalar(select(func.count()).select_from(outbox)) or 0,
            is_refused=_is_refused(db),
        )


def fits(look: ModemLook) -> bool:
    """Whether these are the tables that we know."""
    return look.schema is not None and look.schema >= SCHEMA


def can_write(store: GammuStore) -> bool:
    """Whether we may put SMS there: a file of somebody else's can often be read and not written."""
    try:
        with store.writing() as db:
            db.execute(select(1))
    except (GammuUnreachable, GammuUncertain):
        return False
    return True


def gives_way(store: GammuStore) -> bool:
    """Whether readers and the writer leave each other in peace: on SQLite only in write-ahead mode."""
    if store.engine.dialect.name != "sqlite":
        return True
    with store.reading() as db:
        return str(db.execute(text("PRAGMA journal_mode")).scalar()).lower() == "wal"


def _is_refused(db: Connection) -> bool:
    newest = db.scalar(select(func.max(sentitems.c.id))) or 0
    last = db.scalars(
        select(sentitems.c.Status)
        .where(sentitems.c.id > newest - RECENT_ROWS)
        .order_by(sentitems.c.SendingDateTime.desc(), sentitems.c.id.desc())
        .limit(FAILURES_IN_A_ROW)
    ).all()
    return len(last) == FAILURES_IN_A_ROW and all(status in FAILED for status in last)
