"""Migrating: an empty database becomes what the models say, once, however many try at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from clinic.audit import AuditEntry, record
from clinic.database import Database, open_database
from clinic.migrate import FOLDER, current_revision, migrate
from clinic.tables import METADATA
from tests.conftest import missing
from tests.postgres import NoPostgres, running_postgres

HEAD = ScriptDirectory(str(FOLDER)).get_current_head()


def test_the_migrations_make_the_tables_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert [] == compare_metadata(context, METADATA)


def test_an_empty_database_has_no_revision(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/sapa.db")
    before = current_revision(database)
    migrate(database)
    assert (None, HEAD) == (before, current_revision(database))
    database.close()


def test_migrating_again_changes_nothing(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        record(db, actor="cli", action="test", subject="case:1", now=now)
    migrate(database)
    with database.reading() as db:
        assert (HEAD, 1) == (current_revision(database), db.query(AuditEntry).count())


def _migrate_eight_at_once(url: str) -> list[str | None]:
    def one(_number: int) -> str | None:
        database = open_database(url)
        migrate(database)
        revision = current_revision(database)
        database.close()
        return revision

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, range(8)))


def test_processes_that_start_together_migrate_sqlite_once(tmp_path: Path) -> None:
    assert [HEAD] * 8 == _migrate_eight_at_once(f"sqlite:///{tmp_path}/sapa.db")


@pytest.mark.postgres
def test_processes_that_start_together_migrate_postgres_once() -> None:
    try:
        with running_postgres() as url:
            assert [HEAD] * 8 == _migrate_eight_at_once(url)
    except NoPostgres as error:
        missing(str(error))


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/sapa.db")
    with database.transaction() as db:
        db.execute(text("CREATE TABLE reminder (id INTEGER)"))  # in the way of our own
    with pytest.raises(Exception, match="reminder already exists"):
        migrate(database)
    assert ["reminder"] == database.engine.dialect.get_table_names(database.engine.connect())
    database.close()
