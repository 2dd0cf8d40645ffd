"""Cases: what staff have to do, who does it, and when the bot speaks again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from clinic.cases import (
    CaseView,
    case_by_code,
    cases_of,
    close_case,
    code_of,
    list_cases,
    open_case,
    reopen_case,
    take_case,
)
from clinic.conversations import conversation_of
from clinic.database import Database
from clinic.staff import add_staff
from tests.clinic.hands import a_contact, at_once


def a_case(db: Session, now: datetime, **fields: Any) -> CaseView:
    asked: dict[str, Any] = {"kind": "complaint", "topic": None, "text": "antrian lama", "contact_id": None, **fields}
    return open_case(db, now=now, **asked)


def a_member(db: Session, now: datetime, username: str = "sari") -> int:
    return add_staff(db, username=username, name="Sari", role="staff", password="x" * 10, now=now).id


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(1, "K1", id="the first"),
        pytest.param(999, "K999", id="the last with K"),
        pytest.param(1000, "L1", id="the first with L"),
        pytest.param(15 * 999, "Z999", id="the last with one letter"),
        pytest.param(15 * 999 + 1, "KK1", id="the first with two letters"),
    ],
)
def test_a_code_never_has_more_than_three_digits(number: int, code: str) -> None:
    assert code == code_of(number)


def test_codes_of_cases_opened_at_once_differ(database: Database, now: datetime) -> None:
    def open_one(db: Session, _turn: int) -> str:
        return a_case(db, now).code

    codes = at_once(database, open_one, range(24))
    assert 24 == len(set(codes))
    assert all(re.fullmatch(r"K\d{1,3}", code) for code in codes)


@pytest.mark.parametrize("kind", ["handover", "emergency"])
def test_new_words_go_to_the_case_that_is_open_already(database: Database, now: datetime, kind: str) -> None:
    with database.transaction() as db:
        contact_id, _ = a_contact(db, now)
        first = a_case(db, now, kind=kind, contact_id=contact_id, text="tolong")
        second = a_case(db, now, kind=kind, contact_id=contact_id, text="cepat", urgent=True)
    assert (first.code, "tolong\ncepat", True) == (second.code, second.text, second.urgent)


def test_a_second_complaint_is_a_second_case(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id, _ = a_contact(db, now)
        codes = {a_case(db, now, contact_id=contact_id).code for _ in range(2)}
    assert 2 == len(codes)


def test_after_closing_the_same_wish_opens_a_new_case(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id, _ = a_contact(db, now)
        first = a_case(db, now, kind="handover", contact_id=contact_id)
        close_case(db, first.id, staff_id=None, outcome="selesai", now=now)
        assert first.code != a_case(db, now, kind="handover", contact_id=contact_id).code


@pytest.mark.parametrize(
    ("fields", "hours"),
    [
        pytest.param({"kind": "emergency"}, 1, id="an emergency"),
        pytest.param({"kind": "complaint"}, 72, id="a complaint"),
        pytest.param({"kind": "complaint", "due_hours": 5}, 5, id="as the centre says"),
    ],
)
def test_a_case_is_due_in_time(database: Database, now: datetime, fields: dict[str, Any], hours: int) -> None:
    with database.transaction() as db:
        assert now + timedelta(hours=hours) == a_case(db, now, **fields).due_at


def test_the_bot_is_silent_from_taking_to_closing(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id, _ = a_contact(db, now)
        case = a_case(db, now, kind="handover", contact_id=contact_id)
        silence = [conversation_of(db, contact_id).is_with_staff(now)]
        taken = take_case(db, case.id, staff_id=a_member(db, now), now=now)
        silence.append(conversation_of(db, contact_id).is_with_staff(now))
        closed = close_case(db, case.id, staff_id=taken.taken_by, outcome="sudah dijawab", now=now)
        silence.append(conversation_of(db, contact_id).is_with_staff(now))
    assert ([False, True, False], "taken", "closed", "sudah dijawab") == (
        silence,
        taken.state,
        closed.state,
        closed.outcome,
    )


def test_the_bot_stays_silent_while_another_case_is_in_somebodys_hands(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        contact_id, _ = a_contact(db, now)
        first, second = a_case(db, now, contact_id=contact_id), a_case(db, now, contact_id=contact_id)
        for case in (first, second):
            take_case(db, case.id, staff_id=None, now=now)
        close_case(db, first.id, staff_id=None, outcome="", now=now)
        assert conversation_of(db, contact_id).is_with_staff(now)


def test_a_closed_case_is_closed_once(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        case = a_case(db, now)
        close_case(db, case.id, staff_id=None, outcome="pertama", now=now)
        again = close_case(db, case.id, staff_id=None, outcome="kedua", now=now + timedelta(hours=1))
        taken = take_case(db, case.id, staff_id=None, now=now)
    assert ("pertama", now, "closed") == (again.outcome, again.closed_at, taken.state)


def test_a_reopened_case_is_in_nobodys_hands(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        case = a_case(db, now)
        take_case(db, case.id, staff_id=a_member(db, now), now=now)
        close_case(db, case.id, staff_id=None, outcome="selesai", now=now)
        back = reopen_case(db, case.id, now=now + timedelta(days=5))
    assert ("open", None, None, now + timedelta(days=8)) == (back.state, back.taken_by, back.closed_at, back.due_at)


def test_the_list_has_urgent_cases_first_then_what_is_due_first_and_closed_ones_last(
    database: Database, now: datetime
) -> None:
    with database.transaction() as db:
        done = a_case(db, now, urgent=True, text="selesai")
        close_case(db, done.id, staff_id=None, outcome="", now=now)
        for text, fields in {
            "lama": {"due_hours": 50},
            "segera": {"due_hours": 2},
            "darurat": {"due_hours": 60, "urgent": True},
        }.items():
            a_case(db, now, text=text, **fields)
        everything = [case.text for case in list_cases(db, state=None, limit=10, offset=0)]
        page = [case.text for case in list_cases(db, state="open", limit=1, offset=1)]
    assert (["darurat", "segera", "lama", "selesai"], ["segera"]) == (everything, page)


@pytest.mark.parametrize("written", ["K1", "k1", " k 1 "])
def test_a_code_is_understood_however_it_is_written(database: Database, now: datetime, written: str) -> None:
    with database.transaction() as db:
        case = a_case(db, now)
        assert case == case_by_code(db, written)


def test_an_unknown_code_is_no_case(database: Database) -> None:
    with database.transaction() as db:
        assert case_by_code(db, "K404") is None


def test_a_contact_sees_its_own_cases_only(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        mine, other = a_contact(db, now)[0], a_contact(db, now, address="+6281200000002")[0]
        cases = [a_case(db, now, contact_id=contact_id).id for contact_id in (mine, other, mine)]
        assert [cases[2], cases[0]] == [case.id for case in cases_of(db, mine)]
