"""`sapa check` about the modem, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.cli.check_modem import look_at_modem
from bot.services import Services
from bot.settings import Settings
from clinic.database import Database
from clinic.facility import Facility
from clinic.gammu_tables import GammuStore
from clinic.identity import IdentityKeeper
from tests.gammu.hands import Smsd


@pytest.fixture
def services(database: Database, facility: Facility, keeper: IdentityKeeper, now: datetime) -> Services:
    settings = Settings.from_environment({"SAPA_SECRET_KEY": "tests need a key as well"})  # pragma: allowlist secret
    return Services(settings=settings, facility=facility, database=database, keeper=keeper, clock=lambda: now)


def said(services: Services, url: str | None) -> list[tuple[str, str]]:
    changed = replace(services, settings=replace(services.settings, gammu_database_url=url))
    return [(finding.level, finding.detail) for finding in look_at_modem(changed)]


def test_without_a_modem_nothing_is_said(services: Services) -> None:
    assert said(services, None) == []


def test_a_database_that_is_away_is_a_fault_without_its_password(services: Services) -> None:
    address = "postgresql+psycopg://smsd:hush@127.0.0.1:9/smsd"  # pragma: allowlist secret
    ((level, detail),) = said(services, address)

    assert level == "fault"
    assert "cannot be used" in detail
    assert "hush" not in detail


def test_a_modem_that_lives_is_well(services: Services, gammu_beside: GammuStore) -> None:
    Smsd(gammu_beside).beats(ago=timedelta(seconds=4))

    ((level, detail),) = said(services, url_of(gammu_beside))
    assert level == "ok"
    assert "modem puskesmas1" in detail
    assert "signal 42 %, 0 SMS waiting" in detail


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        pytest.param(None, "has never reached a modem", id="never heard"),
        pytest.param(timedelta(minutes=5), "no sign of life for ", id="silent"),
    ],
)
def test_a_modem_that_is_silent_is_a_fault(
    services: Services, gammu_beside: GammuStore, ago: timedelta | None, words: str
) -> None:
    if ago is not None:
        Smsd(gammu_beside).beats(ago=ago)

    ((level, detail),) = said(services, url_of(gammu_beside))
    assert level == "fault"
    assert words in detail


def test_tables_of_another_version_are_a_fault(services: Services, gammu_beside: GammuStore) -> None:
    with gammu_beside.writing() as db:
        db.execute(text('UPDATE gammu SET "Version" = 15'))

    try:
        ((level, detail),) = said(services, url_of(gammu_beside))
    finally:
        with gammu_beside.writing() as db:
            db.execute(text('UPDATE gammu SET "Version" = 17'))
    assert level == "fault"
    assert "version 15" in detail


def test_a_file_that_makes_gammu_wait_is_told_of(services: Services, gammu_beside: GammuStore, tmp_path: Path) -> None:
    Smsd(gammu_beside).beats()
    if gammu_beside.engine.dialect.name == "sqlite":
        with gammu_beside.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")

    warnings = [detail for level, detail in said(services, url_of(gammu_beside)) if level == "warning"]
    is_file = gammu_beside.engine.dialect.name == "sqlite"
    assert len(warnings) == (1 if is_file else 0)


def url_of(store: GammuStore) -> str:
    """As the setting has it."""
    url = store.engine.url.render_as_string(hide_password=False)
    return url.replace("file%3A", "").split("?")[0] if url.startswith("sqlite") else url
