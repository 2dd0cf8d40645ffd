"""A process of its own in which many people want a number at the same moment; prints what each got."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from clinic.database import Database, open_database
from clinic.facility import Facility
from clinic.facility_file import load_facility
from clinic.queue import QueueRefused
from tests.clinic.counter import Counter, with_quota

ROOT = Path(__file__).resolve().parents[2]
THREADS = 10
STARTS_WITHIN = 30.0


def book_for(database: Database, facility: Facility, people: Iterable[int], *, now: datetime) -> list[int | str]:
    """The number of each, or the reason why there is none."""

    def take(person_id: int) -> int | str:
        with database.transaction() as db:
            try:
                return Counter(db, facility, now).take(person_id).number
            except QueueRefused as refused:
                return refused.reason

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(take, people))


def main(url: str, start: str, people: str, quota: str, now: str) -> None:
    """Ready when it says so; begins when the file `start` is there."""
    database, facility = open_database(url), with_quota(load_facility(ROOT / "puskesmas.yml"), int(quota))
    print("ready", flush=True)
    end = time.monotonic() + STARTS_WITHIN
    while not Path(start).exists() and time.monotonic() < end:
        time.sleep(0.005)
    got = book_for(database, facility, json.loads(people), now=datetime.fromisoformat(now))
    print(json.dumps(got), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
