"""The register as a file: takes a CSV of patients over, names what it cannot read, and keeps the rest."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.contacts import find_or_create_contact, link_person
from clinic.database import Database
from clinic.identity import IdentityKeeper
from clinic.membership import MembershipFacts, save_membership
from clinic.people import Person, add_person, find_by_card, find_by_nik, standing_id

COLUMNS = tuple(
    "name birth_date sex nik card_number record_number phone status active segment class facility as_of".split()
)
NEEDED = ("name", "birth_date")
YES = {"1", "ya", "y", "yes", "true", "aktif"}
NO = {"0", "tidak", "t", "no", "n", "false", "tidak aktif", "nonaktif", "non aktif"}
DATES = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y")
LARGEST_FILE = 50 * 1024 * 1024
LINES_A_TIME = 100
LONGEST_RECORD_NUMBER = 20
TOO_MUCH = "too much"
"""In the place of a column: the line has more cells than the first one."""


class PatientsFileError(Exception):
    """The file as a whole cannot be read; the text says what is wrong with it."""


@dataclass(frozen=True)
class ImportReport:
    """What became of the lines; `refused` names each that was left out, and why."""

    added: int
    updated: int
    refused: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class _Row:
    name: str
    birth_date: date
    sex: str | None
    nik: str | None
    card: str | None
    record_number: str | None
    phone: str | None
    facts: MembershipFacts | None


class _Unreadable(Exception):
    """One line cannot be taken over."""


def import_patients(db: Session, path: Path, *, keeper: IdentityKeeper, now: datetime, as_of: date) -> ImportReport:
    """Add or update the people of a CSV file (comma or semicolon, UTF-8); raises PatientsFileError.

    Somebody known by NIK or card number is updated, anybody else added; without either number a line is somebody new
    only if no one of that name and birth date exists. The same file twice changes nothing.
    """
    return _import_lines(db, _lines(path), keeper=keeper, now=now, as_of=as_of)


def import_in_parts(
    database: Database, path: Path, *, keeper: IdentityKeeper, now: datetime, as_of: date
) -> ImportReport:
    """The same for a file of any length: commits every hundred lines, so that patients' messages come in meanwhile."""
    lines = list(_lines(path))
    reports = []
    for start in range(0, len(lines), LINES_A_TIME):
        with database.transaction() as db:
            part = lines[start : start + LINES_A_TIME]
            reports.append(_import_lines(db, part, keeper=keeper, now=now, as_of=as_of))
    return ImportReport(
        added=sum(report.added for report in reports),
        updated=sum(report.updated for report in reports),
        refused=tuple(chain.from_iterable(report.refused for report in reports)),
    )


def _import_lines(
    db: Session, lines: Iterable[tuple[int, Mapping[str, str]]], *, keeper: IdentityKeeper, now: datetime, as_of: date
) -> ImportReport:
    added, updated, refused = 0, 0, []
    for number, fields in lines:
        try:
            row = _read(fields, as_of=as_of, today=max(now.date(), as_of))
            with db.begin_nested():
                is_new = _take_over(db, row, keeper=keeper, now=now)
        except _Unreadable as error:
            refused.append((number, str(error)))
        except IntegrityError:
            refused.append((number, "NIK and card number belong to two different people here"))
        else:
            added, updated = added + is_new, updated + (not is_new)
    return ImportReport(added=added, updated=updated, refused=tuple(refused))


def _lines(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    if path.stat().st_size > LARGEST_FILE:
        raise PatientsFileError(f"{path}: larger than 50 MB; split it")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise PatientsFileError(f"{path}: not UTF-8; save it as 'CSV UTF-8'") from error
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    names = [name.strip().lower() for name in reader.fieldnames or []]
    missing = [name for name in NEEDED if name not in names]
    unknown = [name for name in names if name not in COLUMNS]
    twice = [name for name in COLUMNS if names.count(name) > 1]
    if missing or unknown or twice:
        wrong = f"missing: {', '.join(missing)}" if missing else f"not known or twice: {', '.join(unknown + twice)}"
        raise PatientsFileError(f"{path}: columns {wrong}; the columns are {', '.join(COLUMNS)}")
    reader.fieldnames = names
    try:
        for fields in reader:
            filled = {name: _cell(value) for name, value in fields.items() if name in COLUMNS}
            if any(filled.values()):
                yield reader.line_num, filled | ({TOO_MUCH: "yes"} if None in fields else {})
    except csv.Error as error:
        raise PatientsFileError(f"{path}: line {reader.line_num + 1} cannot be read ({error})") from error


def _cell(value: str | None) -> str:
    return (value or "").replace("\x00", "").strip()


def _read(fields: Mapping[str, str], *, as_of: date, today: date) -> _Row:
    name = re.sub(r"\s+", " ", fields["name"])
    if not name or len(name) > 200:
        raise _Unreadable("name: 1 to 200 letters are needed")
    if TOO_MUCH in fields:
        raise _Unreadable("more cells than columns; put what holds a comma in quotes")
    phone = fields.get("phone", "")
    birth_date = _date("birth_date", fields["birth_date"])
    if birth_date > today:
        raise _Unreadable(f"birth_date: {birth_date} is still to come")
    return _Row(
        name=name,
        birth_date=birth_date,
        sex=_sex(fields.get("sex", "")),
        nik=_digits("nik", fields.get("nik", ""), 16),
        card=_digits("card_number", fields.get("card_number", ""), 13),
        record_number=_record_number(fields.get("record_number", "")),
        phone=_phone(phone) if phone else None,
        facts=_facts(fields, as_of=as_of),
    )


def _facts(fields: Mapping[str, str], *, as_of: date) -> MembershipFacts | None:
    active = fields.get("active", "").lower()
    if not active:
        return None
    if active not in YES | NO:
        raise _Unreadable(f"active: {fields['active']!r} is neither ya nor tidak")
    told = fields.get("as_of", "")
    return MembershipFacts(
        is_active=active in YES,
        status=fields.get("status", "")[:120] or ("AKTIF" if active in YES else "TIDAK AKTIF"),
        segment=fields.get("segment", "")[:80] or None,
        care_class=fields.get("class", "")[:20] or None,
        facility=fields.get("facility", "")[:120] or None,
        as_of=_date("as_of", told) if told else as_of,
    )


def _digits(column: str, value: str, length: int) -> str | None:
    """Digits only; what a spreadsheet has turned into 6,47E+15 has lost its last digits and is refused."""
    if not value:
        return None
    if re.search(r"[eE]\+?\d", value):
        raise _Unreadable(f"{column}: {value!r} was cut by a spreadsheet; format the column as text and export again")
    digits = re.sub(r"[\s.'-]", "", value)
    if not re.fullmatch(rf"[0-9]{{{length}}}", digits):
        raise _Unreadable(f"{column}: {length} digits are needed")
    return digits


def _record_number(value: str) -> str | None:
    """The centre's own number of the file, as it is written there, leading zeros kept."""
    if len(value) > LONGEST_RECORD_NUMBER:
        raise _Unreadable(f"record_number: {LONGEST_RECORD_NUMBER} letters at most")
    return value or None


def _date(column: str, value: str) -> date:
    for form in DATES:
        try:
            return datetime.strptime(value, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise _Unreadable(f"{column}: {value!r} is no date; write 1990-05-31")


def _sex(value: str) -> str | None:
    if value.upper() not in ("", "L", "P"):
        raise _Unreadable(f"sex: {value!r} is neither L nor P")
    return value.upper() or None


def _phone(value: str) -> str:
    digits = re.sub(r"[\s().-]", "", value)
    digits = re.sub(r"^(\+?62|0)", "+62", digits)
    if not re.fullmatch(r"\+628[0-9]{7,11}", digits):
        raise _Unreadable(f"phone: {value!r} is no Indonesian mobile number")
    return digits


def _take_over(db: Session, row: _Row, *, keeper: IdentityKeeper, now: datetime) -> bool:
    """Add or update one person; True when new."""
    known = _known(db, row, keeper)
    person = known if known is not None else _new(db, row, keeper, now)
    if known is not None:
        _update(db, known, row, keeper)
    person.record_number = row.record_number or person.record_number
    db.flush()
    if row.facts is not None:
        save_membership(db, person.id, row.facts, now=now)
    if row.phone is not None:
        contact, _ = find_or_create_contact(db, channel="whatsapp", address=row.phone, profile_name=None, now=now)
        link_person(db, contact_id=contact.id, person_id=person.id, role="other", proof="staff", now=now)
    return known is None


def _known(db: Session, row: _Row, keeper: IdentityKeeper) -> Person | None:
    for view in (
        find_by_nik(db, row.nik, keeper=keeper) if row.nik else None,
        find_by_card(db, row.card, keeper=keeper) if row.card else None,
    ):
        if view is not None:
            return _same_person(db.get_one(Person, view.id), row, keeper)
    if row.nik or row.card:
        return None
    same = db.query(Person).filter(Person.name == row.name, Person.birth_date == row.birth_date)
    same = same.filter(Person.is_birth_date_exact.is_(True)).order_by(Person.merged_into_id.is_not(None), Person.id)
    found = same.first()
    return None if found is None else db.get_one(Person, standing_id(db, found.id))


def _same_person(person: Person, row: _Row, keeper: IdentityKeeper) -> Person:
    """A card is replaced now and then, a NIK never: a card with somebody else's NIK is a slip of the pen."""
    if row.nik is not None and person.nik_hash not in (None, keeper.hash(row.nik)):
        raise _Unreadable("card_number: belongs to a person with another NIK here")
    return person


def _new(db: Session, row: _Row, keeper: IdentityKeeper, now: datetime) -> Person:
    view = add_person(
        db, name=row.name, birth_date=row.birth_date, sex=row.sex, nik=row.nik, card=row.card, keeper=keeper, now=now
    )
    return db.get_one(Person, view.id)


def _update(db: Session, person: Person, row: _Row, keeper: IdentityKeeper) -> None:
    """A line found by name and birth date alone may be that of a merged double: it changes neither."""
    if row.nik or row.card:
        person.name, person.birth_date, person.is_birth_date_exact = row.name, row.birth_date, True
    person.sex = row.sex or person.sex
    if row.nik is not None:
        person.nik_encrypted, person.nik_hash = keeper.encrypt(row.nik), keeper.hash(row.nik)
    if row.card is not None and not _is_card_of_a_double(db, person, row.card, keeper):
        person.card_encrypted, person.card_hash = keeper.encrypt(row.card), keeper.hash(row.card)


def _is_card_of_a_double(db: Session, person: Person, card: str, keeper: IdentityKeeper) -> bool:
    """An old card, which stays with the record that was merged into this one."""
    owner = db.query(Person).filter(Person.card_hash == keeper.hash(card)).first()
    return owner is not None and owner.merged_into_id == person.id
