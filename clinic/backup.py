"""Backup: a whole, checked copy of the SQLite database while everything goes on, and the way back."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from clinic.database import Database

PREFIX = "sqlite:///"
BUSY_SECONDS = 0.5


class BackupError(Exception):
    """No copy was made, or the copy is not sound; the text says why."""


def backup(database: Database, target: Path) -> None:
    """Copy the database to `target`; it is checked before it gets its name. Raises BackupError."""
    url = database.engine.url
    if url.get_backend_name() != "sqlite" or not url.database:
        raise BackupError("only SQLite is backed up here; use pg_dump for Postgres")
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(target.name + ".part")
    half.unlink(missing_ok=True)
    half.touch(mode=0o600)
    with closing(sqlite3.connect(url.database)) as source, closing(sqlite3.connect(half)) as copy:
        source.backup(copy)
        _check(copy, half)
    os.replace(half, target)


def restore(database_url: str, source: Path) -> None:
    """Put a sound backup in the place of the database that the URL names; raises BackupError.

    The database that was there is kept beside it as "<name>.before-restore".
    """
    if not database_url.startswith(PREFIX):
        raise BackupError("only SQLite is restored here; use pg_restore for Postgres")
    place = Path(database_url.removeprefix(PREFIX))
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as copy:
        _check(copy, source)
        _refuse_when_in_use(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = place.with_name(place.name + ".restoring")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        with closing(sqlite3.connect(fresh)) as target:
            copy.backup(target)
    if place.exists():
        os.replace(place, place.with_name(place.name + ".before-restore"))
    for left_over in ("-wal", "-shm"):
        place.with_name(place.name + left_over).unlink(missing_ok=True)
    os.replace(fresh, place)


def _check(copy: sqlite3.Connection, path: Path) -> None:
    try:
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
        tables = copy.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{path}: not a database ({error})") from error
    if verdict != "ok":
        raise BackupError(f"{path}: damaged ({verdict})")
    if not tables:
        raise BackupError(f"{path}: not a database of Sapa")


def _refuse_when_in_use(place: Path) -> None:
    """An exclusive lock shows that nobody else has the database open in the middle of something."""
    if not place.exists():
        return
    try:
        with closing(sqlite3.connect(place, timeout=BUSY_SECONDS, isolation_level=None)) as present:
            present.execute("PRAGMA locking_mode=EXCLUSIVE")
            present.execute("BEGIN EXCLUSIVE")
            present.execute("ROLLBACK")
            present.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        raise BackupError("the database is in use: stop Sapa first") from error
