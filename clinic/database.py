"""The database: one engine per process, UTC times, encrypted identity numbers, and one way to open a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from time import monotonic, sleep
from typing import Any

from sqlalchemy import (
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Executable,
    MetaData,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

DATABASE_ERRORS = (DBAPIError, PoolTimeout)
"""Busy, broken or gone: what a webhook catches to ask the provider for another try."""

WAIT_SECONDS = 30
"""For another writer to finish."""
LOOK_FOR_LOCK_SECONDS = 0.002

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC; SQLite, which knows no zones, gets and gives it back as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be kept")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables of the clinic."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UtcTime()}


@dataclass(frozen=True)
class Database:
    """An open database; share one per process, its sessions are per unit of work."""

    engine: Engine
    sessions: sessionmaker[Session]
    one_writer: Lock | None = None
    """On SQLite the threads of a process queue here: waiting for the file's own lock means sleeping and looking."""

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back when it raises.

        On SQLite it takes the write lock at once, so that two writers wait for each other instead of failing.
        """
        with self._turn_to_write(), self.sessions() as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for looking only: it takes no write lock and keeps nothing."""
        with self.sessions() as session:
            if self.engine.dialect.name == "sqlite":
                session.connection(execution_options={"sapa_read": True})
            yield session

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        if self.one_writer is None:
            yield
            return
        if not self.one_writer.acquire(timeout=WAIT_SECONDS):
            raise PoolTimeout("another thread holds its transaction open")
        try:
            yield
        finally:
            self.one_writer.release()


def open_database(url: str) -> Database:
    """Open SQLite ("sqlite:///var/sapa.db") or Postgres ("postgresql+psycopg://..."); creates no tables.

    What a failed statement was given never stands in its error: it may be a patient's.
    """
    if url.startswith("sqlite"):
        here = {"timeout": WAIT_SECONDS, "check_same_thread": False}
        engine = create_engine(url, connect_args=here, hide_parameters=True)
        _prepare_sqlite(engine)
        one_writer = Lock()
    else:
        engine = create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=10, hide_parameters=True)
        one_writer = None
    return Database(engine=engine, sessions=sessionmaker(engine, expire_on_commit=False), one_writer=one_writer)


def insert_into(db: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT, in the words of the database at hand."""
    if db.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def rows_changed(db: Session, statement: Executable, given: Mapping[str, Any] | None = None) -> int:
    """Run an UPDATE, INSERT or DELETE, with these values for its parameters, and tell how many rows it touched."""
    result = db.execute(statement, given, execution_options={"synchronize_session": False})
    return result.rowcount if isinstance(result, CursorResult) else 0


def wait_for_turn(db: Session, lock: int) -> None:
    """Until we commit, whoever asks for the same lock waits; on SQLite whoever writes is alone anyway."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(lock)))


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        # We open transactions ourselves: the driver would begin them too late for BEGIN IMMEDIATE.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={WAIT_SECONDS * 1000}")
        _write_ahead(cursor)
        cursor.execute("PRAGMA synchronous=FULL")  # a power cut must not take back what was promised
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        reads = connection.get_execution_options().get("sapa_read", False)
        if reads:
            connection.exec_driver_sql("BEGIN")
        else:
            _begin_to_write(connection)


def _begin_to_write(connection: Any) -> None:
    """Take the file's write lock, looking every few milliseconds.

    SQLite's own waiting looks ever more seldom, up to ten times a second: a webhook would wait far longer than the
    transaction of the worker that it waits for.
    """
    end = monotonic() + WAIT_SECONDS
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > end:
                    # Past the engine's own wrapping: callers know the engine's errors only.
                    raise OperationalError("BEGIN IMMEDIATE", None, error) from error
            sleep(LOOK_FOR_LOCK_SECONDS)
    finally:
        driver.execute(f"PRAGMA busy_timeout={WAIT_SECONDS * 1000}")


def _write_ahead(cursor: Any) -> None:
    """Put a file into write-ahead mode, where it stays; a database in memory keeps its own mode.

    SQLite's own waiting does not cover this change, so several processes that start at once on a new file try again.
    """
    end = monotonic() + WAIT_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if monotonic() > end:
                raise
            sleep(0.05)
