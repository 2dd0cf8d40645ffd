"""Whom a message is about."""

from __future__ import annotations

from datetime import date

import pytest

from clinic.contacts import LinkedPerson
from flows.dialog import Choice, Heard, Unclear
from flows.whom import choices_among, find_whom, name_given, named_in, read_patient_name, read_whom, role_of
from nlu.understanding import Entity, Understanding

MOTHER = LinkedPerson(person_id=1, name="Siti Aminah", role="self", proof="claimed", birth_date=None)
SON = LinkedPerson(person_id=2, name="Budi", role="child", proof="claimed", birth_date=None)
DAUGHTER = LinkedPerson(person_id=3, name="Siti Rahma", role="child", proof="claimed", birth_date=None)
GRANDMOTHER = LinkedPerson(person_id=4, name="Rohani", role="parent", proof="claimed", birth_date=None)


def heard(
    text: str, *, choices: tuple[Choice, ...] = (), person: str | None = None, keyword: str | None = None
) -> Heard:
    entities = () if person is None else (Entity("person", person, person),)
    understanding = Understanding(text, "out_of_scope", 0.0, entities, by="step")
    return Heard(understanding, date(2026, 11, 23), keyword, choices)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("Budi", "Budi", id="only the name"),
        pytest.param("siti aminah", "Siti Aminah", id="in small letters"),
        pytest.param("SITI AMINAH", "Siti Aminah", id="in capitals"),
        pytest.param("nama saya Siti", "Siti", id="my name is"),
        pytest.param("namanya budi 3 thn", "Budi", id="with an age"),
        pytest.param("atas nama Dedi Kurniawan, umur 5 bulan", "Dedi Kurniawan", id="on behalf of"),
        pytest.param("pak Slamet Riyadi", "Slamet Riyadi", id="with a title"),
        pytest.param("Nur'aini Al-Fatih", "Nur'aini Al-Fatih", id="with apostrophe and hyphen"),
        pytest.param("Nur’aini", "Nur'aini", id="with the apostrophe of a phone"),
    ],
)
def test_a_name_is_read_without_the_words_around_it(text: str, name: str) -> None:
    assert name == read_patient_name(heard(text))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<b>budi</b>", id="HTML"),
        pytest.param("Budi'; DELETE FROM person", id="SQL"),
        pytest.param("anak saya", id="a relation"),
        pytest.param("apa ya", id="a question"),
        pytest.param("poli gigi", id="a poli"),
        pytest.param("jam berapa buka", id="another question"),
        pytest.param("1", id="a digit"),
        pytest.param("0812 0000 0077", id="a phone number"),
        pytest.param("😀", id="an emoji"),
        pytest.param("B", id="one letter"),
        pytest.param("saya mau daftar untuk anak saya yang kedua besok pagi ya bu", id="a sentence"),
    ],
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(Unclear) as refusal:
        read_patient_name(heard(text))
    assert "book_queue.name_please" == refusal.value.reply


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("antri gigi besok atas nama Dedi Kurniawan, lahir 1990", "Dedi Kurniawan", id="before a comma"),
        pytest.param("poli umum a/n suparti besok", "Suparti", id="before a day"),
        pytest.param("daftar umum nama anak saya Rina", "Rina", id="behind a relation"),
        pytest.param("umum besok nama Putri Indah", "Putri Indah", id="names that are words too"),
        pytest.param("a.n. nur hasanah jam 9", "Nur Hasanah", id="shortened with dots, before an hour"),
        pytest.param("an. budi santoso nik 123", "Budi Santoso", id="before a number's name"),
        pytest.param("nama ibu saya siti rohmah, ke lansia", "Siti Rohmah", id="behind my mother"),
        pytest.param("atas nama bapak", None, id="a relation is no name"),
        pytest.param("nama poli umum apa", None, id="no name behind the word"),
        pytest.param("antri gigi besok", None, id="no name at all"),
    ],
)
def test_a_name_that_the_message_introduces_is_taken(text: str, name: str | None) -> None:
    assert name == name_given(text)


@pytest.mark.parametrize(
    ("text", "person"),
    [
        pytest.param("antri gigi buat budi", SON, id="first name"),
        pytest.param("antri gigi buat siti", None, id="a first name that two have"),
        pytest.param("antri gigi buat siti rahma", DAUGHTER, id="full name"),
        pytest.param("antri gigi buat budiman", None, id="part of another name"),
    ],
)
def test_a_known_person_is_found_by_name(text: str, person: LinkedPerson | None) -> None:
    assert person == named_in(text, (MOTHER, SON, DAUGHTER))


def test_the_only_child_is_meant_by_anak() -> None:
    assert SON == find_whom((MOTHER, SON, GRANDMOTHER), "anak").person


def test_two_children_are_asked_apart() -> None:
    assert (SON, DAUGHTER) == find_whom((MOTHER, SON, DAUGHTER), "anak").among


def test_bapak_is_not_taken_for_the_only_parent_we_know() -> None:
    found = find_whom((MOTHER, GRANDMOTHER), "bapak")
    assert (None, (GRANDMOTHER,)) == (found.person, found.among)


def test_nobody_named_means_the_owner_of_a_phone_that_speaks_for_nobody_else() -> None:
    assert MOTHER == find_whom((MOTHER,), None).person


def test_nobody_named_is_asked_for_where_several_are_known() -> None:
    assert (MOTHER, SON) == find_whom((MOTHER, SON), None).among


def test_nobody_named_is_asked_for_where_only_a_child_is_known() -> None:
    assert (SON,) == find_whom((SON,), None).among


def test_somebody_elses_digit_keeps_the_relation_that_was_said() -> None:
    last = choices_among((GRANDMOTHER,), who="bapak")[-1]
    assert ("other:bapak", "parent") == (last.value, role_of(last.value))


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        pytest.param(heard("2"), "p2", id="digit"),
        pytest.param(heard("buat budi"), "p2", id="name"),
        pytest.param(heard("untuk anak saya", person="anak"), "anak", id="relation"),
        pytest.param(heard("Rina Wati"), "new:Rina Wati", id="a new name"),
    ],
)
def test_whom_is_answered_by_digit_name_or_relation(answer: Heard, value: str) -> None:
    offered = choices_among((MOTHER, SON), who=None)
    assert value == read_whom(Heard(answer.understanding, answer.today, answer.keyword, offered))


@pytest.mark.parametrize("answer", [heard("tidak tahu"), heard("iya", keyword="yes"), heard("7")])
def test_an_answer_that_names_nobody_is_unclear(answer: Heard) -> None:
    offered = choices_among((MOTHER, SON), who=None)
    with pytest.raises(Unclear):
        read_whom(Heard(answer.understanding, answer.today, answer.keyword, offered))
