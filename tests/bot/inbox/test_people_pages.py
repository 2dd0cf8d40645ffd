"""Staff find a patient, complete what chat left open, and make two records of one person one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from clinic.audit import AuditEntry
from clinic.contacts import link_person
from clinic.people import Person, add_person
from clinic.queue import QueueEntry, take_number
from clinic.told_apart import told_apart
from tests.pages_world import World, send

NIK, CARD = "6472015705900001", "0001111111111"
BORN = date(1990, 5, 17)


@dataclass
class Counter:
    """Sari at the counter, with the register in front of her."""

    world: World
    browser: FlaskClient

    def person(self, name: str = "Siti Aminah", **known: object) -> int:
        services = self.world.services
        with services.database.transaction() as db:
            return add_person(db, name=name, keeper=services.keeper, now=self.world.clock(), **known).id  # type: ignore[arg-type]

    def number(self, person: int) -> None:
        services, now = self.world.services, self.world.clock()
        with services.database.transaction() as db:
            take_number(
                db,
                facility=services.facility,
                poli="umum",
                day=services.facility.today(now),
                session="pagi",
                person_id=person,
                contact_id=None,
                via="counter",
                now=now,
            )

    def sees(self, address: str) -> str:
        return self.browser.get(address, follow_redirects=True).get_data(as_text=True)

    def saves(self, person: int, **fields: str) -> str:
        page = f"/inbox/people/{person}"
        given = {"name": "Siti Aminah", "born": "", "sex": "", "nik": "", "card": "", "record_number": ""} | fields
        answer = send(self.browser, page, page=page, **given)
        return answer.get_data(as_text=True) if answer.status_code != 302 else self.sees(page)

    def merges(self, one: int, other: int, *, keep: int | None, sure: str = "1", **chosen: str) -> str:
        page = f"/inbox/people/{one}/merge/{other}"
        fields = {"sure": sure, **chosen} | ({} if keep is None else {"keep": str(keep)})
        answer = send(self.browser, page, page=page, **fields)
        return answer.get_data(as_text=True) if answer.status_code != 302 else self.sees(answer.location)

    def row(self, person: int) -> Person:
        with self.world.services.database.reading() as db:
            return db.get_one(Person, person)

    def acts(self) -> list[tuple[str, str, str]]:
        with self.world.services.database.reading() as db:
            rows = db.scalars(select(AuditEntry).order_by(AuditEntry.id))
            return [(row.action, row.subject, row.detail) for row in rows if row.action != "login"]


@pytest.fixture
def counter(world: World) -> Counter:
    return Counter(world, world.logged_in())


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("aminah", id="part of the name"),
        pytest.param("17-5-1990", id="birth date"),
        pytest.param("17 mei 1990", id="birth date in words"),
        pytest.param(NIK, id="whole NIK"),
        pytest.param("6472 0157 0590 0001", id="NIK as it stands on the card"),
        pytest.param(CARD, id="whole card"),
        pytest.param("0812 0000 099", id="the phone, as people say it"),
    ],
)
def test_a_patient_is_found(counter: Counter, typed: str) -> None:
    person = counter.person(birth_date=BORN, nik=NIK, card=CARD)
    counter.person("Budi Santoso", birth_date=date(1980, 1, 1))
    contact = counter.world.add_contact(None, "+628120000099")
    with counter.world.services.database.transaction() as db:
        link_person(db, contact_id=contact, person_id=person, role="self", proof="staff", now=counter.world.clock())

    page = counter.browser.get("/inbox/people", query_string={"q": typed}).get_data(as_text=True)

    assert f"/inbox/people/{person}" in page
    assert "Budi" not in page


def test_part_of_an_identity_number_finds_nobody_and_none_is_shown_whole(counter: Counter) -> None:
    person = counter.person(nik=NIK, card=CARD)

    assert f"/inbox/people/{person}" not in counter.sees("/inbox/people?q=90000")
    page = counter.sees(f"/inbox/people/{person}")
    assert NIK not in page
    assert CARD not in page
    assert "6472********0001" in page


def test_what_chat_left_open_is_completed(counter: Counter) -> None:
    person = counter.person("siti a", birth_date=date(1990, 7, 1), is_birth_date_exact=False)

    page = counter.saves(person, born="17 mei 90", sex="P", nik="6472 0157 0590 0001", card=CARD, record_number="RM12")

    kept, keeper = counter.row(person), counter.world.services.keeper
    assert ("Siti Aminah", BORN, True, "P", "RM12") == (
        kept.name,
        kept.birth_date,
        kept.is_birth_date_exact,
        kept.sex,
        kept.record_number,
    )
    assert (keeper.hash(NIK), keeper.hash(CARD)) == (kept.nik_hash, kept.card_hash)
    assert "Data pasien disimpan" in page
    assert [("edit_person", f"person:{person}", "name,birth_date,sex,nik,card,record_number")] == counter.acts()


def test_what_is_left_as_it_was_stays_as_it_was(counter: Counter) -> None:
    person = counter.person(birth_date=date(1990, 3, 1), is_birth_date_exact=False, nik=NIK)

    counter.saves(person, born="1990")

    kept = counter.row(person)
    assert (date(1990, 3, 1), False) == (kept.birth_date, kept.is_birth_date_exact)
    assert kept.nik_hash == counter.world.services.keeper.hash(NIK)
    assert [] == counter.acts()


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        pytest.param({"name": "  "}, "Nama harus diisi", id="no name"),
        pytest.param({"born": "kapan ya"}, "tidak terbaca", id="no date"),
        pytest.param({"born": "31-2-1990"}, "tidak ada di kalender", id="no such day"),
        pytest.param({"born": "17-5-2031"}, "belum terjadi", id="to come"),
        pytest.param({"nik": "12345"}, "NIK harus 16 angka", id="short NIK"),
        pytest.param({"nik": "6472019905900001"}, "NIK harus 16 angka", id="no day inside the NIK"),
        pytest.param({"card": "123"}, "harus 13 angka", id="short card"),
        pytest.param({"nik": NIK, "born": "18-5-1990"}, "tidak cocok dengan NIK", id="another day than the NIK"),
        pytest.param({"nik": NIK, "born": "17-5-1990", "sex": "L"}, "Jenis kelamin tidak cocok", id="another sex"),
    ],
)
def test_what_cannot_be_is_refused_and_kept_in_the_form(counter: Counter, fields: dict[str, str], word: str) -> None:
    person = counter.person()

    page = counter.saves(person, record_number="RM77", **fields)

    assert word in page
    assert "RM77" in page, "what was typed is not lost"
    assert counter.row(person).record_number is None
    assert [] == counter.acts()


def test_who_looked_at_the_card_may_keep_what_does_not_fit_and_the_page_goes_on_saying_so(counter: Counter) -> None:
    person = counter.person()

    page = counter.saves(person, nik=NIK, born="18-5-1990", sure="1")

    assert date(1990, 5, 18) == counter.row(person).birth_date
    assert "tidak cocok dengan NIK" in page


def test_a_nik_of_somebody_else_leads_to_that_record(counter: Counter) -> None:
    owner, person = counter.person(nik=NIK), counter.person("St. Aminah")

    page = counter.saves(person, nik=NIK)

    assert "sudah tercatat pada orang lain" in page
    assert f"/inbox/people/{person}/merge/{owner}" in page
    assert counter.row(person).nik_hash is None


def test_doubles_are_suggested_side_by_side_and_merged_after_a_choice(counter: Counter) -> None:
    keep = counter.person(birth_date=BORN, nik=NIK, sex="P")
    gone = counter.person("St. Aminah", birth_date=BORN, sex="L")
    counter.number(gone)
    assert f"/inbox/people/{keep}/merge/{gone}" in counter.sees("/inbox/people")

    side_by_side = counter.sees(f"/inbox/people/{keep}/merge/{gone}")
    assert "St. Aminah" in side_by_side
    assert 'name="sex"' in side_by_side
    assert 'name="birth_date"' not in side_by_side, "both say the same"

    assert "Pilih mana yang benar" in counter.merges(keep, gone, keep=keep)
    page = counter.merges(keep, gone, keep=keep, sex=str(keep))

    assert "sudah digabung" in page
    assert "A1" in page
    assert "Digabung dari" in page
    assert keep == counter.row(gone).merged_into_id
    assert ("merge_people", f"person:{keep}") == counter.acts()[-1][:2]
    assert "Siti Aminah" in counter.sees(f"/inbox/people/{gone}"), "the old address leads to the kept one"
    assert "/merge/" not in counter.sees("/inbox/people")


@pytest.mark.parametrize(("keep", "sure", "word"), [(False, "1", "Pilih dulu data mana"), (True, "", "Centang dulu")])
def test_nothing_is_merged_without_a_choice_and_a_word(counter: Counter, keep: bool, sure: str, word: str) -> None:
    one, other = counter.person(), counter.person()

    assert word in counter.merges(one, other, keep=one if keep else None, sure=sure)
    assert counter.row(other).merged_into_id is None


def test_two_live_numbers_are_named_and_nothing_is_merged(counter: Counter) -> None:
    one, other = counter.person(), counter.person()
    counter.number(one)
    counter.number(other)

    page = counter.merges(one, other, keep=other)

    assert "Batalkan salah satu dulu" in page
    assert "<strong>A1</strong> dan <strong>A2</strong>" in page
    with counter.world.services.database.reading() as db:
        assert {one, other} == set(db.scalars(select(QueueEntry.person_id)))


def test_two_people_are_told_apart_for_good(counter: Counter) -> None:
    one = counter.person("Muhammad Hasan", birth_date=BORN)
    other = counter.person("Muhammad Hassan", birth_date=BORN)
    page = f"/inbox/people/{one}/merge/{other}"

    send(counter.browser, f"/inbox/people/{other}/apart/{one}", page=page)

    with counter.world.services.database.reading() as db:
        assert {(one, other)} == told_apart(db)
    assert "/merge/" not in counter.sees("/inbox/people")
    assert [("told_apart", f"person:{one},{other}", "")] == counter.acts()


@pytest.mark.parametrize("address", ["/inbox/people/99", "/inbox/people/1/merge/99", "/inbox/people/99/merge/98"])
def test_nobody_of_that_number_is_a_page_that_does_not_exist(counter: Counter, address: str) -> None:
    counter.person()

    assert 404 == counter.browser.get(address).status_code


def test_a_name_cannot_bring_markup(counter: Counter) -> None:
    person = counter.person("<b>Siti</b>")

    assert "<b>Siti" not in counter.sees(f"/inbox/people/{person}")
