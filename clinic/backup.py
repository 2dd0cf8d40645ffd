"""Backup: a whole, checked copy of the SQLite database while everything goes on, and the way back."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
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

    The database that was there, broken or not, is kept beside it as "<name>.before-restore" (then "-2", "-3" ...).
    """
    if not database_url.startswith(PREFIX):
        raise BackupError("only SQLite is restored here; use pg_restore for Postgres")
    place = Path(database_url.removeprefix(PREFIX))
    if not source.is_file():
        raise BackupError(f"{source}: no such file")
    with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as copy:
        _check(copy, source)
        _refuse_when_in_use(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = place.with_name(place.name + ".restoring")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        with closing(sqlite3.connect(fresh)) as target:
            copy.backup(target)
    _put_aside(place)
    os.replace(fresh, place)


def _put_aside(place: Path) -> None:
    """Keep what is there, with what it has not yet taken over from its log, under a name that is free."""
    kept = next(name for name in _names_beside(place) if not name.exists())
    for part in ("", "-wal", "-shm"):
        present = place.with_name(place.name + part)
        if present.exists():
            os.replace(present, kept.with_name(kept.name + part))


def _names_beside(place: Path) -> Iterator[Path]:
    yield place.with_name(f"{place.name}.before-restore")
    yield from (place.with_name(f"{place.name}.before-restore-{number}") for number in count(2))


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
    except sqlite3.DatabaseError:
        return  # broken beyond reading: the very reason to restore
