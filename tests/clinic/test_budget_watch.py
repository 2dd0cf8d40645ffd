"""Watching the budget while messages go out: seldom asked, and never long behind."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, event

from clinic.budget import BudgetWatch, read_spending
from clinic.database import Database
from clinic.facility import Facility
from clinic.facility_delivery import Budget
from tests.clinic.sent_messages import a_sent_message


@pytest.fixture
def centre(facility: Facility) -> Facility:
    """A centre that may spend a thousand rupiah a month."""
    return facility.model_copy(update={"budget": Budget(monthly=1000)})


def ask(watch: BudgetWatch, database: Database, now: datetime) -> frozenset[str]:
    with database.reading() as db:
        return watch.stopped_kinds(db, now)


def spend(database: Database, now: datetime, rupiah: int, *, kind: str = "reply") -> None:
    with database.transaction() as db:
        a_sent_message(db, now, kind=kind, cost=rupiah * 100)


def test_kinds_are_stopped_when_the_money_is_spent(database: Database, centre: Facility, now: datetime) -> None:
    watch = BudgetWatch(centre)
    assert frozenset() == ask(watch, database, now)
    spend(database, now, 1000)
    later = now + timedelta(seconds=3)
    assert {"reminder", "notice"} == ask(watch, database, later)


def test_what_was_spent_before_today_counts_after_a_look_too(
    database: Database, centre: Facility, now: datetime
) -> None:
    watch = BudgetWatch(centre)
    spend(database, now - timedelta(days=2), 600, kind="reminder")
    assert frozenset() == ask(watch, database, now)
    spend(database, now, 400, kind="reminder")
    assert {"reminder", "notice"} == ask(watch, database, now + timedelta(seconds=3))


def test_reminders_stop_early_where_many_replies_are_still_to_come(
    database: Database, centre: Facility, now: datetime
) -> None:
    for back in range(1, 29):
        spend(database, now - timedelta(days=back), 30)
    # 22 days of November cost 660; about 30 a day are to come for the 23rd to the 30th: 900 of 1,000.
    assert frozenset() == ask(BudgetWatch(centre), database, now)
    spend(database, now, 130, kind="reminder")
    assert {"reminder", "notice"} == ask(BudgetWatch(centre), database, now)


def test_the_database_is_asked_every_three_seconds_only(database: Database, centre: Facility, now: datetime) -> None:
    watch, asked = BudgetWatch(centre), list[str]()

    def note(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    ask(watch, database, now)
    event.listen(database.engine, "before_cursor_execute", note)
    for tenths in range(30):
        ask(watch, database, now + timedelta(seconds=tenths / 10))
    quiet = [statement for statement in asked if "outbox" in statement]
    ask(watch, database, now + timedelta(seconds=3))
    event.remove(database.engine, "before_cursor_execute", note)
    assert [] == quiet
    assert 2 == len([statement for statement in asked if "outbox" in statement])


def test_without_a_budget_the_database_is_not_asked(facility: Facility, database: Database, now: datetime) -> None:
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert frozenset() == ask(BudgetWatch(facility), database, now)
    assert [] == [statement for statement in asked if "outbox" in statement]


def test_a_new_month_begins_with_new_money(database: Database, centre: Facility) -> None:
    last_second = datetime.fromisoformat("2026-11-30T23:59:59+08:00")
    spend(database, last_second, 1000, kind="reminder")
    watch = BudgetWatch(centre)
    assert {"reminder", "notice"} == ask(watch, database, last_second)
    assert frozenset() == ask(watch, database, last_second + timedelta(seconds=1))


def test_what_is_still_to_come_is_known_by_kind(database: Database, centre: Facility, now: datetime) -> None:
    for back in range(1, 29):
        spend(database, now - timedelta(days=back), 10)
        spend(database, now - timedelta(days=back), 2, kind="danger")
    with database.reading() as db:
        seen = read_spending(db, centre, now=now)
    # Today and seven more days.
    assert (8 * 10_00, 8 * 2_00, 0) == tuple(seen.rest_by_kind[kind] for kind in ("reply", "danger", "reminder"))
    assert 22 * 12_00 == seen.spent
