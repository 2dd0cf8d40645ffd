"""The queue when two processes serve the same SQLite file: as with web and worker, or two workers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from clinic.database import open_database
from tests.clinic.hands import a_person

ROOT = Path(__file__).resolve().parents[2]
PEOPLE, PLACES = 200, 50


@pytest.mark.slow
def test_two_processes_give_the_last_fifty_places_to_fifty_of_two_hundred(
    migrated_file: Path, tmp_path: Path, now: datetime
) -> None:
    shutil.copy(migrated_file, tmp_path / "sapa.db")
    url, start = f"sqlite:///{tmp_path}/sapa.db", tmp_path / "start"
    database = open_database(url)
    with database.transaction() as db:
        people = [a_person(db, now, name=f"Contoh {number}") for number in range(PEOPLE)]
    database.close()
    halves = people[: PEOPLE // 2], people[PEOPLE // 2 :]
    processes = [_booking(url, start, half, now) for half in halves]
    assert ["ready\n"] * 2 == [_line(process) for process in processes]
    start.touch()
    got = [each for process in processes for each in json.loads(_line(process))]
    assert [0, 0] == [process.wait(timeout=30) for process in processes]
    assert list(range(1, PLACES + 1)) == sorted(number for number in got if isinstance(number, int))
    assert ["full"] * (PEOPLE - PLACES) == [reason for reason in got if isinstance(reason, str)]


def _booking(url: str, start: Path, people: list[int], now: datetime) -> subprocess.Popen[str]:
    words = [url, str(start), json.dumps(people), str(PLACES), now.isoformat()]
    command = [sys.executable, "-m", "tests.clinic.book_many", *words]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()
