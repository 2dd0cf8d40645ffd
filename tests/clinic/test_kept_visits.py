"""What counts as a kept visit, and what does not."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from clinic.database import Database
from clinic.facility import Facility
from clinic.kept_visits import KeptVisits, kept_visits
from tests.clinic.hands import a_person
from tests.clinic.sent_messages import a_dose, a_reminder, a_served_number

DAY = date(2026, 11, 20)


def count(database: Database, facility: Facility) -> KeptVisits:
    with database.reading() as db:
        return kept_visits(db, facility, date(2026, 11, 1), date(2026, 11, 30))


@pytest.mark.parametrize(
    ("via", "state", "day", "counts"),
    [
        pytest.param("whatsapp", "done", DAY, 1, id="by WhatsApp, served"),
        pytest.param("sms", "done", DAY, 1, id="by SMS, served"),
        pytest.param("counter", "done", DAY, 0, id="at the counter"),
        pytest.param("whatsapp", "skipped", DAY, 0, id="did not come"),
        pytest.param("whatsapp", "called", DAY, 0, id="called, and nobody said that it was served"),
        pytest.param("whatsapp", "waiting", DAY, 0, id="waits"),
        pytest.param("whatsapp", "cancelled", DAY, 0, id="cancelled"),
        pytest.param("whatsapp", "done", date(2026, 10, 31), 0, id="the month before"),
        pytest.param("whatsapp", "done", date(2026, 12, 1), 0, id="the month after"),
    ],
)
def test_a_number_by_message_that_was_served_is_a_kept_visit(
    database: Database, facility: Facility, now: datetime, via: str, state: str, day: date, counts: int
) -> None:
    with database.transaction() as db:
        a_served_number(db, day, now, via=via, state=state)
    assert counts == count(database, facility).by_queue


@pytest.mark.parametrize(
    ("reminded_before", "state", "proof", "counts"),
    [
        pytest.param(0, "delivered", "record", 1, id="on the same day"),
        pytest.param(14, "sent", "record", 1, id="fourteen days after"),
        pytest.param(15, "delivered", "record", 0, id="fifteen days after"),
        pytest.param(-1, "delivered", "record", 0, id="before the reminder"),
        pytest.param(3, "delivered", "said", 0, id="only said by the patient"),
        pytest.param(3, "undelivered", "record", 0, id="a reminder that did not arrive"),
        pytest.param(3, "dropped", "record", 0, id="a reminder that was never sent"),
    ],
)
def test_a_dose_on_record_soon_after_a_reminder_is_a_kept_visit(
    database: Database,
    facility: Facility,
    now: datetime,
    reminded_before: int,
    state: str,
    proof: str,
    counts: int,
) -> None:
    morning = datetime(2026, 11, 20, 8, tzinfo=facility.zone)
    with database.transaction() as db:
        person = a_person(db, now)
        a_reminder(db, morning - timedelta(days=reminded_before), person_id=person, state=state)
        a_dose(db, DAY, person_id=person, proof=proof)
    assert counts == count(database, facility).after_reminder


def test_a_dose_of_somebody_who_was_not_reminded_does_not_count(
    database: Database, facility: Facility, now: datetime
) -> None:
    with database.transaction() as db:
        a_reminder(db, now - timedelta(days=5), person_id=a_person(db, now))
        a_dose(db, DAY, person_id=a_person(db, now, name="Budi Contoh"))
    assert KeptVisits(0, 0, 0) == count(database, facility)


def test_a_reminder_of_the_month_before_counts_for_a_visit_in_this_one(database: Database, facility: Facility) -> None:
    sent = datetime(2026, 10, 25, 8, tzinfo=facility.zone)
    with database.transaction() as db:
        person = a_person(db, sent)
        a_reminder(db, sent, person_id=person)
        a_dose(db, date(2026, 11, 2), person_id=person)
    assert 1 == count(database, facility).after_reminder


def test_one_person_on_one_day_is_one_visit(database: Database, facility: Facility, now: datetime) -> None:
    with database.transaction() as db:
        person = a_served_number(db, DAY, now)
        a_reminder(db, now - timedelta(days=5), person_id=person)
        a_reminder(db, now - timedelta(days=4), person_id=person)
        a_dose(db, DAY, person_id=person, item="MR1")
        a_dose(db, DAY, person_id=person, item="IPV2")
    assert KeptVisits(by_queue=1, after_reminder=1, in_all=1) == count(database, facility)
