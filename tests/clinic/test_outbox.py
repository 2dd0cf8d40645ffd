"""Outbox: one message per cause, in order, one at a time per contact, never late, never too many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from clinic.database import Database
from clinic.outbox import (
    OutboxMessage,
    OutboxView,
    mark_failed,
    mark_retry,
    mark_sent,
    mark_unknown,
    queue_message,
    unknown_messages,
)
from clinic.outbox_claim import claim_due, drop_useless, has_due
from clinic.outbox_status import apply_status
from tests.clinic.hands import PHONE, a_contact, at_once

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Box:
    """One transaction with short ways to queue and claim."""

    db: Session
    now: datetime

    def put(self, key: str, *, address: str = PHONE, **fields: Any) -> int:
        contact_id, address_id = a_contact(self.db, self.now, address=address)
        given: dict[str, Any] = {"now": self.now, "channel": "whatsapp", "text": key, **fields}
        made = queue_message(self.db, key=key, contact_id=contact_id, address_id=address_id, **given)
        assert made is not None
        return made

    def claim(self, *, after: timedelta = timedelta(0), limit: int = 20, **fields: Any) -> tuple[OutboxView, ...]:
        drop_useless(self.db, now=self.now + after)
        return claim_due(
            self.db, worker="w", now=self.now + after, limit=limit, lease_seconds=60, **{"daily_cap": 12, **fields}
        )

    def keys(self, **fields: Any) -> list[str]:
        return [message.key for message in self.claim(**fields)]

    def send(self, outbox_id: int) -> None:
        mark_sent(self.db, outbox_id, provider_id=f"SM{outbox_id}", now=self.now)

    def state(self, outbox_id: int) -> str | None:
        return self.db.scalar(select(OutboxMessage.state).where(OutboxMessage.id == outbox_id))


def test_one_cause_makes_one_message(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id, address_id = a_contact(db, now)

    def queue(db: Session, number: int) -> int | None:
        to: dict[str, Any] = {"contact_id": contact_id, "address_id": address_id, "channel": "sms"}
        return queue_message(db, key=f"inbound:{number % 4}:0", text="ya", now=now, **to)

    made = [outbox_id for outbox_id in at_once(database, queue, range(40)) if outbox_id is not None]
    with database.reading() as db:
        assert (4, 4) == (len(made), db.scalar(select(func.count(OutboxMessage.id))))


def test_no_message_goes_to_two_workers_and_one_contact_gets_one_at_a_time(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        for number in range(60):
            Box(db, now).put(f"k{number}", address=f"+6281200000{number % 20:03}")

    def take(db: Session, number: int) -> tuple[OutboxView, ...]:
        return claim_due(db, worker=f"w{number}", now=now, limit=3, lease_seconds=60)

    claimed = [message for batch in at_once(database, take, range(24)) for message in batch]
    with database.transaction() as db:
        claimed += Box(db, now).claim()
    assert (20, 20) == (len(claimed), len({message.contact_id for message in claimed}))


def test_messages_of_one_contact_go_out_in_order(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        box, sent = Box(db, now), []
        for number in range(4):
            box.put(f"k{number}")
        while claimed := box.claim():
            sent += [message.key for message in claimed]
            box.send(claimed[0].id)
    assert ["k0", "k1", "k2", "k3"] == sent


def test_what_matters_more_goes_first(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        box = Box(db, now)
        for number, priority in enumerate(("reminder", "notice", "staff", "reply", "danger")):
            box.put(priority, priority=priority, address=f"+62812000000{number}")
        assert ["danger", "reply", "staff", "notice", "reminder"] == box.keys()


def test_a_warning_waits_for_nothing(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        box = Box(db, now)
        box.put("reply")
        first = box.keys()
        box.put("later reply")
        box.put("danger", priority="danger")
        assert (["reply"], ["danger"]) == (first, box.keys())


def test_a_message_that_is_tried_again_is_not_overtaken_by_the_next_one(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        box = Box(db, now)
        first = box.put("first")
        box.put("second")
        box.claim()
        mark_retry(db, first, at=now + 5 * MINUTE, error_code="20429")
        meanwhile, then = box.keys(after=MINUTE), box.keys(after=6 * MINUTE)
    assert ([], ["first"]) == (meanwhile, then)


def test_a_reminder_for_tomorrow_does_not_hold_up_the_answer_of_today(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        box = Box(db, now)
        box.put("reminder", priority="reminder", not_before=now + timedelta(days=1))
        box.put("reply")
        assert ["reply"] == box.keys()


def test_nothing_goes_out_before_its_time(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        box = Box(db, now)
        box.put("reminder", not_before=now + 10 * MINUTE)
        early = has_due(db, now=now), box.keys()
        assert ((False, []), (True, ["reminder"])) == (
            early,
            (has_due(db, now=now + 10 * MINUTE), box.keys(after=10 * MINUTE)),
        )


def test_what_has_become_useless_is_dropped_and_not_sent_late(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        box = Box(db, now)
        outbox_id = box.put("reminder", useless_after=now + 10 * MINUTE)
        assert ([], "dropped") == (box.keys(after=10 * MINUTE), box.state(outbox_id))


def test_the_daily_cap_holds_for_everything_but_warnings(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        box = Box(db, now)
        for number in range(5):
            box.put(f"k{number}")
        box.put("danger", priority="danger")
        sent: list[str] = []
        for _ in range(10):
            for message in box.claim(daily_cap=3):
                sent.append(message.key)
                box.send(message.id)
    assert ["danger", "k0", "k1"] == sent


def test_the_cap_counts_when_a_message_was_sent_and_not_when_it_was_planned(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        box = Box(db, now)
        for number in range(3):
            box.put(f"old{number}", now=now - timedelta(days=3), not_before=now, useless_after=now + MINUTE)
        box.put("new")
        for _ in range(3):
            for message in box.claim(daily_cap=3):
                box.send(message.id)
        assert [] == box.keys(daily_cap=3)


def test_the_memo_and_the_route_are_written_with_the_claim(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        box = Box(db, now)
        outbox_id = box.put("k")
        box.claim()
        memo = db.execute(select(OutboxMessage.attempted_at, OutboxMessage.claimed_by, OutboxMessage.route)).one()
        assert (now, "w", "whatsapp", "sending") == (*memo, box.state(outbox_id))


@pytest.mark.parametrize(
    ("happens", "seconds", "is_unknown"),
    [
        pytest.param("broke off", 0, True, id="a call that broke off"),
        pytest.param("vanished", 59, False, id="a worker that still has time"),
        pytest.param("vanished", 60, True, id="a worker that vanished"),
        pytest.param("sent", 600, False, id="a message that went out"),
    ],
)
def test_a_message_of_unknown_fate_is_asked_about_and_not_sent_again(
    database: Database, now: datetime, happens: str, seconds: int, is_unknown: bool
) -> None:
    with database.transaction() as db:
        box = Box(db, now)
        outbox_id = box.put("k")
        box.claim()
        if happens == "broke off":
            mark_unknown(db, outbox_id, now=now)
        if happens == "sent":
            box.send(outbox_id)
        later = timedelta(seconds=seconds)
        asked = [message.id for message in unknown_messages(db, now=now + later)]
        assert ([outbox_id] if is_unknown else [], []) == (asked, box.keys(after=later))


OUT = ("sent", "delivered", "read", "undelivered", "failed")
MOVES = {
    ("sent", "delivered"): "delivered",
    ("sent", "read"): "read",
    ("sent", "undelivered"): "undelivered",
    ("sent", "failed"): "failed",
    ("delivered", "read"): "read",
    ("undelivered", "delivered"): "delivered",
    ("failed", "delivered"): "delivered",
    ("undelivered", "read"): "read",
    ("failed", "read"): "read",
}
"""Every move that a status may cause once a message is out; all others leave the state alone."""


@pytest.mark.parametrize(
    "status", ["accepted", "queued", "sending", "sent", "delivered", "read", "undelivered", "failed"]
)
@pytest.mark.parametrize("state", ["sent", "delivered", "read", "undelivered", "failed"])
def test_a_status_only_moves_a_message_forward(database: Database, now: datetime, state: str, status: str) -> None:
    with database.transaction() as db:
        box = Box(db, now)
        outbox_id = box.put("k")
        box.send(outbox_id)
        db.execute(update(OutboxMessage).values(state=state))
        known = apply_status(db, provider_id=f"SM{outbox_id}", status=status, error_code=None, now=now)
        assert (True, MOVES.get((state, status), state)) == (known, box.state(outbox_id))


def test_a_status_that_nobody_knows_is_kept_and_moves_nothing(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        box = Box(db, now)
        outbox_id = box.put("k")
        box.send(outbox_id)
        apply_status(db, provider_id=f"SM{outbox_id}", status="on-the-moon", error_code=None, now=now)
        kept = db.execute(select(OutboxMessage.state, OutboxMessage.provider_status)).one()
    assert ("sent", "on-the-moon") == tuple(kept)


def test_a_status_for_an_id_that_is_not_ours_is_kept_out(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        assert not apply_status(db, provider_id="SMx", status="delivered", error_code=None, now=now)


@pytest.mark.parametrize("late", ["mark_sent", "mark_retry", "mark_failed", "mark_unknown"])
def test_who_comes_late_does_not_take_back_what_is_known(database: Database, now: datetime, late: str) -> None:
    with database.transaction() as db:
        box = Box(db, now)
        outbox_id = box.put("k")
        box.send(outbox_id)
        apply_status(db, provider_id=f"SM{outbox_id}", status="delivered", error_code=None, now=now)
        {
            "mark_sent": lambda: mark_sent(db, outbox_id, provider_id="SM9", now=now),
            "mark_retry": lambda: mark_retry(db, outbox_id, at=now, error_code="1"),
            "mark_failed": lambda: mark_failed(db, outbox_id, error_code="1", now=now),
            "mark_unknown": lambda: mark_unknown(db, outbox_id, now=now),
        }[late]()
        assert "delivered" == box.state(outbox_id)
