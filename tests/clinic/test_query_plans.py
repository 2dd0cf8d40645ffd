"""Query plans: what runs many times a second, or on every page, looks up by index and reads no table through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, select
from sqlalchemy.orm import Session

from clinic.alarms import open_incident
from clinic.cases import cases_of, list_cases
from clinic.conversation_view import contact_card, conversation
from clinic.conversations import claim_next, has_unanswered
from clinic.database import Database, open_database
from clinic.facility import Facility
from clinic.inbound import InboundMessage, mark_answered, receive, unanswered, written_since
from clinic.inbox_view import case_row, case_rows, count_cases
from clinic.messages import list_messages
from clinic.outbox import unknown_messages
from clinic.outbox_claim import claim_due, has_due
from clinic.outbox_status import apply_status
from clinic.programmes import last_open_reminder
from clinic.queue import (
    call_next,
    cancel_number,
    check_in,
    day_list,
    line_order,
    now_serving,
    restore_number,
    rooms_with_space,
    set_priority,
    take_number,
    tickets_of,
)
from clinic.queue_closing import close_days
from clinic.queue_list import number_on
from clinic.reminding import reminders_since
from clinic.sent import has_open_case, is_any_on_its_way, provider_ids_of
from clinic.standing import standing_of
from clinic.unclear_messages import count_open_unclear, note_unclear, unclear_view, unclear_views
from clinic.watch import picture_of
from tests.clinic.hands import a_contact, a_message, a_person

DAY = date(2026, 11, 23)
NOW = datetime.fromisoformat("2026-11-23T08:00+08:00")
LARGE = (
    "inbound_message",
    "outbox_message",
    "conversation",
    "staff_case",
    "queue_entry",
    "queue_event",
    "reminder",
    "contact",
    "address",
    "person",
    "unclear_message",
)

QUESTIONS: dict[str, Callable[[Session, Facility], Any]] = {
    "has_unanswered": lambda db, _: has_unanswered(db, now=NOW),
    "claim_next": lambda db, _: claim_next(db, worker="w", now=NOW, lease_seconds=30),
    "has_due": lambda db, _: has_due(db, now=NOW),
    "claim_due": lambda db, _: claim_due(db, worker="w", now=NOW, limit=20, lease_seconds=60),
    "unknown_messages": lambda db, _: unknown_messages(db, now=NOW),
    "apply_status": lambda db, _: apply_status(db, provider_id="SM1", status="read", error_code=None, now=NOW),
    "receive": lambda db, _: receive(db, provider_id="SM1", channel="sms", address="+628120", text="halo", now=NOW),
    "unanswered": lambda db, _: unanswered(db, 1),
    "written_since": lambda db, _: written_since(db, 1, since=NOW, before_id=9, most=50),
    "mark_answered": lambda db, _: mark_answered(db, a_message(db, NOW, provider_id="SM1"), now=NOW, reading={}),
    "conversation": lambda db, _: conversation(db, 1, limit=50),
    "earlier conversation": lambda db, _: conversation(db, 1, limit=50, before=NOW),
    "contact_card": lambda db, _: contact_card(db, a_contact(db, NOW)[0]),
    "standing_of": lambda db, facility: _standing(db, facility),
    "list_messages": lambda db, _: list_messages(db, limit=50, contact_id=1),
    "list_cases": lambda db, _: list_cases(db, state="open", limit=50, offset=0),
    "cases_of": lambda db, _: cases_of(db, 1),
    "case_row": lambda db, _: case_row(db, "K1"),
    "open case_rows": lambda db, _: case_rows(db, state="open", code="", limit=50, offset=0),
    "closed case_rows": lambda db, _: case_rows(db, state="closed", code="", limit=50, offset=0),
    "count_cases": lambda db, _: count_cases(db),
    "has_open_case": lambda db, _: has_open_case(db, kind="error", topic="x", contact_id=None, is_urgent=True),
    "is_any_on_its_way": lambda db, _: is_any_on_its_way(db),
    "provider_ids_of": lambda db, _: provider_ids_of(db, 1, since=NOW),
    "reminders_since": lambda db, _: reminders_since(db, NOW),
    "day_list": lambda db, facility: day_list(db, DAY, facility=facility),
    "call_next": lambda db, facility: call_next(db, "gigi", DAY, facility=facility, now=NOW),
    "call_next with priority": lambda db, facility: call_next(
        db, "gigi", DAY, facility=_with_a_number(db, facility, priority="lansia"), now=NOW
    ),
    "take_number": lambda db, facility: _with_a_number(db, facility),
    "cancel and restore": lambda db, facility: _cancel_and_restore(db, facility),
    "check_in": lambda db, facility: check_in(
        db, _number_of(db, _with_a_number(db, facility)), facility=facility, now=NOW, actor="cli"
    ),
    "set_priority": lambda db, facility: set_priority(
        db, _number_of(db, _with_a_number(db, facility)), "lansia", facility=facility, now=NOW, actor="cli"
    ),
    "rooms_with_space": lambda db, facility: rooms_with_space(db, facility, "gigi", from_day=DAY, limit=6, now=NOW),
    "line_order": lambda db, facility: line_order(db, facility, "gigi", DAY),
    "number_on": lambda db, facility: number_on(db, DAY, "B1", facility=facility),
    "close_days": lambda db, facility: close_days(db, facility, now=NOW),
    "tickets_of": lambda db, facility: tickets_of(db, 1, facility=facility, from_day=DAY),
    "now_serving": lambda db, facility: now_serving(db, facility, DAY),
    "last_open_reminder": lambda db, _: last_open_reminder(db, 1, now=NOW),
    "unclear_views": lambda db, _: unclear_views(db, state="open", limit=20, offset=0),
    "unclear_view": lambda db, _: unclear_view(db, 1),
    "count_open_unclear": lambda db, _: count_open_unclear(db),
    "watch": lambda db, _: picture_of(db, now=NOW),
    "open_incident": lambda db, _: open_incident(db, "+6281200000001", now=NOW),
    "note_unclear": lambda db, _: note_unclear(
        db, a_message(db, NOW, provider_id="SM1"), band="low", intent="greet", confidence=0.1, others=(), now=NOW
    ),
}


def _with_a_number(db: Session, facility: Facility, *, priority: str | None = None) -> Facility:
    """The same centre, where somebody has taken B1 for today."""
    take_number(
        db,
        facility=facility,
        poli="gigi",
        day=DAY,
        session="pagi",
        person_id=a_person(db, NOW),
        contact_id=None,
        via="sms",
        now=NOW,
        priority=priority,
    )
    return facility


def _number_of(db: Session, facility: Facility) -> int:
    row = number_on(db, DAY, "B1", facility=facility)
    assert row is not None
    return row.id


def _cancel_and_restore(db: Session, facility: Facility) -> None:
    entry_id = _number_of(db, _with_a_number(db, facility))
    assert cancel_number(db, entry_id, facility=facility, now=NOW) is not None
    assert restore_number(db, entry_id, facility=facility, now=NOW) is not None


def _standing(db: Session, facility: Facility) -> Any:
    a_message(db, NOW, provider_id="SM1")
    waiting = unanswered(db, a_contact(db, NOW)[0])
    limits = facility.limits.model_copy(update={"ping_pong_messages": 0})
    return standing_of(db, waiting[0].contact_id, now=NOW, limits=limits, taken_up=waiting)


@contextmanager
def watched(database: Database) -> Iterator[list[str]]:
    """What SQLite plans for each statement that runs meanwhile."""
    plans: list[str] = []

    def look(connection: Connection, _cursor: Any, statement: str, given: Any, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            cursor = connection.connection.cursor()
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", given)
            plans.extend(f"{row[3]}  in  {statement}" for row in cursor.fetchall())

    event.listen(database.engine, "before_cursor_execute", look)
    yield plans
    event.remove(database.engine, "before_cursor_execute", look)


def plans_of(file: Path, facility: Facility, name: str) -> list[str]:
    """What SQLite plans for one of the questions; nothing of it is kept."""
    database = open_database(f"sqlite:///{file}")
    with database.sessions() as db, watched(database) as plans:
        QUESTIONS[name](db, facility)
        db.rollback()
    database.close()
    return plans


def scans(plans: list[str]) -> list[str]:
    return [plan for plan in plans if any(plan.startswith(f"SCAN {table}") for table in LARGE)]


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_large_table_is_read_through(migrated_file: Path, facility: Facility, name: str) -> None:
    plans = plans_of(migrated_file, facility, name)
    assert plans
    assert [] == scans(plans)


def test_claiming_compares_a_message_with_those_to_its_address_only(migrated_file: Path, facility: Facility) -> None:
    steps = [plan.split("  in  ")[0] for plan in plans_of(migrated_file, facility, "claim_due")]
    others = [step for step in steps if step.startswith("SEARCH outbox_message_1")]
    assert ["(address_id=? AND created_at>?)"] * 6 == [step[step.index("(") :] for step in others]


@pytest.mark.parametrize("name", ["conversation", "earlier conversation", "list_messages", "unclear_views"])
def test_the_newest_messages_are_found_without_sorting_all(migrated_file: Path, facility: Facility, name: str) -> None:
    assert [] == [plan for plan in plans_of(migrated_file, facility, name) if plan.startswith("USE TEMP B-TREE")]


def test_the_board_and_the_next_call_read_the_days_events_by_kind(migrated_file: Path, facility: Facility) -> None:
    for name in ("now_serving", "call_next with priority"):
        steps = [plan.split("  in  ")[0] for plan in plans_of(migrated_file, facility, name)]
        events = [step for step in steps if step.startswith("SEARCH queue_event ")]
        assert events
        assert all("ix_queue_event_day_kind_poli (day=? AND kind=?" in step for step in events)


def test_a_question_without_an_index_is_found_out(migrated_file: Path) -> None:
    database = open_database(f"sqlite:///{migrated_file}")
    with database.reading() as db, watched(database) as plans:
        db.execute(select(InboundMessage.id).where(InboundMessage.text == "halo"))
    database.close()
    assert 1 == len(scans(plans))
