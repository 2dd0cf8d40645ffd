"""Somebody comes without a number: one line at the counter, and a number to hand out."""

from __future__ import annotations

import re
from datetime import date

import pytest

from bot.inbox.queue_newcomer import Born, read_born, tidy_name
from clinic.people import Person
from clinic.queue_sessions import add_change
from tests.bot.inbox.queue_day import MONDAY, Nurse, QueueDay, plain
from tests.pages_world import World

NOON = {"hours": 2, "minutes": 30}
"""From 09.41 to 12.11: the morning session is over."""


@pytest.fixture
def day(world: World) -> QueueDay:
    return QueueDay(world)


def people(world: World) -> list[Person]:
    with world.services.database.reading() as db:
        return list(db.query(Person).order_by(Person.id))


def fill_the_morning(day: QueueDay) -> None:
    for number in range(12):
        day.book(f"Orang {number}", poli="gigi")


def test_a_name_alone_is_enough_for_a_number(world: World, day: QueueDay) -> None:
    text = Nurse(world).does("walk-in", name="pak kusno")
    assert "A1 Poli Umum Senin 23 Nov 2026, sesi pagi" in text
    assert "Pak Kusno" in text
    row = day.row("A1")
    assert ("counter", "waiting", "pagi") == (row.via, row.state, row.session)
    assert world.clock() == row.arrived_at, "who stands at the counter is there"
    assert ["walk_in"] == day.acts()


def test_birth_date_and_priority_may_be_said_in_the_same_line(world: World, day: QueueDay) -> None:
    Nurse(world).does("walk-in", name="Siti", born="17 agustus 93", priority="ibu_hamil")
    assert "ibu_hamil" == day.row("A1").priority
    assert [(date(1993, 8, 17), True)] == [(each.birth_date, each.is_birth_date_exact) for each in people(world)]


def test_an_age_is_kept_as_an_age_and_suggests_the_priority(world: World, day: QueueDay) -> None:
    text = Nurse(world).does("walk-in", name="Mbah Karto", born="72")
    assert "Jadikan lansia" in text
    assert day.row("A1").priority is None
    assert [(date(1954, 7, 1), False)] == [(each.birth_date, each.is_birth_date_exact) for each in people(world)]


def test_a_birth_date_that_cannot_be_read_is_asked_again_and_nothing_is_lost(world: World, day: QueueDay) -> None:
    client = world.logged_in()
    token = client.get("/inbox/queue/umum").get_data(as_text=True).split('name="csrf_token" value="')[1].split('"')[0]
    line = {"csrf_token": token, "name": "Siti", "born": "kemarin dulu", "priority": "lansia"}
    answer = client.post("/inbox/queue/umum/walk-in", data=line)
    html = answer.get_data(as_text=True)
    assert 400 == answer.status_code
    assert "Tanggal lahirnya tidak terbaca." in html
    assert 'value="Siti"' in html
    assert 'value="kemarin dulu"' in html
    assert '<option value="lansia" selected>' in html
    assert [] == people(world)


@pytest.mark.parametrize("name", ["", "   ", "12345", "?!"])
def test_a_line_without_a_name_gives_no_number(world: World, day: QueueDay, name: str) -> None:
    assert "Tulis namanya dulu." in Nurse(world).does("walk-in", name=name)
    assert {} == day.states()


def test_somebody_on_record_is_picked_and_not_entered_again(world: World, day: QueueDay) -> None:
    person = day.add_person("Siti Aminah", born=date(1990, 5, 17))
    Nurse(world).does("walk-in", name="siti", person=str(person))
    assert [person] == [row.person_id for row in day.rows()]
    assert 1 == len(people(world))


def test_a_name_that_is_on_record_is_asked_about_before_a_double_is_made(world: World, day: QueueDay) -> None:
    day.add_person("Siti Aminah", born=date(1990, 5, 17))
    nurse = Nurse(world)
    text = nurse.does("walk-in", name="siti aminah")
    assert "Sudah ada orang dengan nama ini." in text
    assert "lahir 1990 · belum pernah dilayani" in text
    assert {} == day.states()
    assert "A1 Poli Umum" in nurse.does("walk-in", name="siti aminah", person="new")
    assert 2 == len(people(world))


def test_another_birth_date_is_another_person(world: World, day: QueueDay) -> None:
    day.add_person("Siti Aminah", born=date(1990, 5, 17))
    assert "A1 Poli Umum" in Nurse(world).does("walk-in", name="Siti Aminah", born="3-2-1988")


def test_a_person_with_a_number_gets_that_number_and_may_be_checked_in(world: World, day: QueueDay) -> None:
    entry = day.book("Siti Aminah")
    nurse, person = Nurse(world), day.row("A1").person_id
    text = nurse.does("walk-in", name="siti", person=str(person))
    assert {"A1": "waiting"} == day.states()
    assert "A1 Poli Umum" in text
    assert "Catat hadir" in text
    assert "A1 hadir." in nurse.does(f"{entry}/arrive")
    assert "walk_in" not in day.acts()


def test_pressed_twice_a_new_person_is_entered_once(world: World, day: QueueDay) -> None:
    nurse = Nurse(world)
    nurse.does("walk-in", name="Pak Kusno")
    assert "Sudah ada orang dengan nama ini." in nurse.does("walk-in", name="Pak Kusno")
    assert {"A1": "waiting"} == day.states()


def test_a_full_session_says_so_names_the_other_and_may_be_overruled(world: World, day: QueueDay) -> None:
    fill_the_morning(day)
    nurse = Nurse(world, "gigi")
    text = nurse.does("walk-in", name="Siti", session="gigi/pagi")
    assert "Sesi pagi Gigi sudah penuh. Sesi siang masih 6 tempat" in text
    assert "Tetap beri antrian" in text
    assert "B13" not in day.states("gigi")
    assert 12 == len(people(world)), "no number, no person either"
    assert "B13 Poli Gigi" in nurse.does("walk-in", name="Siti", session="gigi/pagi", beyond="1")
    assert "waiting" == day.states("gigi")["B13"]


def test_whom_staff_picked_stays_picked_while_the_session_is_full(world: World, day: QueueDay) -> None:
    fill_the_morning(day)
    person = day.add_person("Siti Aminah")
    text = Nurse(world, "gigi").does("walk-in", name="siti", person=str(person), session="gigi/pagi")
    assert "Yang dipilih Siti Aminah" in text


def test_the_next_session_with_room_is_chosen_by_itself(world: World, day: QueueDay) -> None:
    fill_the_morning(day)
    Nurse(world, "gigi").does("walk-in", name="Siti")
    assert "siang" == day.row("B13").session


def test_after_the_morning_the_afternoon_is_chosen(world: World, day: QueueDay) -> None:
    world.clock.forward(**NOON)
    Nurse(world).does("walk-in", name="Siti")
    assert "siang" == day.row("A1").session


def test_after_the_last_session_there_is_no_number(world: World, day: QueueDay) -> None:
    world.clock.forward(hours=6)
    assert "Sesi hari ini sudah lewat atau ditutup." in Nurse(world).does("walk-in", name="Siti")
    assert ({}, []) == (day.states(), people(world))


def test_a_closed_session_gives_no_number_even_beyond_the_quota(world: World, day: QueueDay) -> None:
    with world.services.database.transaction() as db:
        add_change(
            db, poli="umum", day=MONDAY, session=None, kind="closed", reason="rapat", staff_id=1, now=world.clock()
        )
    text = Nurse(world).does("walk-in", name="Siti", session="umum/pagi", beyond="1")
    assert "Sesi hari ini sudah lewat atau ditutup." in text
    assert {} == day.states()


def test_one_counter_gives_numbers_for_every_poli(world: World, day: QueueDay) -> None:
    text = Nurse(world).does("walk-in", name="Siti", session="gigi/siang")
    assert "B1 Poli Gigi Senin 23 Nov 2026, sesi siang" in text
    assert ({}, {"B1": "waiting"}) == (day.states(), day.states("gigi"))


@pytest.mark.parametrize("session", ["umum/malam", "dapur/pagi", "x"])
def test_a_session_that_does_not_exist_gives_no_number(world: World, day: QueueDay, session: str) -> None:
    assert "Sesi hari ini sudah lewat atau ditutup." in Nurse(world).does("walk-in", name="Siti", session=session)
    assert ({}, []) == (day.states(), people(world))


def search(world: World, **typed: str) -> str:
    answer = world.logged_in().get("/inbox/queue/umum/people", query_string=typed)
    return plain(answer.get_data(as_text=True))


def test_the_search_tells_people_of_one_name_apart_and_shows_no_identity_number(world: World, day: QueueDay) -> None:
    day.add_person("Siti Aminah", born=date(1990, 5, 17))
    day.book("Siti Rohani", born=date(1954, 1, 2), is_there=True)
    Nurse(world).does(f"{day.call()}/done")
    text = search(world, name="SITI")
    assert "Siti Rohani lahir 1954 · terakhir Senin 23 Nov 2026 Siti Aminah lahir 1990 · belum pernah dilayani" in text
    assert re.findall(r"\d{5,}", text) == []


def test_the_search_shows_six_at_most(world: World, day: QueueDay) -> None:
    for number in range(8):
        day.add_person(f"Budi {number}")
    text = search(world, name="budi")
    assert 6 == text.count("Budi ")
    assert "Masih ada yang lain." in text


def test_the_search_reads_the_typed_age_back(world: World) -> None:
    assert "Dibaca: Selasa 17 Agu 1993." in search(world, born="17-8-93")
    assert "Dibaca: lahir sekitar 1954. Prioritas lansia?" in search(world, born="72")
    assert "tidak terbaca" in search(world, born="kapan ya")


def test_the_slip_holds_number_poli_and_day_but_no_name(world: World, day: QueueDay) -> None:
    entry = day.book("Siti Aminah")
    text = plain(world.logged_in().get(f"/inbox/queue/slip/{entry}").get_data(as_text=True))
    assert "A1 Poli Umum Senin 23 Nov 2026, sesi pagi" in text
    assert "Siti" not in text
    assert 404 == world.logged_in().get("/inbox/queue/slip/99").status_code


@pytest.mark.parametrize(
    ("typed", "born"),
    [
        ("17-8-1993", Born(date(1993, 8, 17), is_exact=True)),
        ("17/8/93", Born(date(1993, 8, 17), is_exact=True)),
        ("umur 33", Born(date(1993, 7, 1), is_exact=False)),
        ("72", Born(date(1954, 7, 1), is_exact=False)),
        ("1954", Born(date(1954, 7, 1), is_exact=False)),
        ("8 bulan", Born(date(2026, 7, 1), is_exact=False)),
        ("130", None),
        ("1889", None),
        ("31-2-1990", None),
        ("besok", None),
    ],
)
def test_a_birth_date_is_read_as_people_say_it(typed: str, born: Born | None) -> None:
    assert born == read_born(typed, today=MONDAY)


@pytest.mark.parametrize(
    ("typed", "name"),
    [("  siti   aminah ", "Siti Aminah"), ("SITI AMINAH", "Siti Aminah"), ("Siti binti Saleh", "Siti binti Saleh")],
)
def test_a_name_is_tidied_and_otherwise_left_alone(typed: str, name: str) -> None:
    assert name == tidy_name(typed)
