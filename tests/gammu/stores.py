"""Databases of gammu-smsd for tests, made with the schema files that its Debian package brings."""

from __future__ import annotations

import gzip
import sqlite3
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

EXAMPLES = Path("/usr/share/doc/gammu-smsd/examples")
TABLES = ("inbox", "outbox", "outbox_multipart", "sentitems", "phones")


class NoSchema(Exception):
    """The schema files are not on this machine."""


def read_schema(name: str) -> str:
    """sqlite or pgsql, packed or not; raises NoSchema."""
    for path in (EXAMPLES / f"{name}.sql", EXAMPLES / f"{name}.sql.gz"):
        if path.exists():
            data = path.read_bytes()
            return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    raise NoSchema(f"no {name}.sql in {EXAMPLES} (package gammu-smsd)")


def make_sqlite(path: Path) -> str:
    """An empty database in this file, as docs/without-internet.md makes it; its URL."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.executescript(read_schema("sqlite"))
    connection.close()
    return f"sqlite:///{path}"


def make_postgres(server_url: str, name: str) -> str:
    """An empty database of this name on this server, made anew; its URL."""
    server = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    server.dispose()
    url = make_url(server_url).set(database=name)
    engine = create_engine(url)
    # Every Postgres of today has the language already, and says so with an error.
    schema = read_schema("pgsql").replace("CREATE LANGUAGE plpgsql;", "")
    with engine.begin() as connection:
        connection.connection.cursor().execute(schema)  # many statements at once, with % in them
    engine.dispose()
    return url.render_as_string(hide_password=False)


def empty(url: str) -> None:
    """Every table of this Postgres database empty again, ids from 1."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY"))
    engine.dispose()
