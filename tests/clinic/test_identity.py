"""Identity numbers: unreadable in the database, found by hash, masked elsewhere."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from clinic.database import Database, open_database
from clinic.identity import CannotDecrypt, IdentityKeeper, mask
from clinic.people import add_person, find_by_card, find_by_nik, looks_like_nik, nik_birth_date, person_by_id

NIK, CARD = "6472015402880001", "0001234567890"
OTHER_KEY = IdentityKeeper("another key that somebody set")


def test_neither_nik_nor_card_number_stands_in_the_database(
    database: Database, keeper: IdentityKeeper, now: datetime
) -> None:
    with database.transaction() as db:
        person = add_person(db, name="Siti Contoh", nik=NIK, card=CARD, keeper=keeper, now=now)
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM person").all()
    assert person.nik == NIK
    assert NIK not in str(rows)
    assert CARD not in str(rows)


def test_the_bytes_of_the_file_do_not_hold_the_nik(migrated_file: Path, keeper: IdentityKeeper, now: datetime) -> None:
    folder = migrated_file.parent / "bytes"
    folder.mkdir()
    database = open_database(f"sqlite:///{shutil.copy(migrated_file, folder)}")
    with database.transaction() as db:
        add_person(db, name="Siti Contoh", nik=NIK, card=CARD, keeper=keeper, now=now)
    content = b"".join(path.read_bytes() for path in folder.iterdir())
    database.close()
    assert b"Siti Contoh" in content
    assert NIK.encode() not in content
    assert CARD.encode() not in content


def test_a_person_is_found_by_nik_and_by_card(database: Database, keeper: IdentityKeeper, now: datetime) -> None:
    with database.transaction() as db:
        person = add_person(db, name="Siti Contoh", nik=NIK, card=CARD, keeper=keeper, now=now)
        found = find_by_nik(db, NIK, keeper=keeper), find_by_card(db, CARD, keeper=keeper)
        nobody = find_by_nik(db, "6472015402880002", keeper=keeper), find_by_card(db, NIK, keeper=keeper)
    assert ((person, person), (None, None)) == (found, nobody)


def test_another_key_finds_and_reads_nothing(database: Database, keeper: IdentityKeeper, now: datetime) -> None:
    with database.transaction() as db:
        person = add_person(db, name="Siti Contoh", nik=NIK, keeper=keeper, now=now)
        assert find_by_nik(db, NIK, keeper=OTHER_KEY) is None
        with pytest.raises(CannotDecrypt):
            person_by_id(db, person.id, keeper=OTHER_KEY)


def test_a_nik_belongs_to_one_person(database: Database, keeper: IdentityKeeper, now: datetime) -> None:
    with pytest.raises(IntegrityError), database.transaction() as db:
        for name in ("Siti Contoh", "Budi Contoh"):
            add_person(db, name=name, nik=NIK, keeper=keeper, now=now)


def test_a_name_that_is_too_long_is_cut(database: Database, keeper: IdentityKeeper, now: datetime) -> None:
    with database.transaction() as db:
        assert 200 == len(add_person(db, name="a" * 500, keeper=keeper, now=now).name)


@given(number=st.text(alphabet="0123456789", min_size=1, max_size=20))
def test_every_number_comes_back_and_is_written_differently_each_time(number: str) -> None:
    keeper = IdentityKeeper("tests need a key as well")
    first, second = keeper.encrypt(number), keeper.encrypt(number)
    assert (number, number, False) == (keeper.decrypt(first), keeper.decrypt(second), first == second)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        pytest.param(NIK, "6472********0001", id="a NIK"),
        pytest.param(CARD, "0001*****7890", id="a card"),
        pytest.param("12345", "***45", id="something short"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_number_is_shown_masked(number: str, shown: str) -> None:
    assert shown == mask(number)


@pytest.mark.parametrize(
    ("nik", "born"),
    [
        pytest.param("6472015402880001", date(1988, 2, 14), id="a woman: 40 on the day"),
        pytest.param("6472011402880001", date(1988, 2, 14), id="a man"),
        pytest.param("6472010501260001", date(2026, 1, 5), id="a baby"),
        pytest.param("6472012312260001", date(1926, 12, 23), id="not born in the future"),
        pytest.param("6472013102880001", None, id="31 February"),
        pytest.param("6472010013880001", None, id="day nought"),
        pytest.param("647201540288000", None, id="one digit short"),
        pytest.param("647201540288000a", None, id="a letter"),
        pytest.param("٦٤٧٢٠١٥٤٠٢٨٨٠٠٠١", None, id="digits of another script"),
    ],
)
def test_the_birth_date_inside_a_nik(nik: str, born: date | None) -> None:
    assert born == nik_birth_date(nik, century_of=date(2026, 11, 23))
    assert looks_like_nik(nik) == (born is not None)
