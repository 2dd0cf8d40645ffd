"""A month is read by index, however many messages there are, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, text
from sqlalchemy.orm import Session

from clinic.budget import read_spending, was_told
from clinic.costs import costs_on, dropped_for_budget, first_day
from clinic.database import Database, open_database
from clinic.facility import Facility
from clinic.kept_visits import kept_visits
from clinic.month_costs import read_month
from clinic.outbox import OutboxMessage
from clinic.tables import METADATA
from tests.clinic.hands import a_contact
from tests.clinic.test_query_plans import scans, watched

NOW = datetime.fromisoformat("2026-11-23T08:00+08:00")
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
MESSAGES = 20_000
DAYS = 400

QUESTIONS: dict[str, Callable[[Session, Facility], Any]] = {
    "costs_on": lambda db, facility: costs_on(db, facility, FIRST),
    "first_day": first_day,
    "dropped_for_budget": lambda db, facility: dropped_for_budget(db, facility, FIRST, LAST),
    "kept_visits": lambda db, facility: kept_visits(db, facility, FIRST, LAST),
    "was_told": lambda db, _: was_told(db, "budget_spent", since=NOW),
    "read_spending": lambda db, facility: read_spending(db, facility, now=NOW),
    "read_month": lambda db, facility: read_month(db, facility, FIRST, now=NOW),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_large_table_is_read_through_on_sqlite(migrated_file: Path, facility: Facility, name: str) -> None:
    database = open_database(f"sqlite:///{migrated_file}")
    with database.reading() as db, watched(database) as plans:
        QUESTIONS[name](db, facility)
    database.close()
    assert plans
    assert [] == scans(plans)


def fill(database: Database) -> None:
    """A year and more of messages, as Postgres chooses a plan by what is in the table."""
    with database.transaction() as db:
        contact_id, address_id = a_contact(db, NOW)
        rows = []
        for number in range(MESSAGES):
            at = NOW - timedelta(days=DAYS) * (number / MESSAGES)
            rows.append(
                {
                    "key": f"inbound:{number}:1",
                    "contact_id": contact_id,
                    "address_id": address_id,
                    "channel": "whatsapp",
                    "text": "Antrian B12.",
                    "priority": 10,
                    "not_before": at,
                    "useless_after": at,
                    "next_try_at": at,
                    "created_at": at,
                    "sent_at": at,
                    "state": "delivered",
                    "tries": 1,
                    "cost": 8000,
                }
            )
        db.execute(insert(OutboxMessage), rows)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE outbox_message"))


@pytest.mark.postgres
def test_no_year_of_messages_is_read_through_on_postgres(postgres_database: Database, facility: Facility) -> None:
    names = ", ".join(f'"{table.name}"' for table in METADATA.sorted_tables)
    with postgres_database.transaction() as db:
        db.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    fill(postgres_database)
    plans: list[str] = []

    def look(connection: Connection, _cursor: Any, statement: str, given: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            cursor = connection.connection.cursor()
            cursor.execute(f"EXPLAIN {statement}", given)
            plans.extend(row[0] for row in cursor.fetchall())

    with postgres_database.reading() as db:
        event.listen(postgres_database.engine, "before_cursor_execute", look)
        seen = read_month(db, facility, FIRST, now=NOW)
        event.remove(postgres_database.engine, "before_cursor_execute", look)
    assert seen.amount.messages > 1000
    assert [] == [plan for plan in plans if "Seq Scan on outbox_message" in plan]
    assert any("ix_outbox_message_sent" in plan for plan in plans)
