"""Numbers a second, each promised on disk, and the board over a day of 2,000 numbers, beside their own baselines."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from clinic.database import Database, Session, open_database
from clinic.facility import Facility
from clinic.facility_file import load_facility
from clinic.migrate import migrate
from clinic.people import Person
from clinic.queue import QueueEntry, call_again, take_number
from clinic.queue_table import RANK_STEP, QueueCounter, QueueEvent
from tests.bench.rows import Row, from_times
from tests.clinic.counter import with_quota
from tests.pages_world import World, build_world
from tests.postgres import running_postgres

ROOT = Path(__file__).resolve().parents[2]
MORNING = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
THREADS = 4
BOOKINGS = 600
NUMBERS_IN_DAY = 2_000
VISITS = 120
DONE = 0.3
"""So much of the day is served."""
FIRST_ID = 1_000
"""Below are the few rows that the small health centre has anyway."""


def measure_bookings(folder: Path) -> list[Row]:
    """Numbers taken by several threads in a file of SQLite, each in a transaction of its own that is on disk."""
    with closing(open_database(f"sqlite:///{folder}/sapa.db")) as database:
        return _bookings(database, "SQLite file")


def measure_bookings_on_postgres(_folder: Path) -> list[Row]:
    """The same on Postgres; raises NoPostgres where there is none."""
    with running_postgres(is_durable=True) as url, closing(open_database(url)) as database:
        return _bookings(database, "Postgres")


def measure_board(folder: Path) -> list[Row]:
    """One refresh of the board, over an empty day and over a full one."""
    rows: list[Row] = []
    for name, count in (("empty day", 0), (f"{NUMBERS_IN_DAY:,} numbers", NUMBERS_IN_DAY)):
        (folder / name).mkdir()
        world = build_world(folder / name)
        called = fill_day(world, count)
        rows.append(
            _refresh(world, f"refresh, {name}, put together anew", before=lambda w=world, c=called: _stir(w, c))
        )
        if count:
            rows.append(_refresh(world, f"refresh, {name}, nothing changed", before=lambda: None))
        world.services.database.close()
    return rows


def fill_day(world: World, count: int) -> list[int]:
    """So many numbers of today over all polis, most of them waiting; the ids of those that are called, one per poli."""
    facility, now = world.services.facility, world.clock()
    day = facility.today(now)
    polis = [poli.id for poli in facility.polis if facility.sessions_on(poli.id, day)]
    entries = [_entry(place, polis, day=day, now=now) for place in range(count)]
    people = ({"name": f"Contoh {entry['person_id']}", "created_at": now} for entry in entries)
    with world.services.database.transaction() as db:
        for entry, person in zip(entries, people, strict=True):
            db.execute(insert(Person).values(id=entry["person_id"], is_birth_date_exact=True, **person))
        for entry in entries:
            db.execute(insert(QueueEntry).values(**entry))
            db.execute(insert(QueueEvent), _events(entry))
    return [entry["id"] for entry in entries if entry["state"] == "called"]


def _entry(place: int, polis: Sequence[str], *, day: date, now: datetime) -> dict[str, Any]:
    """The numbers go round the polis; the first ones of each are done, one is called, the rest wait."""
    number, share = place // len(polis) + 1, place / NUMBERS_IN_DAY
    state = "waiting" if share > DONE else "done"
    if place // len(polis) == int(NUMBERS_IN_DAY * DONE) // len(polis):
        state = "called"
    return {
        "id": place + FIRST_ID, "poli": polis[place % len(polis)], "day": day, "session": "pagi", "number": number,
        "person_id": place + FIRST_ID, "via": "whatsapp", "state": state, "taken_at": now - timedelta(hours=2),
        "rank": number * RANK_STEP, "calls": int(state != "waiting"),
        **({} if state == "waiting" else {"called_at": now, "room": polis[place % len(polis)], "called_order": place}),
        "arrived_at": now if place % 2 else None,
        "priority": "lansia" if place % 10 == 0 else None,
    }  # fmt: skip


def _events(entry: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = {"waiting": ("taken",), "called": ("taken", "called"), "done": ("taken", "called", "done")}
    same = {"entry_id": entry["id"], "poli": entry["poli"], "day": entry["day"], "at": entry["taken_at"]}
    return [{**same, "kind": kind, "actor": "cli"} for kind in kinds[entry["state"]]]


def _stir(world: World, called: Sequence[int]) -> None:
    """Something happened, and a minute went by: the board has to be put together again."""
    world.clock.forward(minutes=1)
    if called:
        services = world.services
        with services.database.transaction() as db:
            call_again(db, called[0], facility=services.facility, now=world.clock(), actor="cli")


def _refresh(world: World, what: str, *, before: Callable[[], None]) -> Row:
    client, times = world.visitor(), list[float]()
    for _ in range(VISITS):
        before()
        start = time.perf_counter()
        answer = client.get("/board/live/all")
        times.append(time.perf_counter() - start)
        assert answer.status_code == 200
    return from_times(what, times, wall=sum(times))


def _bookings(database: Database, where: str) -> list[Row]:
    """As many bare rows as numbers first: what the disk gives."""
    migrate(database)
    facility = with_quota(load_facility(ROOT / "puskesmas.yml"), 999)
    with database.transaction() as db:
        db.execute(
            insert(Person),
            [{"name": f"Contoh {n}", "is_birth_date_exact": True, "created_at": MORNING} for n in range(BOOKINGS)],
        )
        people = db.scalars(select(Person.id).order_by(Person.id)).all()
    return [
        _timed(f"one bare row, {where}", database, people, _bare_row),
        _timed(f"a number, {where}", database, people, partial(_number, facility)),
    ]


def _timed(what: str, database: Database, people: Sequence[int], work: Callable[[Session, int], None]) -> Row:
    def one(person_id: int) -> float:
        start = time.perf_counter()
        with database.transaction() as db:
            work(db, person_id)
        return time.perf_counter() - start

    begin = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        times = list(pool.map(one, people))
    return from_times(what, times, wall=time.perf_counter() - begin, note=f"{THREADS} threads")


def _bare_row(db: Session, person_id: int) -> None:
    db.execute(insert(QueueCounter).values(poli=f"bare{person_id}", day=MORNING.date(), last_number=1))


def _number(facility: Facility, db: Session, person_id: int) -> None:
    """Round the polis, as on a busy morning."""
    polis = [poli.id for poli in facility.polis if facility.sessions_on(poli.id, MORNING.date())]
    poli = polis[person_id % len(polis)]
    take_number(
        db,
        facility=facility,
        poli=poli,
        day=MORNING.date(),
        session=facility.sessions_on(poli, MORNING.date())[0].name,
        person_id=person_id,
        contact_id=None,
        via="sms",
        now=MORNING,
    )
