"""Gammu's tables: the database of gammu-smsd (schema 17), which is its own: nothing here makes or changes tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Time,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from clinic.database import DATABASE_ERRORS

SCHEMA = 17
"""The version that gammu-smsd 1.37 to 1.42 and newer work with; the table `gammu` says which one is there."""
WAIT_SECONDS = 10
"""For the database to answer, or for gammu-smsd to finish writing."""
STAMP = "%Y-%m-%d %H:%M:%S"


class GammuUnreachable(Exception):
    """The database of gammu-smsd cannot be used; nothing was written."""


class GammuUncertain(Exception):
    """The commit broke off: what was written may or may not be there."""


class Flag(TypeDecorator[bool]):
    """True or false: a boolean on Postgres, the words "true" and "false" on SQLite."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Boolean() if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else str(value).lower()

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:
        return value in (True, 1) or str(value).lower() in ("true", "yes", "1")


class LocalTime(TypeDecorator[datetime]):
    """A time without zone, as gammu-smsd writes it: its own local time. What cannot be read is None."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime() if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else value.strftime(STAMP)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if isinstance(value, datetime) or value is None:
            return value
        try:
            return datetime.fromisoformat(str(value))
        except ValueError:
            return None


class ClockTime(TypeDecorator[str]):
    """A time of day: "HH:MM:SS"."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Time() if dialect.name == "postgresql" else String())


GAMMU = MetaData()

version = Table("gammu", GAMMU, Column("Version", Integer, primary_key=True))

inbox = Table(
    "inbox",
    GAMMU,
    Column("ID", Integer, key="id", primary_key=True),
    Column("UpdatedInDB", LocalTime),
    Column("ReceivingDateTime", LocalTime),
    Column("Text", String),
    Column("SenderNumber", String),
    Column("Coding", String),
    Column("UDH", String),
    Column("TextDecoded", String),
    Column("RecipientID", String),
    Column("Processed", Flag),
)

outbox = Table(
    "outbox",
    GAMMU,
    Column("ID", Integer, key="id", primary_key=True),
    Column("InsertIntoDB", LocalTime),
    Column("SendBefore", ClockTime),
    Column("SendAfter", ClockTime),
    Column("DestinationNumber", String),
    Column("Coding", String),
    Column("UDH", String),
    Column("TextDecoded", String),
    Column("MultiPart", Flag),
    Column("RelativeValidity", Integer),
    Column("SendingTimeOut", LocalTime),
    Column("DeliveryReport", String),
    Column("CreatorID", String),
)

outbox_multipart = Table(
    "outbox_multipart",
    GAMMU,
    Column("ID", Integer, key="id", primary_key=True),
    Column("SequencePosition", Integer, primary_key=True),
    Column("Coding", String),
    Column("UDH", String),
    Column("TextDecoded", String),
)

sentitems = Table(
    "sentitems",
    GAMMU,
    Column("ID", Integer, key="id", primary_key=True),
    Column("SequencePosition", Integer, primary_key=True),
    Column("UpdatedInDB", LocalTime),
    Column("SendingDateTime", LocalTime),
    Column("DestinationNumber", String),
    Column("Status", String),
    Column("StatusError", Integer),
    Column("StatusCode", Integer),
    Column("CreatorID", String),
)

phones = Table(
    "phones",
    GAMMU,
    Column("IMEI", String, primary_key=True),
    Column("ID", String, key="id"),
    Column("UpdatedInDB", LocalTime),
    Column("TimeOut", LocalTime),
    Column("Signal", Integer),
    Column("Sent", Integer),
    Column("Received", Integer),
)


@dataclass(frozen=True)
class GammuStore:
    """The open database of gammu-smsd; share one per process."""

    engine: Engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for looking only; raises GammuUnreachable."""
        try:
            with self.engine.connect().execution_options(sapa_read=True) as connection:
                yield connection
        except DATABASE_ERRORS as error:
            raise GammuUnreachable(type(error).__name__) from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, committed at the end: gammu-smsd sees all of it or nothing.

        Raises GammuUnreachable when surely nothing was written, GammuUncertain when only the commit broke off.
        """
        try:
            with self.engine.connect() as connection:
                yield connection
                try:
                    connection.commit()
                except DATABASE_ERRORS as error:
                    raise GammuUncertain(type(error).__name__) from error
        except DATABASE_ERRORS as error:
            raise GammuUnreachable(type(error).__name__) from error

    def close(self) -> None:
        self.engine.dispose()


def open_gammu_store(url: str) -> GammuStore:
    """Open "sqlite:////var/lib/gammu/smsd.db" or "postgresql+psycopg://..."; connects with the first use."""
    if not url.startswith("sqlite"):
        options = f"-c statement_timeout={WAIT_SECONDS}s -c lock_timeout={WAIT_SECONDS}s"
        engine = create_engine(
            url,
            pool_pre_ping=True,
            pool_timeout=WAIT_SECONDS,
            connect_args={"connect_timeout": WAIT_SECONDS, "options": options},
        )
        return GammuStore(engine)
    # mode=rw: a file that is not there is an error, not a new and empty database.
    file = f"file:{quote(make_url(url).database or '')}?mode=rw&uri=true"
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": WAIT_SECONDS, "check_same_thread": False})
    _prepare_sqlite(engine)
    return GammuStore(engine)


def _prepare_sqlite(engine: Engine) -> None:
    """Take the write lock with the first word of a writing transaction; the file's own modes are left as they are."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        reads = connection.get_execution_options().get("sapa_read", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
