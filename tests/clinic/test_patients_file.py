"""The register as a file: good lines are taken over, bad ones named, and nothing is doubled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from clinic.contacts import contacts_of, people_of
from clinic.database import Database
from clinic.identity import IdentityKeeper
from clinic.membership import MembershipView, membership_of
from clinic.patients_file import ImportReport, PatientsFileError, import_patients
from clinic.people import Person, find_by_card, find_by_nik
from tests.clinic.hands import KEEPER

HEAD = "name,birth_date,sex,nik,card_number,phone,status,active,segment,class,facility,as_of"
SITI = (
    "Siti Contoh,1988-02-14,P,6472015402880001,0001234567890,081200000001,AKTIF,ya,PBI,3,Puskesmas Wonorejo,2026-11-01"
)
TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Register:
    """A CSV file that is written and imported."""

    database: Database
    path: Path
    now: datetime

    def take_over(self, *lines: str, head: str = HEAD, encoding: str = "utf-8") -> ImportReport:
        self.path.write_bytes("\n".join((head, *lines)).encode(encoding))
        with self.database.transaction() as db:
            return import_patients(db, self.path, keeper=KEEPER, now=self.now, as_of=TODAY)

    def people(self) -> int:
        with self.database.reading() as db:
            return db.scalar(select(func.count(Person.id))) or 0

    def membership(self) -> MembershipView | None:
        with self.database.reading() as db:
            found = find_by_nik(db, "6472015402880001", keeper=KEEPER)
            return membership_of(db, found.id) if found is not None else None


@pytest.fixture
def register(database: Database, tmp_path: Path, now: datetime) -> Register:
    return Register(database, tmp_path / "patients.csv", now)


def test_a_good_line_is_taken_over_whole(register: Register, keeper: IdentityKeeper) -> None:
    report = register.take_over(SITI)
    with register.database.reading() as db:
        person = find_by_card(db, "0001234567890", keeper=keeper)
        assert person is not None
        (contact_id,) = contacts_of(db, person.id)
        proofs = [link.proof for link in people_of(db, contact_id)]
    found = register.membership()
    assert found is not None
    assert ImportReport(added=1, updated=0, refused=()) == report
    assert ("Siti Contoh", date(1988, 2, 14), "P", "6472015402880001") == (
        person.name,
        person.birth_date,
        person.sex,
        person.nik,
    )
    assert ["staff"] == proofs
    assert (True, "AKTIF", "PBI", "3", "Puskesmas Wonorejo", date(2026, 11, 1)) == (
        found.is_active,
        found.status,
        found.segment,
        found.care_class,
        found.facility,
        found.as_of,
    )


def test_the_same_file_twice_adds_nobody(register: Register) -> None:
    register.take_over(SITI)
    assert (ImportReport(added=0, updated=1, refused=()), 1) == (register.take_over(SITI), register.people())


def test_older_knowledge_does_not_replace_newer(register: Register) -> None:
    register.take_over(SITI)
    register.take_over(SITI.replace("AKTIF,ya", "TIDAK AKTIF,tidak").replace("2026-11-01", "2026-10-01"))
    found = register.membership()
    assert found is not None
    assert found.is_active


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param(",1988-02-14,P,,,,,,,,,", "name", id="no name"),
        pytest.param("Siti,14 Feb 88,P,,,,,,,,,", "birth_date", id="a date in words"),
        pytest.param("Siti,1988-02-30,P,,,,,,,,,", "birth_date", id="a date that is none"),
        pytest.param("Siti,1988-02-14,W,,,,,,,,,", "neither L nor P", id="an unknown sex"),
        pytest.param("Siti,1988-02-14,P,6.47201540288E+15,,,,,,,,", "cut by a spreadsheet", id="a NIK in E notation"),
        pytest.param('Siti,1988-02-14,P,"6,47E+15",,,,,,,,', "cut by a spreadsheet", id="the same with a comma"),
        pytest.param("Siti,1988-02-14,P,,1.2E+09,,,,,,,", "cut by a spreadsheet", id="a card in E notation"),
        pytest.param("Siti,1988-02-14,P,647201540288,,,,,,,,", "16 digits", id="a short NIK"),
        pytest.param("Siti,1988-02-14,P,,1234567890,,,,,,,", "13 digits", id="a card without its leading noughts"),
        pytest.param("Siti,1988-02-14,P,,,0541-123,,,,,,", "mobile", id="a landline"),
        pytest.param("Siti,1988-02-14,P,,,,,mungkin,,,,", "neither ya nor tidak", id="neither active nor not"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_is_kept(register: Register, line: str, why: str) -> None:
    report = register.take_over(SITI, line, SITI.replace("6472015402880001,0001234567890", ",").replace("Siti", "Ani"))
    ((number, reason),) = report.refused
    assert (2, 3) == (report.added, number)
    assert why in reason


def test_a_nik_and_a_card_of_two_people_are_refused(register: Register) -> None:
    other = "Budi Contoh,1980-01-02,L,6472010201800001,0001234567891,,,,,,,"
    mixed = "Siti Contoh,1988-02-14,P,6472015402880001,0001234567891,,,,,,,"
    report = register.take_over(SITI, other, mixed)
    assert (2, 4) == (report.added, report.refused[0][0])


@pytest.mark.parametrize(
    ("head", "line", "encoding"),
    [
        pytest.param(HEAD, SITI, "utf-8-sig", id="with a byte order mark"),
        pytest.param(HEAD.replace(",", ";"), SITI.replace(",", ";"), "utf-8", id="with semicolons"),
        pytest.param(HEAD + "\r", SITI + "\r", "utf-8", id="with Windows line ends"),
        pytest.param(HEAD.upper(), SITI, "utf-8", id="with capitals in the first line"),
        pytest.param(HEAD, SITI.replace("1988-02-14", "14/02/1988"), "utf-8", id="with an Indonesian date"),
        pytest.param(HEAD, SITI.replace("6472015402880001", "'6472 0154 0288 0001"), "utf-8", id="with a spaced NIK"),
        pytest.param(HEAD, SITI.replace("081200000001", "+62 812-0000-0001"), "utf-8", id="with +62"),
    ],
)
def test_what_spreadsheets_write_is_read(register: Register, head: str, line: str, encoding: str) -> None:
    report = register.take_over(line, head=head, encoding=encoding)
    assert (ImportReport(added=1, updated=0, refused=()), True) == (report, register.membership() is not None)


@pytest.mark.parametrize(
    ("head", "encoding", "why"),
    [
        pytest.param("name,sex", "utf-8", "birth_date", id="a column is missing"),
        pytest.param(HEAD + ",diagnosis", "utf-8", "diagnosis", id="a column too many"),
        pytest.param(HEAD + ",é", "latin-1", "UTF-8", id="not UTF-8"),
        pytest.param("", "utf-8", "columns", id="nothing at all"),
    ],
)
def test_a_file_that_is_no_register_is_refused_whole(register: Register, head: str, encoding: str, why: str) -> None:
    with pytest.raises(PatientsFileError, match=why):
        register.take_over(SITI, head=head, encoding=encoding)
    assert 0 == register.people()


def test_a_cell_without_end_is_refused_and_does_not_crash(register: Register) -> None:
    with pytest.raises(PatientsFileError, match="line"):
        register.take_over('"' + "a" * 200_000)


def test_the_number_of_a_file_is_kept_as_it_is_written_and_a_blank_one_takes_none_away(register: Register) -> None:
    head = "name,birth_date,nik,record_number"
    register.take_over("Siti Contoh,1988-02-14,6472015402880001,0012-34", head=head)
    register.take_over("Siti Contoh,1988-02-14,6472015402880001,", head=head)
    report = register.take_over(f"Budi Contoh,1990-01-01,,{'9' * 21}", head=head)
    with register.database.reading() as db:
        assert ["0012-34"] == list(db.scalars(select(Person.record_number)))
    assert ((2, "record_number: 20 letters at most"),) == report.refused
