"""The real gammu-smsd with a dummy phone; where it is not installed these tests say so."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clinic.database import Database, open_database
from clinic.facility import Facility
from tests.conftest import missing
from tests.gammu.daemon import Daemon, is_there
from tests.gammu.stores import NoSchema, make_postgres, make_sqlite

StartDaemon = Callable[..., Daemon]


@pytest.fixture
def own_database(migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    """Sapa's own database, empty."""
    shutil.copy(migrated_file, tmp_path / "sapa.db")
    database = open_database(f"sqlite:///{tmp_path}/sapa.db")
    yield database
    database.close()


@pytest.fixture(scope="session")
def fast_facility(facility: Facility) -> Facility:
    """The same health centre with a modem that takes 100 SMS a second: the dummy does."""
    pace = facility.routes.per_second.model_copy(update={"gammu": 100.0})
    return facility.model_copy(update={"routes": facility.routes.model_copy(update={"per_second": pace})})


@pytest.fixture
def daemon_on(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StartDaemon]:
    """daemon_on("sqlite" or "postgres", ...): a daemon in a folder of its own, not started; ended with the test."""
    made: list[Daemon] = []

    def make(kind: str, **settings: object) -> Daemon:
        if not is_there():
            missing("gammu-smsd is not installed (packages gammu, gammu-smsd, libdbd-sqlite3)")
        folder = tmp_path / "gammu"
        folder.mkdir()
        try:
            if kind == "sqlite":
                url = make_sqlite(folder / "smsd.db")
            else:
                server = request.getfixturevalue("postgres_database").engine.url
                url = make_postgres(server.render_as_string(hide_password=False), "smsd_daemon")
        except NoSchema as error:
            missing(str(error))
            raise
        made.append(Daemon(folder, url, **settings))  # type: ignore[arg-type]  # the test's own
        return made[-1]

    yield make
    for daemon in made:
        daemon.kill()
