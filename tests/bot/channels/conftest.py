"""The database of gammu-smsd, empty, with the schema that its package brings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic.database import Database
from clinic.gammu_tables import GammuStore, open_gammu_store
from tests.conftest import missing
from tests.gammu.stores import NoSchema, empty, make_postgres, make_sqlite


@pytest.fixture(scope="session")
def gammu_postgres_url(postgres_database: Database) -> str:
    try:
        return make_postgres(postgres_database.engine.url.render_as_string(hide_password=False), "smsd_tables")
    except NoSchema as error:
        missing(str(error))
        raise


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def gammu_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GammuStore]:
    """Every test that asks for it runs on SQLite and on Postgres."""
    yield from _open(request, tmp_path, is_postgres=request.param == "postgres")


@pytest.fixture
def gammu_beside(request: pytest.FixtureRequest, tmp_path: Path, database: Database) -> Iterator[GammuStore]:
    """Of the same kind as our own database."""
    yield from _open(request, tmp_path, is_postgres=database.engine.dialect.name == "postgresql")


def _open(request: pytest.FixtureRequest, folder: Path, *, is_postgres: bool) -> Iterator[GammuStore]:
    url = ""
    if is_postgres:
        url = request.getfixturevalue("gammu_postgres_url")
        empty(url)
    else:
        try:
            url = make_sqlite(folder / "smsd.db")
        except NoSchema as error:
            missing(str(error))
    store = open_gammu_store(url)
    yield store
    store.close()
