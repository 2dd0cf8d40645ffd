"""Soundness: whether the database's file is whole, how large it is, and where it lies."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from clinic.database import Database

MOST_FAULTS = 3


def file_of(database: Database) -> Path | None:
    """Where SQLite keeps it; None for Postgres and for one in memory."""
    url = database.engine.url
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def faults_in(database: Database, *, within_seconds: float) -> tuple[str, ...] | None:
    """What SQLite's own quick check finds in the file, in its words; None when the time did not suffice.

    Postgres looks after its files by itself: there nothing is found as long as it answers.
    """
    try:
        with database.reading() as db:
            if file_of(database) is None:
                db.execute(text("SELECT 1"))
                return ()
            connection = db.connection().connection.driver_connection
            interrupt = connection.interrupt if connection is not None else None
            timer = threading.Timer(within_seconds, interrupt or (lambda: None))
            timer.start()
            try:
                found = [str(row) for row in db.scalars(text(f"PRAGMA quick_check({MOST_FAULTS})"))]
            finally:
                timer.cancel()
    except OperationalError as error:
        return None if getattr(error.orig, "sqlite_errorname", "") == "SQLITE_INTERRUPT" else (_kind(error),)
    except SQLAlchemyError as error:
        return (_kind(error),)
    return () if found == ["ok"] else tuple(found)


def _kind(error: SQLAlchemyError) -> str:
    original = getattr(error, "orig", None)
    return str(getattr(original, "sqlite_errorname", None) or type(original or error).__name__)
