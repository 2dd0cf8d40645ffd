"""The demo centre can be loaded on any day of the year, at any hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.demo.keys import DemoKeys
from bot.demo.loading import load_demo
from bot.services import Services
from bot.settings import Settings
from clinic.database import Database, open_database
from clinic.facility_file import load_facility
from clinic.identity import IdentityKeeper
from clinic.migrate import migrate
from clinic.people import Person

ROOT = Path(__file__).resolve().parents[3]
KEYS = DemoKeys("sari", "hanya untuk uji", "only for the tests")  # pragma: allowlist secret
# Days before the ends of months that a shorter month stands nine or two months before, and New Year.
ODD_DAYS = ("2026-11-26", "2026-11-27", "2026-11-30", "2027-04-29", "2028-02-28", "2028-02-29", "2027-12-31")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path}/demo.db")
    migrate(database)
    yield database
    database.close()


@pytest.mark.parametrize("day", ODD_DAYS)
@pytest.mark.parametrize("hour", [0, 9, 16])
def test_the_demo_centre_loads_on_any_day(database: Database, day: str, hour: int) -> None:
    now = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(hours=hour)
    settings = Settings.from_environment({"SAPA_DEMO": "1", "SAPA_SECRET_KEY": KEYS.secret_key})
    facility = load_facility(ROOT / "puskesmas.yml")
    services = Services(settings, facility, database, IdentityKeeper(KEYS.secret_key), lambda: now)

    assert load_demo(services, KEYS)
    with database.reading() as db:
        assert db.query(Person).count() > 3
    assert not load_demo(services, KEYS)
