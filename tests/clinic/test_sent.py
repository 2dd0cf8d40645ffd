"""Sent: one asks about a message whose fate is unknown, and staff hear of a failure once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from clinic.cases import close_case, open_case
from clinic.database import Database
from clinic.outbox import PRIORITIES, mark_sent, mark_unknown, queue_message
from clinic.outbox_claim import claim_due
from clinic.sent import claim_unknown, has_open_case, is_any_on_its_way, priority_name, provider_ids_of
from tests.clinic.hands import a_contact, at_once

HOUR = timedelta(hours=1)


def a_broken_off_message(db: Session, now: datetime) -> int:
    contact_id, address_id = a_contact(db, now)
    outbox_id = queue_message(
        db, key="k", contact_id=contact_id, address_id=address_id, channel="whatsapp", text="ya", now=now
    )
    assert outbox_id is not None
    claim_due(db, worker="w", now=now, limit=1, lease_seconds=60)
    mark_unknown(db, outbox_id, now=now)
    return outbox_id


def test_one_worker_asks_about_a_message(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        outbox_id = a_broken_off_message(db, now)

    def ask(db: Session, number: int) -> bool:
        return claim_unknown(db, outbox_id, memo=now, worker=f"w{number}", now=now, lease_seconds=60)

    assert 1 == at_once(database, ask, range(12), threads=12).count(True)


@pytest.mark.parametrize(
    ("seconds", "memo_is_right", "may_ask"),
    [
        pytest.param(59, True, False, id="while another asks"),
        pytest.param(60, True, True, id="when another has vanished"),
        pytest.param(60, False, False, id="about an earlier try"),
    ],
)
def test_asking_is_taken_over_when_its_time_is_up(
    database: Database, now: datetime, seconds: int, memo_is_right: bool, may_ask: bool
) -> None:
    memo = now if memo_is_right else now - HOUR
    with database.transaction() as db:
        outbox_id = a_broken_off_message(db, now)
        claim_unknown(db, outbox_id, memo=now, worker="first", now=now, lease_seconds=60)
        later = now + timedelta(seconds=seconds)
        assert may_ask == claim_unknown(db, outbox_id, memo=memo, worker="second", now=later, lease_seconds=60)


def test_a_message_whose_id_came_is_on_its_way_no_more(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        outbox_id = a_broken_off_message(db, now)
        before = is_any_on_its_way(db)
        mark_sent(db, outbox_id, provider_id="SM1", now=now)
        _, address_id = a_contact(db, now)
        assert (True, False, {"SM1"}, set()) == (
            before,
            is_any_on_its_way(db),
            provider_ids_of(db, address_id, since=now),
            provider_ids_of(db, address_id, since=now + HOUR),
        )


@pytest.mark.parametrize(
    ("was_urgent", "is_urgent", "is_closed", "is_known"),
    [
        pytest.param(False, False, False, True, id="the same"),
        pytest.param(True, True, False, True, id="urgent already"),
        pytest.param(False, True, False, False, id="only now urgent"),
        pytest.param(False, False, True, False, id="done before"),
    ],
)
def test_staff_hear_of_a_failure_once(
    database: Database, now: datetime, was_urgent: bool, is_urgent: bool, is_closed: bool, is_known: bool
) -> None:
    with database.transaction() as db:
        case = open_case(db, kind="error", topic="x", text="", contact_id=None, urgent=was_urgent, now=now)
        if is_closed:
            close_case(db, case.id, staff_id=None, outcome="", now=now)
        assert is_known == has_open_case(db, kind="error", topic="x", contact_id=None, is_urgent=is_urgent)


def test_failures_at_once_open_one_case(database: Database, now: datetime) -> None:
    def fail(db: Session, _number: int) -> bool:
        if has_open_case(db, kind="error", topic="x", contact_id=None, is_urgent=False):
            return False
        open_case(db, kind="error", topic="x", text="", contact_id=None, now=now)
        return True

    assert 1 == at_once(database, fail, range(12), threads=12).count(True)


@pytest.mark.parametrize("name", PRIORITIES)
def test_a_priority_has_its_name_back(name: str) -> None:
    assert name == priority_name(PRIORITIES[name])
