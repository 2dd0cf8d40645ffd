"""Membership for a phone that nobody is linked to: a number and a birth date open the answer, and only both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import pytest

from clinic.cases import list_cases
from clinic.contacts import find_or_create_contact, people_of
from clinic.conversations import load_state
from clinic.database import Database
from clinic.desk import Desk
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from flows.identity_numbers import birth_date_beside, number_in, without_numbers
from tests.transcripts.runner import ADDRESS, Stage, prepare, read_time

EIGHT = "2026-11-23T08:00+08:00"
NIK, CARD = "6472015205900001", "0001000000071"
BORN = date(1990, 5, 12)
ASK_NUMBER = "Tulis 13 angka di kartu BPJS"
ASK_BIRTH_DATE = "Kapan tanggal lahirnya?"
NO_MATCH = "Belum cocok dengan catatan kami. Tulis lagi 13 angka kartu BPJS, atau 16 angka NIK."


class NewPhone:
    """A phone that never wrote before, at a centre whose register knows Siti Aminah and Rohani."""

    def __init__(self, database: Database, facility: Facility, keeper: IdentityKeeper, given: str = "register") -> None:
        self.stage = Stage(database, facility, keeper, {"given": given, "now": EIGHT})
        prepare(self.stage)

    def writes(self, text: str, *, reads: str | None = None) -> str:
        return self.stage.say({"me": text, "reads": reads}) or ""

    def linked(self) -> list[tuple[str, str, str]]:
        with self.stage.database.transaction() as db:
            contact, _ = find_or_create_contact(
                db, channel="sms", address=ADDRESS, profile_name=None, now=self.stage.now
            )
            return [(person.name, person.role, person.proof) for person in people_of(db, contact.id)]

    def state(self) -> str:
        with self.stage.database.transaction() as db:
            contact, _ = find_or_create_contact(
                db, channel="sms", address=ADDRESS, profile_name=None, now=self.stage.now
            )
            return json.dumps(load_state(db, contact.id))

    def cases(self) -> list[tuple[str | None, str]]:
        with self.stage.database.transaction() as db:
            return [(case.topic, case.text) for case in list_cases(db, state=None, limit=9, offset=0)]


@pytest.fixture
def phone(database: Database, facility: Facility, keeper: IdentityKeeper) -> NewPhone:
    return NewPhone(database, facility, keeper)


@pytest.fixture
def desk(database: Database, facility: Facility, keeper: IdentityKeeper) -> Iterator[Desk]:
    """The desk of a contact who speaks for nobody, beside the same register."""
    prepare(Stage(database, facility, keeper, {"given": "register", "now": EIGHT}))
    now = read_time(EIGHT)
    with database.transaction() as db:
        contact, _ = find_or_create_contact(db, channel="sms", address=ADDRESS, profile_name=None, now=now)
        yield Desk(db=db, facility=facility, keeper=keeper, contact_id=contact.id, channel="sms", now=now)


@pytest.mark.parametrize("number", [pytest.param(NIK, id="NIK"), pytest.param(CARD, id="card number")])
def test_number_and_birth_date_together_give_the_answer_and_link_the_person(phone: NewPhone, number: str) -> None:
    assert ASK_NUMBER in phone.writes("bpjs saya aktif ga", reads="membership_status")
    assert ASK_BIRTH_DATE in phone.writes(number)
    assert phone.writes("12 mei 90").startswith("BPJS Siti aktif.")
    assert phone.linked() == [("Siti Aminah", "self", "matched")]


def test_a_number_in_the_first_message_is_not_asked_for_again(phone: NewPhone) -> None:
    assert ASK_BIRTH_DATE in phone.writes(f"cek bpjs nik {NIK}", reads="membership_status")


def test_all_in_one_message_is_answered_at_once(phone: NewPhone) -> None:
    assert "BPJS Siti aktif." in phone.writes(f"cek bpjs {NIK} lahir 12 mei 1990", reads="membership_status")


def test_neither_the_state_nor_the_case_nor_any_reply_holds_the_number(phone: NewPhone) -> None:
    said = phone.writes(f"cek bpjs {NIK}", reads="membership_status")
    kept = phone.state()
    said += phone.writes("1 1 2001") + phone.writes(CARD)
    kept += phone.state()
    said += phone.writes("2 2 2002")

    everything = said + kept + str(phone.cases())
    assert "membership" in str(phone.cases())
    assert [number for number in (NIK, CARD, NIK[4:-4]) if number in everything] == []


@pytest.mark.parametrize(
    ("number", "born"),
    [
        pytest.param(CARD, "13 mei 1990", id="a number that exists, another birth date"),
        pytest.param("0009999999999", "12 mei 1990", id="a number that does not exist"),
        pytest.param("0001000000072", "12 mei 1990", id="the birth date of somebody else"),
    ],
)
def test_whatever_is_wrong_the_answer_is_the_same_and_nobody_is_linked(phone: NewPhone, number: str, born: str) -> None:
    phone.writes("bpjs saya aktif ga", reads="membership_status")

    assert phone.writes(number) == "Kapan tanggal lahirnya? Contoh: 12 Mei 90."
    assert phone.writes(born) == NO_MATCH
    assert phone.linked() == []


def test_two_misses_go_to_a_person_who_reads_what_was_asked(phone: NewPhone) -> None:
    phone.writes("bpjs saya aktif ga", reads="membership_status")
    for answer in (CARD, "13 mei 1990", CARD, "14 mei 1990"):
        said = phone.writes(answer)

    assert said.startswith("Baik, petugas segera balas di sini.")
    assert phone.cases() == [("membership", "bpjs saya aktif ga\n14 mei 1990")]


@pytest.mark.parametrize("answer", ["lupa", "tidak ada", "gak punya kartunya", "hilang bu", "ga hafal"])
def test_who_has_no_number_at_hand_is_offered_a_person(phone: NewPhone, answer: str) -> None:
    phone.writes("bpjs saya aktif ga", reads="membership_status")

    assert phone.writes(answer).startswith("Tidak apa-apa. Mau kami tanyakan ke petugas?")


def test_salah_asks_for_the_number_again(phone: NewPhone) -> None:
    phone.writes("bpjs saya aktif ga", reads="membership_status")
    phone.writes(CARD)

    assert ASK_NUMBER in phone.writes("salah")


def test_a_relation_that_was_named_becomes_the_role(phone: NewPhone) -> None:
    phone.writes("bpjs ibu saya aktif ga", reads="membership_status")
    phone.writes("0001000000072")
    phone.writes("1 maret 1955")

    assert phone.linked() == [("Rohani", "parent", "matched")]


def test_a_number_may_answer_the_question_whose_it_is(
    database: Database, facility: Facility, keeper: IdentityKeeper
) -> None:
    phone = NewPhone(database, facility, keeper, given="family")
    assert phone.writes("bpjs aktif?", reads="membership_status").startswith("BPJS siapa?")

    assert ASK_BIRTH_DATE in phone.writes(CARD)


def test_the_desk_links_the_first_as_owner_and_the_next_as_somebody_else(desk: Desk) -> None:
    desk.find_member(desk.number_key(NIK), BORN)
    desk.find_member(desk.number_key("0001000000072"), date(1955, 3, 1))

    assert [(person.name, person.role) for person in desk.people()] == [("Siti Aminah", "self"), ("Rohani", "other")]


def test_a_phone_has_one_owner(desk: Desk) -> None:
    desk.add_person(name="Siti", role="self")

    found = desk.find_member(desk.number_key(NIK), BORN, role="self")

    assert found is not None
    assert found.role == "other"


def test_the_desk_keeps_a_key_from_which_the_number_cannot_be_read(desk: Desk) -> None:
    assert NIK not in desk.number_key(NIK)
    assert desk.number_key(NIK) != desk.number_key(CARD)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        pytest.param(NIK, f"cek {NIK} ya", id="NIK"),
        pytest.param(CARD, "0001 0000 0007 1", id="card number in groups"),
        pytest.param(NIK, f"{NIK} 12 mei 1990", id="a date behind it"),
        pytest.param(None, "hp saya 081200000077", id="a phone number"),
        pytest.param(None, "0812000000777", id="a phone number of thirteen digits"),
        pytest.param(None, "12345", id="too short"),
        pytest.param(None, "1" * 1000, id="a thousand digits"),
    ],
)
def test_a_number_is_found_however_it_is_written(expected: str | None, text: str) -> None:
    assert number_in(text) == expected


def test_a_text_is_kept_without_its_numbers() -> None:
    assert without_numbers(f"cek {NIK} dan 0001 0000 0007 1") == "cek 6472********0001 dan 0001*****0071"


def test_a_birth_date_is_not_read_out_of_the_number() -> None:
    today = date(2026, 11, 23)

    assert birth_date_beside(NIK, today=today) is None
    assert birth_date_beside(f"{NIK} 12-05-1990", today=today) == BORN
