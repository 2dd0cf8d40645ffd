"""Gammu, clock: the time as gammu-smsd's tables have it, and how far its own time is from UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, select

from clinic.gammu_tables import phones

PROMISED = timedelta(seconds=10)
"""What gammu-smsd adds to its own time when it writes TimeOut."""
QUARTER = timedelta(minutes=15)


def is_postgres(db: Connection) -> bool:
    return db.dialect.name == "postgresql"


def clock_of(db: Connection) -> datetime:
    """Now, in the zone of UpdatedInDB: the database's own on Postgres, UTC on SQLite whatever gammu-smsd's is."""
    now = db.scalar(select(func.localtimestamp() if is_postgres(db) else func.datetime("now")))
    return now if isinstance(now, datetime) else datetime.fromisoformat(str(now))


def utc_now(db: Connection) -> datetime:
    """Now by the database's clock, aware."""
    if is_postgres(db):
        return db.scalars(select(func.now())).one().astimezone(UTC)
    return clock_of(db).replace(tzinfo=UTC)


def clock_off(db: Connection) -> timedelta:
    """How far gammu-smsd's own time is from UTC, in quarters of an hour; zero is what the guide asks for.

    On Postgres that is the database's zone. On SQLite a trigger writes UpdatedInDB in UTC, and gammu-smsd TimeOut in
    its own time: the two of the same heartbeat differ by the zone.
    """
    if is_postgres(db):
        return timedelta(seconds=int(db.scalar(select(func.extract("timezone", func.now()))) or 0))
    last = db.execute(
        select(phones.c.UpdatedInDB, phones.c.TimeOut).order_by(phones.c.UpdatedInDB.desc()).limit(1)
    ).first()
    if last is None or last.UpdatedInDB is None or last.TimeOut is None:
        return timedelta(0)
    return QUARTER * round((last.TimeOut - PROMISED - last.UpdatedInDB) / QUARTER)
