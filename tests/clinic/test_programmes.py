"""Programmes: enrolled once, done once, reminded once, answered once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from clinic.database import Database
from clinic.outbox import OutboxMessage, queue_message
from clinic.programmes import (
    Dose,
    Enrolment,
    Reminder,
    answer_reminder,
    end_enrolment,
    enrol,
    last_open_reminder,
    record_dose,
    save_reminder,
)
from tests.clinic.hands import a_contact, a_person, at_once

VISIT = date(2026, 11, 25)


@dataclass(frozen=True)
class Planned:
    """A reminder as the scheduler plans it."""

    person_id: int
    programme: str = "imunisasi_bayi"
    item: str = "P9M"
    occurrence: str = "2026-11-25/-1"
    visit_on: date = VISIT
    poli: str | None = "imunisasi"


def queued(db: Session, now: datetime, key: str) -> int:
    contact_id, address_id = a_contact(db, now)
    to: dict[str, Any] = {"contact_id": contact_id, "address_id": address_id, "channel": "whatsapp"}
    outbox_id = queue_message(db, key=key, text="Besok jadwal.", now=now, **to)
    assert outbox_id is not None
    return outbox_id


def a_reminder(db: Session, now: datetime, plan: Planned, *, state: str = "sent") -> int | None:
    outbox_id = queued(db, now, f"reminder:{plan.person_id}:{plan.item}:{plan.occurrence}")
    db.execute(update(OutboxMessage).where(OutboxMessage.id == outbox_id).values(state=state))
    return save_reminder(db, plan, outbox_id, now)


def test_a_reminder_exists_once_however_many_planners_run(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        person_id = a_person(db, now)

    def plan(db: Session, number: int) -> int | None:
        return save_reminder(db, Planned(person_id), queued(db, now, f"planner:{number}"), now)

    made = [reminder_id for reminder_id in at_once(database, plan, range(16)) if reminder_id is not None]
    with database.reading() as db:
        assert (1, 1) == (len(made), db.scalar(select(func.count(Reminder.id))))


def test_enrolling_again_moves_the_anchor_and_starts_again(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        who: dict[str, Any] = {"person_id": a_person(db, now), "programme": "hipertensi"}
        enrol(db, **who, anchor=date(2026, 1, 1), now=now)
        ended = [end_enrolment(db, **who, reason="pindah", now=now) for _ in range(2)]
        enrol(db, **who, anchor=date(2026, 6, 1), now=now)
        rows = db.execute(select(Enrolment.anchor, Enrolment.ended_at, Enrolment.end_reason)).all()
    assert ([True, False], [(date(2026, 6, 1), None, None)]) == (ended, [tuple(row) for row in rows])


def test_what_was_done_on_a_day_is_on_record_once(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        done: dict[str, Any] = {"person_id": a_person(db, now), "programme": "imunisasi_bayi", "item": "BCG"}
        for day in (VISIT, VISIT, VISIT + timedelta(days=30)):
            record_dose(db, **done, given_on=day, proof="record")
        assert 2 == db.scalar(select(func.count(Dose.id)))


@pytest.mark.parametrize(
    ("state", "is_open"),
    [
        pytest.param("queued", False, id="not sent yet"),
        pytest.param("dropped", False, id="never sent"),
        pytest.param("failed", False, id="refused"),
        pytest.param("undelivered", False, id="did not arrive"),
        pytest.param("unknown", True, id="perhaps arrived"),
        pytest.param("sent", True, id="sent"),
        pytest.param("read", True, id="read"),
    ],
)
def test_only_a_reminder_that_may_have_arrived_waits_for_an_answer(
    database: Database, now: datetime, state: str, is_open: bool
) -> None:
    with database.transaction() as db:
        made = a_reminder(db, now, Planned(a_person(db, now)), state=state)
        found = last_open_reminder(db, a_contact(db, now)[0], now=now)
    assert (made if is_open else None) == (found.id if found is not None else None)


@pytest.mark.parametrize(
    ("days", "is_open"), [pytest.param(13, True, id="recent"), pytest.param(14, False, id="long ago")]
)
def test_an_old_reminder_waits_for_nothing(database: Database, now: datetime, days: int, is_open: bool) -> None:
    with database.transaction() as db:
        a_reminder(db, now, Planned(a_person(db, now)))
        found = last_open_reminder(db, a_contact(db, now)[0], now=now + timedelta(days=days))
    assert is_open == (found is not None)


def test_the_newest_reminder_is_the_one_that_is_answered(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        person_id = a_person(db, now)
        a_reminder(db, now, Planned(person_id))
        newest = a_reminder(db, now + timedelta(hours=1), Planned(person_id, occurrence="2026-11-25/0"))
        found = last_open_reminder(db, a_contact(db, now)[0], now=now + timedelta(hours=2))
    assert found is not None
    assert (newest, VISIT, "imunisasi") == (found.id, found.visit_on, found.poli)


def test_the_first_answer_counts(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        reminder_id = a_reminder(db, now, Planned(a_person(db, now)))
        assert reminder_id is not None
        answers = [answer_reminder(db, reminder_id, answer, now=now) for answer in ("coming", "done")]
        kept = db.scalar(select(Reminder.answer))
        assert ([True, False], "coming", None) == (
            answers,
            kept,
            last_open_reminder(db, a_contact(db, now)[0], now=now),
        )
