"""Full circle: an SMS arrives at the phone, `sapa worker` answers it, and the answer leaves by the phone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sqlalchemy import select, text

from clinic.database import Database, open_database
from clinic.gammu_tables import GammuStore, open_gammu_store
from clinic.outbox import OutboxMessage
from tests.gammu.conftest import StartDaemon
from tests.gammu.daemon import Daemon
from tests.processes import ROOT, Family, own_environment, wait_until

pytestmark = [pytest.mark.gammu, pytest.mark.slow]

PATIENT = "+6281200000061"


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_an_sms_that_arrives_is_answered_by_the_worker_and_reported_delivered(
    daemon_on: StartDaemon, tmp_path: Path, kind: str
) -> None:
    daemon = daemon_on(kind)
    store = open_gammu_store(daemon.database_url)
    family = Family(tmp_path)
    daemon.start()
    try:
        family.spawn("worker", [sys.executable, "-m", "bot.cli", "worker"], _environment(tmp_path, daemon))
        daemon.phone.receives(PATIENT, "alamat puskesmas dimana")
        wait_until(lambda: len(_sent(store)) == 1, seconds=60, what="the phone sends the answer")
        number, words = _sent(store)[0]
        assert number == PATIENT
        assert "Jl. Contoh" in words
        assert daemon.handed_over() >= 1

        database = open_database(f"sqlite:///{tmp_path}/sapa.db")
        daemon.phone.receives_report(PATIENT, "Delivered")
        wait_until(lambda: _states(database) == ["delivered"], seconds=30, what="the report comes back")
        database.close()
    finally:
        family.stop()
        store.close()


def _environment(folder: Path, daemon: Daemon) -> dict[str, str]:
    return own_environment() | {
        "SAPA_CONFIG": str(ROOT / "puskesmas.yml"),
        "SAPA_DATABASE_URL": f"sqlite:///{folder}/sapa.db",
        "SAPA_SECRET_KEY": "only for tests, only here",  # pragma: allowlist secret
        "SAPA_GAMMU_DATABASE_URL": daemon.database_url,
        "SAPA_NLU_URL": "http://127.0.0.1:9",
    }


def _sent(store: GammuStore) -> list[tuple[str, str]]:
    """(number, text) of each SMS that the phone has sent whole."""
    by_part = (
        'SELECT "ID", "DestinationNumber", "TextDecoded" FROM sentitems WHERE "ID" NOT IN (SELECT "ID" FROM outbox) '
        'ORDER BY "ID", "SequencePosition"'
    )
    found: dict[int, tuple[str, str]] = {}
    with store.reading() as db:
        for row_id, number, words in db.execute(text(by_part)):
            found[row_id] = (number, found.get(row_id, ("", ""))[1] + words)
    return list(found.values())


def _states(database: Database) -> list[str]:
    with database.reading() as db:
        return list(db.scalars(select(OutboxMessage.state)))
