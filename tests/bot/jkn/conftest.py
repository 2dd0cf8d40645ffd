"""A centre that Mobile JKN may call, on both databases or, where no row decides, on one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from clinic.database import Database, open_database
from clinic.facility import Facility
from tests.jkn_world import JknWorld, jkn_world, with_codes


@pytest.fixture
def centre(database: Database, facility: Facility, now: datetime, tmp_path: Path) -> Iterator[JknWorld]:
    """One patient of ours: card and NIK number 1."""
    with jkn_world(database, with_codes(facility), now, tmp_path) as world:
        world.add_patient(1)
        yield world


@pytest.fixture
def file(migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copy(migrated_file, tmp_path / "one.db")
    database = open_database(f"sqlite:///{tmp_path}/one.db")
    yield database
    database.close()


@pytest.fixture
def desk(file: Database, facility: Facility, now: datetime, tmp_path: Path) -> Iterator[JknWorld]:
    """The same on SQLite only, for what is refused before any row is looked at."""
    with jkn_world(file, with_codes(facility), now, tmp_path) as world:
        world.add_patient(1)
        yield world
