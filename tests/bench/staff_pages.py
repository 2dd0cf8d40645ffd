"""The inbox over 100,000 messages, beside the same pages over 100."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import insert

from clinic.inbound_table import InboundMessage
from clinic.outbox import OutboxMessage
from tests.bench.rows import Row, from_times
from tests.pages_world import World, build_world

VISITS = 60
OPEN_CASES = 200
CODE = "K1"


def measure_inbox(folder: Path) -> list[Row]:
    """Case list and one conversation, over little and over much."""
    rows: list[Row] = []
    for name, count in (("100 messages", 100), ("100,000 messages", 100_000)):
        (folder / name).mkdir()
        world = build_world(folder / name)
        fill(world, messages=count, contacts=max(2, count // 50), cases=min(OPEN_CASES, count // 2))
        client = world.logged_in()
        rows.append(_visit(f"case list, {name}", client, "/inbox"))
        rows.append(_visit(f"conversation, {name}", client, f"/inbox/cases/{CODE}"))
        world.services.database.close()
    return [rows[0], rows[2], rows[1], rows[3]]


def fill(world: World, *, messages: int, contacts: int, cases: int) -> None:
    """So many messages, half of each direction, spread over the contacts; the first contacts have open cases."""
    ids = [world.add_contact("Ibu Contoh", f"+62812{number:07d}") for number in range(contacts)]
    for number in range(cases):
        world.add_case(ids[number % len(ids)], f"K{number + 1}", "bu mau tanya")
    now = world.clock()
    with world.services.database.transaction() as db:
        addresses = dict(db.connection().exec_driver_sql("SELECT contact_id, id FROM address").all())
        spread = [(ids[number % len(ids)], now - timedelta(minutes=number)) for number in range(messages // 2)]
        came = [
            {
                "provider_id": f"bench-{number}", "contact_id": contact, "address_id": addresses[contact],
                "channel": "whatsapp", "text": "bu sy mau tanya jadwal", "media": [], "extra": {}, "received_at": at,
                "state": "answered", "tries": 1, "reading": {},
            }
            for number, (contact, at) in enumerate(spread)
        ]  # fmt: skip
        went = [
            {
                "key": f"inbound:bench-{number}:1", "contact_id": contact, "address_id": addresses[contact],
                "channel": "whatsapp", "text": "Poli Gigi buka jam 8.", "priority": 10, "not_before": at,
                "useless_after": at, "state": "delivered", "tries": 1, "next_try_at": at, "created_at": at,
                "provider_id": f"SMbench{number}",
            }
            for number, (contact, at) in enumerate(spread)
        ]  # fmt: skip
        db.execute(insert(InboundMessage), came)
        db.execute(insert(OutboxMessage), went)


def _visit(what: str, client: FlaskClient, path: str) -> Row:
    times: list[float] = []
    begin = time.perf_counter()
    for _ in range(VISITS):
        start = time.perf_counter()
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        times.append(time.perf_counter() - start)
    return from_times(what, times, wall=time.perf_counter() - begin)
