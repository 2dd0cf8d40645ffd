"""Inbox view: what has to be done first stands first, and new words of a patient are seen."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from clinic.cases import CaseView, close_case, open_case, take_case
from clinic.database import Database
from clinic.inbox_view import case_row, case_rows, count_cases
from clinic.outbox import queue_message
from clinic.staff import add_staff
from tests.clinic.hands import PHONE, a_contact, a_message

MINUTE = timedelta(minutes=1)


def a_case(db: Session, now: datetime, text: str, *, urgent: bool = False, hours: int = 24) -> CaseView:
    contact_id, _ = a_contact(db, now)
    return open_case(
        db,
        kind="complaint",
        topic=None,
        text=text,
        contact_id=contact_id,
        urgent=urgent,
        now=now,
        due_hours=hours,
    )


def rows(db: Session, *, state: str = "all", code: str = "") -> list[str]:
    return [row.preview for row in case_rows(db, state=state, code=code, limit=10, offset=0)]


def test_urgent_cases_stand_first_then_what_is_due_first_and_closed_ones_last(
    database: Database, now: datetime
) -> None:
    with database.transaction() as db:
        done = a_case(db, now, "selesai", urgent=True, hours=1)
        for text, urgent, hours in (("besok", False, 24), ("nanti", False, 4), ("gawat", True, 48)):
            a_case(db, now, text, urgent=urgent, hours=hours)
        close_case(db, done.id, staff_id=None, outcome="", now=now)
        assert (["gawat", "nanti", "besok", "selesai"], {"open": 3, "taken": 0}) == (rows(db), count_cases(db))


def test_closed_cases_stand_by_when_they_were_closed(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        cases = [a_case(db, now, str(number)) for number in range(3)]
        for minutes, number in enumerate((1, 2, 0)):
            close_case(db, cases[number].id, staff_id=None, outcome="", now=now + minutes * MINUTE)
        assert ["0", "2", "1"] == rows(db, state="closed")


@pytest.mark.parametrize(("typed", "found"), [("k", 2), ("K1", 1), ("k2", 1), ("K%", 0), ("K_", 0), ("Z", 0)])
def test_a_case_is_found_by_the_beginning_of_its_code(
    database: Database, now: datetime, typed: str, found: int
) -> None:
    with database.transaction() as db:
        for number in range(2):
            a_case(db, now, str(number))
        assert found == len(rows(db, code=typed))


def test_a_case_shows_who_wrote_from_where_and_who_has_it(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        case = a_case(db, now, "lama\n sekali")
        sari = add_staff(db, username="sari", name="Sari", role="staff", password="x" * 10, now=now)
        take_case(db, case.id, staff_id=sari.id, now=now)
        row = case_row(db, case.code.lower())
    assert row is not None
    assert ("lama sekali", PHONE, "Sari", "taken") == (
        row.preview,
        row.contact_address,
        row.taken_by_name,
        row.state,
    )


@pytest.mark.parametrize(
    ("told_after", "has_new"),
    [
        pytest.param(None, True, id="nobody answered"),
        pytest.param(1 * MINUTE, True, id="the answer came before"),
        pytest.param(3 * MINUTE, False, id="the answer came after"),
    ],
)
def test_new_words_of_the_patient_are_marked_until_staff_answer(
    database: Database, now: datetime, told_after: timedelta | None, has_new: bool
) -> None:
    with database.transaction() as db:
        case = a_case(db, now, "keluhan")
        sari = add_staff(db, username="sari", name="Sari", role="staff", password="x" * 10, now=now)
        take_case(db, case.id, staff_id=sari.id, now=now)
        a_message(db, now + 2 * MINUTE, provider_id="SM1")
        if told_after is not None:
            contact_id, address_id = a_contact(db, now)
            queue_message(
                db,
                key="staff:1",
                contact_id=contact_id,
                address_id=address_id,
                channel="whatsapp",
                text="baik",
                now=now + told_after,
                staff_id=sari.id,
            )
        row = case_row(db, case.code)
    assert row is not None
    assert has_new == row.has_new
