"""The outbox with a provider that answers in 50 ms and a million old rows in the table, beside the provider alone."""

from __future__ import annotations

import multiprocessing
import random
import time
import uuid
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, text

from bot import metrics
from bot.channels import Accepted, Capabilities, Inbound, Outgoing, StatusUpdate, Unreadable
from bot.delivery import THREADS, Delivery
from clinic.contacts import Address, Contact
from clinic.database import Database, open_database
from clinic.facility import Facility
from clinic.facility_delivery import RoutePace, Routes
from clinic.facility_file import load_facility
from clinic.migrate import migrate
from clinic.outbox import OutboxMessage
from clinic.tables import METADATA
from tests.bench.rows import Row, from_times
from tests.postgres import NoPostgres, running_postgres

ROOT = Path(__file__).resolve().parents[2]
ANSWERS_AFTER = 0.05
assert METADATA.tables, "all tables are known"
OLD_ROWS = 1_000_000
COPIES = 100
LONG_AGO = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
ADDRESSES = 2_000
MESSAGES = 4_000
LONGEST = 300.0


@dataclass
class SlowProvider:
    """Takes every message, after 50 ms, and remembers how long each call took."""

    route: str = "whatsapp"
    channel: str = "whatsapp"
    capabilities: Capabilities = Capabilities(max_length=1600, has_buttons=False, has_media=False, window_hours=None)
    taken: list[str] = field(default_factory=list)

    def receive(self, given: Mapping[str, Any]) -> Inbound:
        raise Unreadable("sends only")

    def status(self, given: Mapping[str, Any]) -> StatusUpdate:
        raise Unreadable("tells nothing")

    def send(self, message: Outgoing) -> Accepted:
        time.sleep(ANSWERS_AFTER)
        self.taken.append(message.key)
        return Accepted(provider_id=f"SM{message.outbox_id}", status="queued")

    def find_sent(self, message: Outgoing, *, since: datetime, claimed: Collection[str] = ()) -> Accepted | None:
        return None


@dataclass(frozen=True)
class TimedDelivery(Delivery):
    """The product's delivery, its claims timed."""

    claims: list[float] = field(default_factory=list)

    def _claim(self, room: int) -> Any:
        start = time.perf_counter()
        claimed = super()._claim(room)
        if claimed:
            self.claims.append(time.perf_counter() - start)
        return claimed


def measure_outbox(folder: Path) -> list[Row]:
    """The provider alone, one worker on SQLite, then one and two on Postgres."""
    rows = [_provider_alone()]
    rows += _on_sqlite(folder)
    try:
        rows += _on_postgres()
    except NoPostgres as error:
        print(f"outbox: Postgres left out, {error}")
    return rows


def _provider_alone() -> Row:
    provider, times = SlowProvider(), []

    def call(number: int) -> None:
        start = time.perf_counter()
        provider.send(Outgoing(number, "whatsapp", "+62812", "x"))
        times.append(time.perf_counter() - start)

    begin = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(call, range(MESSAGES)))
    return from_times(
        "baseline: the provider alone", times, wall=time.perf_counter() - begin, note=f"{THREADS} threads"
    )


def _on_sqlite(folder: Path) -> list[Row]:
    url = f"sqlite:///{folder}/sapa.db"
    with closing(open_database(url)) as database:
        migrate(database)
        _fill(database)
    return _run(url, workers=1, what="SQLite, one worker")


def _on_postgres() -> list[Row]:
    with running_postgres() as url:
        with closing(open_database(url)) as database:
            migrate(database)
            _fill(database)
        return [*_run(url, workers=1, what="Postgres, one worker"), *_run(url, workers=2, what="Postgres, two workers")]


def _run(url: str, *, workers: int, what: str) -> list[Row]:
    """Workers in processes of their own over one database that holds the messages of this run."""
    with closing(open_database(url)) as database:
        _queue_due(database)
    context = multiprocessing.get_context("spawn")
    results: Queue[tuple[float, float, int, list[float]]] = context.Queue()
    processes = [context.Process(target=_work, args=(url, f"w{number}", results)) for number in range(workers)]
    for process in processes:
        process.start()
    found = [results.get(timeout=LONGEST) for _ in processes]
    for process in processes:
        process.join()
    begin, end = min(each[0] for each in found), max(each[1] for each in found)
    sent, claims = sum(each[2] for each in found), [claim for each in found for claim in each[3]]
    assert sent == MESSAGES, f"{sent} of {MESSAGES} were sent"
    row = from_times(f"{what}: claim", claims, wall=end - begin, note=f"{sent / (end - begin):.0f} messages a second")
    return [replace(row, per_second=sent / (end - begin))]


def _work(url: str, name: str, results: Queue[tuple[float, float, int, list[float]]]) -> None:
    """One worker: delivers until nothing is due any more."""
    metrics.keep_in_memory()
    provider = SlowProvider()
    database = open_database(url)
    delivery = TimedDelivery(
        database=database,
        facility=_without_bounds(),
        channels={"whatsapp": provider},
        clock=lambda: datetime.now(UTC),
        worker=name,
        random=random.Random(1),
    )
    begin = time.perf_counter()
    while delivery.deliver_due(limit=100_000):
        pass
    results.put((begin, time.perf_counter(), len(provider.taken), delivery.claims))
    delivery.close()
    database.close()


def _without_bounds() -> Facility:
    facility = load_facility(ROOT / "puskesmas.yml")
    limits = facility.limits.model_copy(update={"messages_per_day": 200})
    routes = Routes(per_second=RoutePace(whatsapp=1000))
    return facility.model_copy(update={"limits": limits, "routes": routes})


def _fill(database: Database) -> None:
    """Addresses, and a million messages that were delivered long ago."""
    first = OLD_ROWS // COPIES
    with database.transaction() as db:
        db.execute(insert(Contact), [{"id": n, "language": "id", "created_at": LONG_AGO} for n in _addresses()])
        db.execute(insert(Address), [_address(n) for n in _addresses()])
        db.execute(insert(OutboxMessage), [_old(n) for n in range(first)])
    names = [
        column.name for column in OutboxMessage.__table__.columns if column.name not in ("id", "key", "provider_id")
    ]
    columns = [getattr(OutboxMessage, name) for name in names]
    for copy in range(1, COPIES):
        marked = [OutboxMessage.key + f":{copy}", OutboxMessage.provider_id + f":{copy}"]
        originals = select(*marked, *columns).where(OutboxMessage.id <= first)
        with database.transaction() as db:
            db.execute(insert(OutboxMessage).from_select(["key", "provider_id", *names], originals))
    analyze = "VACUUM ANALYZE" if database.engine.dialect.name == "postgresql" else "ANALYZE"
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(analyze))


def _queue_due(database: Database) -> None:
    """Two messages to each address, due now."""
    now, run = datetime.now(UTC), uuid.uuid4()
    with database.transaction() as db:
        db.execute(delete(OutboxMessage).where(OutboxMessage.key.like("due:%")))
        db.execute(insert(OutboxMessage), [_message(n, f"due:{run}:{n}", now) for n in range(MESSAGES)])


def _addresses() -> range:
    return range(1, ADDRESSES + 1)


def _address(number: int) -> dict[str, Any]:
    return {"id": number, "contact_id": number, "channel": "whatsapp", "address": f"+62812{number:08d}"}


def _message(number: int, key: str, at: datetime) -> dict[str, Any]:
    to = number % ADDRESSES + 1
    return {
        "key": key,
        "contact_id": to,
        "address_id": to,
        "channel": "whatsapp",
        "text": "Antrian Gigi: B12. Sabtu 12 Des, jam 9 pagi.",
        "priority": 10,
        "not_before": at,
        "useless_after": at + timedelta(days=1),
        "state": "queued",
        "tries": 0,
        "next_try_at": at,
        "created_at": at,
        "provider_id": None,
        "sent_at": None,
    }


def _old(number: int) -> dict[str, Any]:
    row = _message(number, f"old:{number}", LONG_AGO)
    return row | {"state": "delivered", "route": "whatsapp", "provider_id": f"SMold{number}", "sent_at": LONG_AGO}
