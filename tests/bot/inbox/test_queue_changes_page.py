"""The doctor is late or a poli closed: who is concerned is seen beforehand, who was not reached afterwards."""

from __future__ import annotations

from datetime import date

import pytest

from clinic.queue_sessions import ChangeView, changes_on
from clinic.queue_table import SessionChange
from tests.bot.inbox.queue_day import MONDAY, QueueDay, plain
from tests.pages_world import World, send

PAGE = "/inbox/queue/change"
TUESDAY = date(2026, 11, 24)
CLOSED = {"poli": "umum", "day": MONDAY.isoformat(), "session": "pagi", "kind": "closed", "reason": "dokter sakit"}
LATE = CLOSED | {"kind": "late", "late_minutes": "45"}


@pytest.fixture
def day(world: World) -> QueueDay:
    """Two with a phone and one without, for the morning; one for the afternoon."""
    day = QueueDay(world)
    for number, name in enumerate(("Siti", "Budi"), 1):
        contact = world.add_contact(name, f"+6281200000{number:02}")
        day.book(name, contact_id=contact)
    day.book("Mbah Karto", via="counter")
    day.book("Rohani", session="siang")
    return day


def look(world: World, **form: str) -> str:
    answer = world.logged_in().get(PAGE, query_string=form | {"look": "1"})
    assert 200 == answer.status_code
    return plain(answer.get_data(as_text=True))


def change(world: World, **form: str) -> str:
    client = world.logged_in()
    answer = send(client, PAGE, page="/inbox/queue/umum", **form)
    if answer.status_code == 400:
        return plain(answer.get_data(as_text=True))
    return plain(client.get(answer.location).get_data(as_text=True))


def changes(world: World) -> tuple[ChangeView, ...]:
    with world.services.database.reading() as db:
        return changes_on(db, [MONDAY, TUESDAY])


def test_looking_counts_who_is_concerned_and_tells_nobody(world: World, day: QueueDay) -> None:
    text = look(world, **CLOSED)
    assert "3 orang menunggu. 2 dikabari lewat HP dan ditawari hari lain, 1 tidak terjangkau lewat HP" in text
    assert "Beri tahu langsung: A3 Mbah Karto" in text
    assert ([], ()) == (world.outbox(), changes(world))


def test_the_whole_day_concerns_every_session(world: World, day: QueueDay) -> None:
    assert "4 orang menunggu." in look(world, **(CLOSED | {"session": ""}))


def test_one_press_closes_the_session_and_tells_everyone_with_a_phone(world: World, day: QueueDay) -> None:
    text = change(world, **CLOSED)
    assert "Perubahan dicatat. 2 orang dikabari lewat HP." in text
    assert "Tidak terjangkau lewat HP, beri tahu langsung: A3 Mbah Karto" in text
    assert [("pagi", "closed", "dokter sakit")] == [(each.session, each.kind, each.reason) for each in changes(world)]
    assert 2 == len(world.outbox())
    assert ["queue_change"] == day.acts()


def test_the_reason_is_for_staff_and_never_reaches_a_patient(world: World, day: QueueDay) -> None:
    change(world, **CLOSED)
    assert [] == [message.text for message in world.outbox() if "sakit" in (message.text or "")]


def test_a_late_doctor_moves_the_session_by_so_many_minutes(world: World, day: QueueDay) -> None:
    assert "terlambat 45 menit" in look(world, **LATE)
    assert "mulai terlambat 45 menit" in change(world, **LATE)
    assert [45] == [each.late_minutes for each in changes(world)]


def test_pressed_twice_it_is_one_change_and_one_message_each(world: World, day: QueueDay) -> None:
    change(world, **CLOSED)
    assert "Perubahan yang sama sudah dicatat." in change(world, **CLOSED)
    assert (1, 2) == (len(changes(world)), len(world.outbox()))


def test_a_change_is_taken_back_once(world: World, day: QueueDay) -> None:
    change(world, **CLOSED)
    client, made = world.logged_in(), changes(world)[0].id
    for said in ("Perubahan dibatalkan.", "Perubahan ini sudah dibatalkan tadi."):
        answer = send(client, f"{PAGE}/{made}/undo", page="/inbox/queue/umum", poli="umum", day=MONDAY.isoformat())
        assert said in plain(client.get(answer.location).get_data(as_text=True))
    assert () == changes(world)
    assert ["queue_change", "queue_change_undo"] == day.acts()


def test_a_day_to_come_may_be_closed(world: World, day: QueueDay) -> None:
    day.book("Yuli", poli="gigi", day=TUESDAY)
    form = CLOSED | {"poli": "gigi", "day": TUESDAY.isoformat()}
    assert "1 orang menunggu." in look(world, **form)
    assert "Gigi , Selasa 24 Nov 2026, sesi pagi: tutup" in change(world, **form)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param({"reason": " "}, "Tulis alasannya dulu.", id="no reason"),
        pytest.param({"session": "malam"}, "Sesi itu tidak ada pada hari itu.", id="no such session"),
        pytest.param({"poli": "imunisasi"}, "Poli ini tidak melayani pada hari itu.", id="not served that day"),
        pytest.param({"kind": "late", "late_minutes": "7000"}, "Pilih terlambat berapa menit", id="too late"),
        pytest.param({"kind": "late", "late_minutes": "x"}, "Pilih terlambat berapa menit", id="no figure"),
        pytest.param({"kind": "libur"}, "Pilih terlambat berapa menit", id="no such kind"),
    ],
)
def test_a_form_that_makes_no_sense_changes_nothing(
    world: World, day: QueueDay, form: dict[str, str], said: str
) -> None:
    assert said in look(world, **(CLOSED | form))
    assert said in change(world, **(CLOSED | form))
    with world.services.database.reading() as db:
        assert 0 == db.query(SessionChange).count()
