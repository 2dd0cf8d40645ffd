"""Login: whoever tries, the same work is done, so that nobody learns which names exist."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import pytest
from argon2 import PasswordHasher
from sqlalchemy import update

from clinic.database import Database
from clinic.staff import StaffMember, add_staff, verify_login

RIGHT = "kucing-oranye-lari"


class CountingHasher(PasswordHasher):
    """Notes each password that is compared."""

    def __init__(self) -> None:
        super().__init__()
        self.compared: list[str | bytes] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.compared.append(password)
        return super().verify(hash, password)


@pytest.mark.parametrize(
    ("username", "password", "is_active"),
    [
        pytest.param("sari", RIGHT, True, id="the right password"),
        pytest.param("sari", "salah-sekali", True, id="a wrong password"),
        pytest.param("sari", RIGHT, False, id="somebody who has left"),
        pytest.param("budi", RIGHT, True, id="an unknown name"),
        pytest.param("", RIGHT, True, id="no name"),
        pytest.param("sari\x00budi", RIGHT, True, id="a name with a NUL sign"),
    ],
)
def test_every_try_compares_one_hash(
    database: Database, now: datetime, username: str, password: str, is_active: bool
) -> None:
    hasher = CountingHasher()
    with database.transaction() as db:
        add_staff(db, username="sari", name="Sari Contoh", role="staff", password=RIGHT, now=now)
        db.execute(update(StaffMember).values(is_active=is_active))
        verify_login(db, username=username, password=password, now=now, hasher=hasher)
    assert [password] == hasher.compared
