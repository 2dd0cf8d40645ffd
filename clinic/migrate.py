"""Migrating: brings a database, empty or old, to the tables of this version."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from clinic.database import Database

FOLDER = Path(__file__).parent / "migrations"
LOCK = 7_223_001  # one process migrates at a time on Postgres; on SQLite the write lock does it


def migrate(database: Database) -> None:
    """Run what is missing; nothing happens on a database that is up to date, and two at once run it once."""
    if current_revision(database) == ScriptDirectory(str(FOLDER)).get_current_head():
        return
    with database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def current_revision(database: Database) -> str | None:
    """The last migration that this database has seen; None for an empty one."""
    with database.reading() as db:
        has_table = database.engine.dialect.has_table(db.connection(), "alembic_version")
        return db.scalar(text("SELECT version_num FROM alembic_version")) if has_table else None
