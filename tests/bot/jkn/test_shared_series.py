"""One series for chat, counter and Mobile JKN, in talk, in order and all at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from clinic.queue import QueueEntry, QueueRefused, cancel_number, take_number
from clinic.queue_table import SessionCounter
from tests.bot.talk_world import TalkWorld
from tests.jkn_client import MobileJkn, card, wish, wish_of_doctor
from tests.jkn_world import TUESDAY, JknWorld

DAY = TUESDAY.isoformat()
FULL = "Maaf kouta antrian tidak tersedia atau Habis"
PHONE = "+6281200000031"


def says(talk: TalkWorld, *texts: str) -> str:
    answers = [talk.says(text, phone=PHONE, channel="whatsapp") or "" for text in texts]
    return answers[-1]


def test_a_patient_by_chat_one_by_mobile_jkn_and_one_at_the_counter_get_a1_a2_a3(centre: JknWorld) -> None:
    talk = TalkWorld(centre.services.database, centre.facility, centre.services.keeper, centre.clock())
    answers = [talk.says(text, phone=PHONE, channel="whatsapp") or "" for text in ("daftar poli umum besok pagi",)]
    for text in ("Siti Contoh", "ya", "1", "ya"):
        if "A1" in answers[-1]:
            break
        answers.append(talk.says(text, phone=PHONE, channel="whatsapp") or "")
    assert "A1" in answers[-1], answers
    taken = centre.jkn.take(wish(1, DAY)).response
    assert ("A2", "1") == (taken["nomorantrean"], taken["sisaantrean"])
    assert "A3" == centre.take(centre.add_patient(3)).code


def test_fifty_by_mobile_jkn_and_fifty_by_chat_share_the_last_twenty_places(centre: JknWorld) -> None:
    database, facility = centre.services.database, centre.facility
    people = [centre.add_patient(number) for number in range(100, 200)]
    for person_id in [centre.add_patient(number) for number in range(200, 220)]:
        centre.take(person_id)  # 40 places in the morning: 20 are left
    begin = threading.Barrier(20)

    def by_chat(person_id: int) -> str:
        with database.transaction() as db:
            try:
                ticket = take_number(
                    db,
                    facility=facility,
                    poli="umum",
                    day=TUESDAY,
                    session="pagi",
                    person_id=person_id,
                    contact_id=None,
                    via="whatsapp",
                    now=centre.clock(),
                )
            except QueueRefused as refused:
                return refused.reason
            return ticket.code

    def by_jkn(number: int) -> str:
        jkn = MobileJkn(centre.jkn.url, token=centre.jkn.token)
        told = jkn.take(wish_of_doctor(number, DAY), v2=True)
        jkn.http.close()
        return told.response["nomorantrean"] if told.code == 200 else told.message

    def one(turn: int) -> str:
        if turn < 20:
            begin.wait(timeout=30)
        return by_jkn(100 + turn) if turn % 2 else by_chat(people[turn])

    with ThreadPoolExecutor(20) as pool:
        got = list(pool.map(one, range(100)))
    numbers = [code for code in got if code.startswith("A")]
    assert sorted(numbers) == sorted(f"A{number}" for number in range(21, 41))
    assert {"full", FULL} == set(got) - set(numbers)
    with database.reading() as db:
        assert {40} == {row.taken for row in db.query(SessionCounter)}
        ways = {row.via for row in db.query(QueueEntry).filter(QueueEntry.number > 20)}
    assert {"jkn", "whatsapp"} == ways


def test_one_patient_who_books_by_both_ways_at_once_holds_one_number(centre: JknWorld) -> None:
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: MobileJkn(centre.jkn.url, token=centre.jkn.token).take(wish(1, DAY)), range(8)))
    assert 1 == sum(each.code == 200 for each in told)
    duplicate = "Nomor Antrean Hanya Dapat Diambil 1 Kali Pada Tanggal Yang Sama"
    assert {duplicate} == {each.message for each in told if each.code != 200}


def test_a_place_given_back_by_mobile_jkn_is_free_at_once_for_everybody(centre: JknWorld) -> None:
    for number in range(100, 139):
        centre.take(centre.add_patient(number))
    centre.jkn.take(wish_of_doctor(1, DAY), v2=True)
    late = centre.add_patient(300)
    centre.jkn.cancel({"nomorkartu": card(1), "kodepoli": "001", "tanggalperiksa": DAY})
    assert "A41" == centre.take(late).code


def test_a_number_of_mobile_jkn_is_called_and_given_back_at_the_counter_too(centre: JknWorld) -> None:
    centre.jkn.take(wish(1, DAY))
    with centre.services.database.transaction() as db:
        entry_id = db.query(QueueEntry).one().id
        now = centre.clock() + timedelta(minutes=1)
        assert cancel_number(db, entry_id, facility=centre.facility, now=now, actor="staff:1") is not None
    told = centre.jkn.cancel({"nomorkartu": card(1), "kodepoli": "001", "tanggalperiksa": DAY})
    assert (201, "Antrean sudah dibatalkan !") == told.refusal
