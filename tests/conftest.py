"""What the tests of every room share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from clinic.database import Database, open_database
from clinic.facility import Facility
from clinic.facility_file import load_facility
from clinic.identity import IdentityKeeper
from clinic.migrate import migrate
from clinic.tables import METADATA
from tests.pages_world import World, build_world
from tests.postgres import NoPostgres, running_postgres

ROOT = Path(__file__).resolve().parents[1]


def missing(reason: str) -> None:
    """Skip with the reason; in CI a part that is missing is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"CI must have every part: {reason}")
    pytest.skip(reason)


@pytest.fixture
def now() -> datetime:
    """A Monday morning in Samarinda."""
    return datetime.fromisoformat("2026-11-23T08:00+08:00")


@pytest.fixture(scope="session")
def facility() -> Facility:
    return load_facility(ROOT / "puskesmas.yml")


@pytest.fixture
def keeper() -> IdentityKeeper:
    return IdentityKeeper("tests need a key as well")


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[Database]:
    """One Postgres for the whole run, migrated once."""
    try:
        with running_postgres() as url:
            database = open_database(url)
            migrate(database)
            yield database
            database.close()
    except NoPostgres as error:
        missing(str(error))


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database, migrated once; tests work on copies."""
    path = tmp_path_factory.mktemp("migrated") / "sapa.db"
    database = open_database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated database: every test that asks for it runs on SQLite and on Postgres."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "sapa.db")
        database = open_database(f"sqlite:///{tmp_path}/sapa.db")
        yield database
        database.close()
        return
    database = request.getfixturevalue("postgres_database")
    names = ", ".join(f'"{table.name}"' for table in METADATA.sorted_tables)
    with database.transaction() as db:
        db.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    yield database


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A small health centre with its web app and an empty inbox."""
    world = build_world(tmp_path)
    yield world
    world.services.database.close()
