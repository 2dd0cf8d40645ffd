"""One room's page: calling, serving, skipping, arriving and priority, with plain forms as a browser without scripts."""

from __future__ import annotations

import re
from datetime import date

import pytest

from clinic.facility_queue import Room
from clinic.queue import set_priority
from clinic.queue_sessions import add_change
from tests.bot.inbox.queue_day import ACTOR, MONDAY, Nurse, QueueDay
from tests.pages_world import World, send

TWO_ROOMS = (Room(id="umum1", name="Ruang Satu", poli="umum"), Room(id="umum2", name="Ruang Dua", poli="umum"))


@pytest.fixture
def day(world: World) -> QueueDay:
    return QueueDay(world)


def with_two_rooms(world: World) -> None:
    object.__setattr__(world.services, "facility", world.services.facility.model_copy(update={"rooms": TWO_ROOMS}))


def order_shown(world: World, heading: str) -> list[str]:
    html = world.logged_in().get("/inbox/queue/umum").get_data(as_text=True)
    part = html.split(f'id="{heading}"')[1].split("</section>")[0]
    return re.findall(r'<strong class="number">([^<]+)</strong>', part)


def test_who_is_there_stands_in_calling_order_and_who_is_not_stands_apart(world: World, day: QueueDay) -> None:
    ids = [day.book(f"Orang {number}") for number in range(1, 7)]
    for place in (5, 1, 2, 3):
        day.arrive(ids[place])
    with world.services.database.transaction() as db:
        set_priority(db, ids[5], "lansia", facility=world.services.facility, now=world.clock(), actor=ACTOR)
    assert ["A2", "A3", "A6", "A4"] == order_shown(world, "judul-hadir"), "after two regular ones comes the lansia"
    assert ["A1", "A5"] == order_shown(world, "judul-belum")
    called = [day.row(code).id for code in ("A2", "A3", "A6", "A4")]
    for expected in called:
        assert expected == day.call()
        Nurse(world).does(f"{expected}/done")


def test_the_published_rule_stands_on_the_page_with_this_centres_figures(world: World) -> None:
    rules = world.services.facility.queue.model_copy(update={"regular_per_priority": 4, "late_back_after": 7})
    object.__setattr__(world.services, "facility", world.services.facility.model_copy(update={"queue": rules}))
    text = Nurse(world).read()
    assert "setelah 4 pasien biasa satu prioritas" in text
    assert "yang terlambat masuk lagi setelah 7 orang" in text


def test_a_patient_goes_through_the_room_from_call_to_done(world: World, day: QueueDay) -> None:
    entry = day.book("Siti", is_there=True)
    nurse = Nurse(world)
    assert "A1 dipanggil." in nurse.does("next")
    assert "A1 dipanggil ulang." in nurse.does(f"{entry}/again")
    assert "2 kali" in nurse.read()
    assert "A1 mulai dilayani." in nurse.does(f"{entry}/begin")
    assert "A1 selesai." in nurse.does(f"{entry}/done")
    assert {"A1": "done"} == day.states()
    assert ["call", "queue_again", "queue_begin", "queue_done"] == day.acts()


def test_nobody_to_call_is_said_plainly(world: World) -> None:
    assert "Tidak ada yang menunggu." in Nurse(world).does("next")


def test_a_second_press_calls_nobody_and_offers_two_ways_out(world: World, day: QueueDay) -> None:
    for name in ("Siti", "Budi"):
        day.book(name, is_there=True)
    nurse = Nurse(world)
    nurse.does("next")
    text = nurse.does("next")
    assert "A1 masih dipanggil di ruang ini." in text
    assert "Selesai lalu panggil" in text
    assert "Lewati lalu panggil" in text
    assert {"A1": "called", "A2": "waiting"} == day.states()


@pytest.mark.parametrize(("outcome", "state"), [("done", "done"), ("skip", "skipped")])
def test_one_step_closes_the_called_number_and_calls_the_next(
    world: World, day: QueueDay, outcome: str, state: str
) -> None:
    first, _ = (day.book(name, is_there=True) for name in ("Siti", "Budi"))
    day.call()
    assert "A2 dipanggil." in Nurse(world).does("next", close=outcome, entry=str(first))
    assert {"A1": state, "A2": "called"} == day.states()


def test_somebody_being_served_is_not_skipped_by_that_step(world: World, day: QueueDay) -> None:
    first, _ = (day.book(name, is_there=True) for name in ("Siti", "Budi"))
    nurse = Nurse(world)
    nurse.does("next")
    nurse.does(f"{first}/begin")
    text = nurse.does("next", close="skip", entry=str(first))
    assert "A1 masih dilayani di ruang ini." in text
    assert "Lewati lalu panggil" not in text
    assert {"A1": "serving", "A2": "waiting"} == day.states()


def test_that_step_from_an_old_page_closes_nobody_else(world: World, day: QueueDay) -> None:
    first, _, _ = (day.book(name, is_there=True) for name in ("Siti", "Budi", "Rohani"))
    nurse = Nurse(world)
    nurse.does("next")
    nurse.does("next", close="done", entry=str(first))
    text = nurse.does("next", close="done", entry=str(first))
    assert "A2 masih dipanggil" in text
    assert {"A1": "done", "A2": "called", "A3": "waiting"} == day.states()


@pytest.mark.parametrize("act", ["again", "begin", "done", "skip"])
def test_a_colleague_who_was_faster_is_told_and_nothing_changes(world: World, day: QueueDay, act: str) -> None:
    entry = day.book("Siti", is_there=True)
    day.call()
    Nurse(world, username="budi").does(f"{entry}/done")
    text = Nurse(world).does(f"{entry}/{act}")
    assert "Petugas lain baru saja mengubah A1." in text
    assert {"A1": "done"} == day.states()


def test_two_rooms_call_from_one_line_and_never_the_same_person(world: World, day: QueueDay) -> None:
    with_two_rooms(world)
    for name in ("Siti", "Budi", "Rohani"):
        day.book(name, is_there=True)
    one, two = Nurse(world, "umum1"), Nurse(world, "umum2", "budi")
    assert "A1 dipanggil." in one.does("next")
    assert "A2 dipanggil." in two.does("next")
    assert "Sedang di ruang lain 1 A2" in one.read()
    assert {"A1": "umum1", "A2": "umum2", "A3": None} == {row.code: row.room for row in day.rows()}


def test_a_skipped_number_comes_back_behind_the_next_three(world: World, day: QueueDay) -> None:
    first = day.book("Siti", is_there=True)
    for name in ("Budi", "Rohani", "Joko", "Yuli"):
        day.book(name, is_there=True)
    nurse = Nurse(world)
    nurse.does("next")
    assert "A1 dilewati." in nurse.does(f"{first}/skip")
    assert "A1 hadir, tetapi gilirannya sudah lewat: masuk lagi setelah 3 orang." in nurse.does(f"{first}/arrive")
    assert ["A2", "A3", "A4", "A1", "A5"] == order_shown(world, "judul-hadir")


def test_the_place_of_somebody_late_counts_only_those_who_are_there(world: World, day: QueueDay) -> None:
    ids = [day.book(f"Orang {number}") for number in range(1, 9)]
    for place in (1, 5, 6, 7):
        day.arrive(ids[place])
    day.call()
    text = Nurse(world).does("arrive", number="1")
    assert "A1 hadir, tetapi gilirannya sudah lewat: masuk lagi setelah 3 orang." in text


@pytest.mark.parametrize("typed", ["2", "A2", "a2", " a 2 ", "A-2"])
def test_a_typed_number_checks_its_holder_in(world: World, day: QueueDay, typed: str) -> None:
    for name in ("Siti", "Budi"):
        day.book(name)
    assert "A2 hadir. Giliran berikutnya." in Nurse(world).does("arrive", number=typed)
    assert day.row("A2").arrived_at is not None
    assert ["queue_arrive"] == day.acts()


def test_a_number_of_another_poli_is_checked_in_by_its_letter(world: World, day: QueueDay) -> None:
    day.book("Siti", poli="gigi")
    assert "B1 hadir." in Nurse(world).does("arrive", number="b1")
    assert day.row("B1").arrived_at is not None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param("99", "Antrian A99 tidak ada hari ini.", id="never given"),
        pytest.param("siti", "“siti” bukan antrian.", id="a name"),
        pytest.param("<b>", "bukan antrian.", id="markup"),
        pytest.param("1", "A1 tidak menunggu lagi: dipanggil.", id="called already"),
        pytest.param("2", "A2 sudah dicatat hadir.", id="there already"),
    ],
)
def test_a_typed_number_that_cannot_check_in_says_why(world: World, day: QueueDay, typed: str, said: str) -> None:
    for name in ("Siti", "Budi"):
        day.book(name, is_there=True)
    day.call()
    assert said in Nurse(world).does("arrive", number=typed)


def test_a_number_called_out_of_turn_needs_a_reason_which_is_logged(world: World, day: QueueDay) -> None:
    for name in ("Siti", "Budi", "Rohani"):
        day.book(name, is_there=True)
    nurse, last = Nurse(world), day.row("A3").id
    assert "Pilih atau tulis dulu alasannya" in nurse.does(f"{last}/call", reason="")
    assert "waiting" == day.states()["A3"]
    text = nurse.does(f"{last}/call", reason="gawat")
    assert "A3 dipanggil, didahulukan: gawat (melewati 2 orang)." in text
    assert "09.41 · A3 gawat, melewati 2 orang" in text, "the day's log is on the page"
    assert [(3, "gawat", 2)] == [(jump.number, jump.reason, jump.passed) for jump in day.jumps()]
    assert "queue_jump" in day.acts()


def test_a_reason_may_be_written_and_survives_a_busy_room(world: World, day: QueueDay) -> None:
    first, last = (day.book(name, is_there=True) for name in ("Siti", "Budi"))
    third = day.book("Rohani", is_there=True)
    day.call()
    nurse = Nurse(world)
    assert "A1 masih dipanggil" in nurse.does(f"{third}/call", written="bus terakhir jam 10")
    text = nurse.does(f"{third}/call", written="bus terakhir jam 10", close="done", entry=str(first))
    assert "A3 dipanggil, didahulukan: bus terakhir jam 10" in text
    assert "waiting" == day.row("A2").state
    assert last == day.row("A2").id


def test_priority_is_set_and_taken_away(world: World, day: QueueDay) -> None:
    entry = day.book("Siti", is_there=True)
    nurse = Nurse(world)
    assert "A1 sekarang prioritas: ibu hamil." in nurse.does(f"{entry}/priority", priority="ibu_hamil")
    assert "ibu_hamil" == day.row("A1").priority
    assert "A1 tidak lagi prioritas." in nurse.does(f"{entry}/priority", priority="")
    assert day.row("A1").priority is None
    assert ["queue_priority", "queue_priority"] == day.acts()


def test_a_priority_that_does_not_exist_is_refused(world: World, day: QueueDay) -> None:
    entry = day.book("Siti")
    answer = send(
        world.logged_in(), f"/inbox/queue/umum/{entry}/priority", page="/inbox/queue/umum", priority="pejabat"
    )
    assert 400 == answer.status_code


@pytest.mark.parametrize(
    ("born", "offered"),
    [
        pytest.param(date(1966, 11, 23), "+ lansia?", id="sixty today"),
        pytest.param(date(1966, 11, 24), None, id="sixty tomorrow"),
        pytest.param(date(2021, 11, 24), "+ balita?", id="five tomorrow"),
        pytest.param(date(2021, 11, 23), None, id="five today"),
        pytest.param(None, None, id="no birth date"),
    ],
)
def test_the_birth_date_suggests_a_priority_that_staff_confirm(
    world: World, day: QueueDay, born: date | None, offered: str | None
) -> None:
    day.book("Siti", born=born, is_there=True)
    text = Nurse(world).read()
    assert [offered] == [word for word in ("+ lansia?", "+ balita?") if word in text] or offered is None
    assert ("?" in text.split("Hadir, urut giliran")[1].split("Didahulukan")[0]) == (offered is not None)
    assert day.row("A1").priority is None, "a suggestion only"


def test_a_rows_forms_open_without_scripts_too(world: World, day: QueueDay) -> None:
    ids = [day.book(name, is_there=True) for name in ("Siti", "Budi")]
    assert "Simpan prioritas" not in Nurse(world).read()
    text = Nurse(world).read(f"?more={ids[1]}")
    assert "Panggil A2 lebih dulu, karena" in text
    assert "Panggil A1 lebih dulu, karena" not in text


def test_searching_the_list_shows_only_what_fits(world: World, day: QueueDay) -> None:
    for name in ("Siti Aminah", "Budi"):
        day.book(name, is_there=True)
    text = Nurse(world).read("?q=amin")
    assert "Siti Aminah" in text
    assert "Budi" not in text
    assert "Siti" not in Nurse(world).read("?q=a2")


def test_the_room_refreshes_itself_only_when_something_changed(world: World, day: QueueDay) -> None:
    client = world.logged_in()
    seen = re.findall(r'name="seen" value="(\w+)"', client.get("/inbox/queue/umum").get_data(as_text=True))[0]
    assert 204 == client.get(f"/inbox/live/queue/umum?seen={seen}").status_code
    day.book("Siti")
    part = client.get(f"/inbox/live/queue/umum?seen={seen}")
    assert (200, True) == (part.status_code, "Siti" in part.get_data(as_text=True))


def test_a_script_gets_the_fresh_part_and_the_word_of_what_happened(world: World, day: QueueDay) -> None:
    day.book("Siti", is_there=True)
    client = world.logged_in()
    token = client.get("/inbox/queue/umum").get_data(as_text=True).split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.post("/inbox/queue/umum/next", data={"csrf_token": token}, headers={"HX-Request": "true"})
    html = answer.get_data(as_text=True)
    assert 200 == answer.status_code
    assert "<html" not in html
    assert 'id="kabar" hx-swap-oob' in html
    assert "<strong>A1</strong> dipanggil." in html


def test_names_of_patients_are_text_and_never_markup(world: World, day: QueueDay) -> None:
    day.book("<script>alert(1)</script>", is_there=True)
    html = world.logged_in().get("/inbox/queue/umum").get_data(as_text=True)
    assert "<script>alert" not in html


@pytest.mark.parametrize(
    "address", ["/inbox/queue/dapur", "/inbox/live/queue/dapur", "/inbox/queue/dapur/people?name=si"]
)
def test_a_room_that_does_not_exist_is_not_found(world: World, address: str) -> None:
    assert 404 == world.logged_in().get(address).status_code


def test_without_check_in_everybody_who_waits_stands_in_one_line(world: World, day: QueueDay) -> None:
    rules = world.services.facility.queue.model_copy(update={"check_in": False})
    object.__setattr__(world.services, "facility", world.services.facility.model_copy(update={"queue": rules}))
    for name in ("Siti", "Budi"):
        day.book(name)
    assert ["A1", "A2"] == order_shown(world, "judul-hadir")
    assert "Belum datang" not in Nurse(world).read()


def test_a_session_that_staff_closed_is_said_on_the_page(world: World) -> None:
    with world.services.database.transaction() as db:
        add_change(
            db, poli="umum", day=MONDAY, session="siang", kind="closed", reason="rapat", staff_id=1, now=world.clock()
        )
    assert "Sesi siang tutup" in Nurse(world).read()
