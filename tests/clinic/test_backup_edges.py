"""Backup and restore when things are already bad: damaged files, an idle Sapa, a second restore."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import func, select

from clinic.backup import BackupError, backup, restore
from clinic.database import Database, open_database
from clinic.inbound import InboundMessage
from tests.clinic.hands import a_message

LARGE_TEXT = "halo " * 800


@pytest.fixture
def running(migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copy(migrated_file, tmp_path / "sapa.db")
    database = open_database(f"sqlite:///{tmp_path}/sapa.db")
    yield database
    database.close()


def messages_in(file: Path) -> int:
    database = open_database(f"sqlite:///{file}")
    with database.reading() as db:
        found = db.scalar(select(func.count(InboundMessage.id))) or 0
    database.close()
    return found


def put(database: Database, now: datetime, *, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        with database.transaction() as db:
            a_message(db, now, provider_id=f"SM{number}", text=LARGE_TEXT)


def test_a_backup_is_whole_while_messages_keep_coming(running: Database, tmp_path: Path, now: datetime) -> None:
    put(running, now, count=20)
    enough = Event()

    def keep_writing() -> int:
        written = 20
        while not enough.is_set():
            put(running, now, count=1, first=written)
            written += 1
        return written

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(keep_writing)
        for number in range(3):
            backup(running, tmp_path / f"copy{number}.db")
        enough.set()
        written = writer.result()
    copied = [messages_in(tmp_path / f"copy{number}.db") for number in range(3)]
    assert sorted(copied) == copied
    assert all(20 <= count <= written for count in copied)


def test_a_damaged_backup_is_refused(running: Database, tmp_path: Path, now: datetime) -> None:
    put(running, now, count=40)
    copy = tmp_path / "copy.db"
    backup(running, copy)
    running.close()
    content = bytearray(copy.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 20_000] = b"\xff" * 20_000
    copy.write_bytes(content)
    with pytest.raises(BackupError, match="damaged|not a database"):
        restore(f"sqlite:///{tmp_path}/sapa.db", copy)
    assert 40 == messages_in(tmp_path / "sapa.db")


def test_a_backup_that_is_not_there_is_named(running: Database, tmp_path: Path) -> None:
    running.close()
    with pytest.raises(BackupError, match=r"none\.db: no such file"):
        restore(f"sqlite:///{tmp_path}/sapa.db", tmp_path / "none.db")


@pytest.mark.parametrize("name", ["copy 50% (1)?.db", "cadangan#senin.db"])
def test_a_backup_may_have_any_name(running: Database, tmp_path: Path, now: datetime, name: str) -> None:
    put(running, now, count=1)
    backup(running, tmp_path / name)
    running.close()
    restore(f"sqlite:///{tmp_path}/sapa.db", tmp_path / name)
    assert 1 == messages_in(tmp_path / "sapa.db")


def test_nothing_is_restored_while_sapa_is_open_though_it_does_nothing(running: Database, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    backup(running, copy)
    with running.engine.connect(), pytest.raises(BackupError, match="in use"):
        restore(f"sqlite:///{tmp_path}/sapa.db", copy)


def test_a_broken_database_gives_way_to_a_backup_and_is_kept(running: Database, tmp_path: Path, now: datetime) -> None:
    put(running, now, count=1)
    backup(running, tmp_path / "copy.db")
    running.close()
    broken = b"a disk that is dying" * 1000
    (tmp_path / "sapa.db").write_bytes(broken)
    restore(f"sqlite:///{tmp_path}/sapa.db", tmp_path / "copy.db")
    assert (1, broken) == (messages_in(tmp_path / "sapa.db"), (tmp_path / "sapa.db.before-restore").read_bytes())


def test_a_second_restore_keeps_what_the_first_one_put_aside(running: Database, tmp_path: Path, now: datetime) -> None:
    backup(running, tmp_path / "empty.db")
    put(running, now, count=2)
    running.close()
    for _ in range(2):
        restore(f"sqlite:///{tmp_path}/sapa.db", tmp_path / "empty.db")
    kept = [tmp_path / "sapa.db.before-restore", tmp_path / "sapa.db.before-restore-2"]
    assert ([2, 0], 0) == ([messages_in(file) for file in kept], messages_in(tmp_path / "sapa.db"))


def test_a_backup_comes_back_where_there_was_nothing(running: Database, tmp_path: Path, now: datetime) -> None:
    put(running, now, count=1)
    backup(running, tmp_path / "copy.db")
    restore(f"sqlite:///{tmp_path}/new/place/sapa.db", tmp_path / "copy.db")
    assert 1 == messages_in(tmp_path / "new" / "place" / "sapa.db")
