"""Slips in the register's file that look like good lines, and must not overwrite anybody."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from clinic.database import Database
from clinic.patients_file import ImportReport, PatientsFileError, import_in_parts, import_patients
from clinic.people import find_by_card, find_by_nik
from tests.clinic.hands import KEEPER

HEAD = "name,birth_date,nik,card_number,phone"
SITI = "Siti Contoh,1988-02-14,6472015402880001,0001234567890,"
TODAY = date(2026, 11, 23)


def take_over(database: Database, path: Path, now: datetime, *lines: str) -> tuple[tuple[int, str], ...]:
    """What was refused of a file with these lines."""
    path.write_text("\n".join(lines), encoding="utf-8")
    with database.transaction() as db:
        return import_patients(db, path, keeper=KEEPER, now=now, as_of=TODAY).refused


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param("Ani Contoh,1990-01-01,6472014101900002,0001234567890,", "another NIK", id="somebody else's card"),
        pytest.param("Ani Contoh,2026-11-24,,,", "still to come", id="born tomorrow"),
        pytest.param("Ani Contoh,1990-01-01,,,,S.Pd", "more cells than columns", id="a cell too many"),
    ],
)
def test_a_slip_is_refused_and_changes_nobody(
    database: Database, tmp_path: Path, now: datetime, line: str, why: str
) -> None:
    ((number, reason),) = take_over(database, tmp_path / "patients.csv", now, HEAD, SITI, line)
    with database.reading() as db:
        siti = find_by_card(db, "0001234567890", keeper=KEEPER)
    assert siti is not None
    assert (3, "Siti Contoh", "6472015402880001") == (number, siti.name, siti.nik)
    assert why in reason


def test_a_new_card_replaces_the_old_one_of_the_same_nik(database: Database, tmp_path: Path, now: datetime) -> None:
    renewed = SITI.replace("0001234567890", "0001234567891")
    refused = take_over(database, tmp_path / "patients.csv", now, HEAD, SITI, renewed)
    with database.reading() as db:
        old, new = (find_by_card(db, card, keeper=KEEPER) for card in ("0001234567890", "0001234567891"))
    assert ((), None, "Siti Contoh") == (refused, old, new.name if new is not None else None)


def test_a_nik_that_was_missing_is_added_to_who_has_the_card(database: Database, tmp_path: Path, now: datetime) -> None:
    without = SITI.replace("6472015402880001", "")
    refused = take_over(database, tmp_path / "patients.csv", now, HEAD, without, SITI)
    with database.reading() as db:
        by_nik, by_card = (
            find_by_nik(db, "6472015402880001", keeper=KEEPER),
            find_by_card(db, "0001234567890", keeper=KEEPER),
        )
    assert () == refused
    assert by_nik is not None
    assert by_nik == by_card


def test_a_nul_sign_in_a_name_is_left_out(database: Database, tmp_path: Path, now: datetime) -> None:
    refused = take_over(database, tmp_path / "patients.csv", now, HEAD, SITI.replace("Siti ", "Si\x00ti "))
    with database.reading() as db:
        found = find_by_nik(db, "6472015402880001", keeper=KEEPER)
    assert ((), "Siti Contoh") == (refused, found.name if found is not None else None)


def test_a_column_that_stands_twice_is_refused(database: Database, tmp_path: Path, now: datetime) -> None:
    with pytest.raises(PatientsFileError, match="twice: nik"):
        take_over(database, tmp_path / "patients.csv", now, HEAD + ",nik", SITI + ",6472015402880001")


def test_a_long_file_is_taken_over_in_parts_and_every_bad_line_is_named(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    path = tmp_path / "patients.csv"
    lines = [f"Orang {number},{'kapan' if number % 100 == 7 else '1990-01-01'},,," for number in range(250)]
    path.write_text("\n".join([HEAD, *lines]), encoding="utf-8")
    report = import_in_parts(database, path, keeper=KEEPER, now=now, as_of=TODAY)
    again = import_in_parts(database, path, keeper=KEEPER, now=now, as_of=TODAY)
    assert (247, 0, [9, 109, 209]) == (report.added, report.updated, [line for line, _why in report.refused])
    assert ImportReport(added=0, updated=247, refused=report.refused) == again


def test_a_file_that_breaks_off_is_refused_before_anything_is_taken_over(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    path = tmp_path / "patients.csv"
    path.write_text("\n".join([HEAD, *[SITI] * 150, '"' + "a" * 200_000]), encoding="utf-8")
    with pytest.raises(PatientsFileError, match="cannot be read"):
        import_in_parts(database, path, keeper=KEEPER, now=now, as_of=TODAY)
    with database.reading() as db:
        assert find_by_card(db, "0001234567890", keeper=KEEPER) is None


def test_a_line_number_counts_the_lines_inside_a_quoted_cell(database: Database, tmp_path: Path, now: datetime) -> None:
    two_lines = SITI.replace("Siti Contoh", '"Siti\nContoh"')
    ((number, _reason),) = take_over(database, tmp_path / "patients.csv", now, HEAD, two_lines, "Ani,,,,")
    assert 4 == number
