"""Backup and restore: a whole and checked copy, and nothing is overwritten by something broken."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from clinic.backup import BackupError, backup, restore
from clinic.database import Database, open_database
from clinic.inbound import InboundMessage
from tests.clinic.hands import a_message


def count(database: Database) -> int:
    with database.reading() as db:
        return db.scalar(select(func.count(InboundMessage.id))) or 0


@pytest.fixture
def file(migrated_file: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(migrated_file, tmp_path / "sapa.db"))


@pytest.fixture
def running(file: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{file}")
    yield database
    database.close()


def test_a_restored_backup_holds_what_was_there(running: Database, file: Path, now: datetime) -> None:
    with running.transaction() as db:
        a_message(db, now, provider_id="SM1")
    copy = file.parent / "copies" / "monday.db"
    backup(running, copy)
    with running.transaction() as db:
        a_message(db, now, provider_id="SM2")
    running.close()
    restore(f"sqlite:///{file}", copy)
    back, before = open_database(f"sqlite:///{file}"), open_database(f"sqlite:///{file}.before-restore")
    assert (1, 2) == (count(back), count(before))
    back.close()
    before.close()


def test_a_backup_is_taken_while_somebody_writes(running: Database, file: Path, now: datetime) -> None:
    copy = file.parent / "copy.db"
    with running.transaction() as db:
        a_message(db, now, provider_id="SM1")
        backup(running, copy)
    half_written = open_database(f"sqlite:///{copy}")
    assert 0 == count(half_written)
    half_written.close()


def test_a_backup_is_for_its_owner_only(running: Database, file: Path) -> None:
    backup(running, file.parent / "copy.db")
    assert 0o600 == stat.S_IMODE((file.parent / "copy.db").stat().st_mode)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"this is no database at all" * 100, "not a database", id="a text"),
        pytest.param(b"", "not a database of Sapa", id="an empty file"),
    ],
)
def test_what_is_no_backup_replaces_nothing(running: Database, file: Path, content: bytes, why: str) -> None:
    running.close()
    broken, before = file.parent / "broken.db", file.read_bytes()
    broken.write_bytes(content)
    with pytest.raises(BackupError, match=why):
        restore(f"sqlite:///{file}", broken)
    assert before == file.read_bytes()


def test_nothing_is_restored_over_a_database_in_use(running: Database, file: Path, now: datetime) -> None:
    copy = file.parent / "copy.db"
    backup(running, copy)
    with running.transaction() as db:
        a_message(db, now, provider_id="SM1")
        with pytest.raises(BackupError, match="in use"):
            restore(f"sqlite:///{file}", copy)


def test_postgres_is_left_to_its_own_tools(tmp_path: Path) -> None:
    database = open_database("postgresql+psycopg://sapa@127.0.0.1:1/postgres")
    with pytest.raises(BackupError, match="pg_dump"):
        backup(database, tmp_path / "copy.db")
    with pytest.raises(BackupError, match="pg_restore"):
        restore("postgresql+psycopg://sapa@127.0.0.1:1/postgres", tmp_path / "copy.db")
