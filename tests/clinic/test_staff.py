"""Staff: who gets in, who does not, and what ends a session."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from clinic.audit import AuditEntry, record
from clinic.database import Database
from clinic.staff import (
    StaffExists,
    StaffMember,
    add_staff,
    change_password,
    end_sessions,
    staff_by_id,
    staff_count,
    verify_login,
)

PASSWORD = "kucing-oranye-lari"  # pragma: allowlist secret
SARI: dict[str, Any] = {"username": "sari", "name": "Sari Contoh", "role": "staff", "password": PASSWORD}


@pytest.mark.parametrize(
    ("username", "password", "gets_in"),
    [
        pytest.param("sari", PASSWORD, True, id="right"),
        pytest.param(" Sari ", PASSWORD, True, id="a name with a capital and blanks"),
        pytest.param("sari", PASSWORD.upper(), False, id="a wrong password"),
        pytest.param("sari", "", False, id="no password"),
        pytest.param("budi", PASSWORD, False, id="an unknown name"),
    ],
)
def test_only_the_right_password_gets_in(
    database: Database, now: datetime, username: str, password: str, gets_in: bool
) -> None:
    with database.transaction() as db:
        add_staff(db, **SARI, now=now)
        assert gets_in == (verify_login(db, username=username, password=password, now=now) is not None)


def test_who_has_left_does_not_get_in(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        add_staff(db, **SARI, now=now)
        db.execute(update(StaffMember).values(is_active=False))
        got = verify_login(db, username="sari", password=PASSWORD, now=now)
        assert (None, 0) == (got, staff_count(db))


def test_the_password_is_not_kept(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        add_staff(db, **SARI, now=now)
        kept = db.scalar(select(StaffMember.password_hash)) or ""
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


def test_a_weak_hash_is_made_again_at_the_next_login(database: Database, now: datetime) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with database.transaction() as db:
        add_staff(db, **SARI, now=now)
        db.execute(update(StaffMember).values(password_hash=weak))
    with database.transaction() as db:
        got = verify_login(db, username="sari", password=PASSWORD, now=now)
        again = verify_login(db, username="sari", password=PASSWORD, now=now)
        kept = db.scalar(select(StaffMember.password_hash))
    assert got == again
    assert weak != kept


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        pytest.param({"username": "SARI"}, StaffExists, id="a name that is taken"),
        pytest.param({"username": "budi", "password": "x" * 9}, ValueError, id="a short password"),
        pytest.param({"username": "budi", "role": "raja"}, ValueError, id="an unknown role"),
    ],
)
def test_somebody_who_cannot_be_added_is_refused(
    database: Database, now: datetime, fields: dict[str, str], error: type[Exception]
) -> None:
    with database.transaction() as db:
        add_staff(db, **SARI, now=now)
        with pytest.raises(error):
            add_staff(db, **{**SARI, **fields}, now=now)
        assert 1 == staff_count(db)


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        sari = add_staff(db, **SARI, now=now)
        wrong = change_password(db, sari.id, old="bukan ini", new="kambing-putih-tidur")
        changed = change_password(db, sari.id, old=PASSWORD, new="kambing-putih-tidur")
        old = verify_login(db, username="sari", password=PASSWORD, now=now)
    assert changed is not None
    assert (None, sari.session_epoch + 1, None) == (wrong, changed.session_epoch, old)


def test_logging_out_everywhere_ends_all_sessions(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        sari = add_staff(db, **SARI, now=now)
        end_sessions(db, sari.id)
        after = staff_by_id(db, sari.id)
        assert after is not None
        assert (1, None) == (after.session_epoch - sari.session_epoch, staff_by_id(db, 404))


def test_an_act_is_on_record(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        record(db, actor="staff:1", action="close", subject="case:12", detail="x" * 500, now=now)
        kept = db.scalars(select(AuditEntry)).one()
        assert (now, "staff:1", "close", "case:12", 400) == (
            kept.at,
            kept.actor,
            kept.action,
            kept.subject,
            len(kept.detail),
        )
