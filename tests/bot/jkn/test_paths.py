"""Mobile JKN through every path of both versions, over HTTP, by a client that knows the fact sheet only."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from clinic.audit import AuditEntry
from clinic.database import Database
from clinic.facility import Doctor, Facility, Session
from clinic.queue import QueueEntry, begin, call_next, finish
from tests.jkn_client import card, newcomer, wish, wish_of_doctor
from tests.jkn_world import MONDAY, TUESDAY, JknWorld, jkn_world, with_codes

DAY = TUESDAY.isoformat()
TODAY = MONDAY.isoformat()
OK = (200, "Ok")


def test_a_number_is_taken_looked_at_and_given_back_in_the_first_version(centre: JknWorld) -> None:
    taken = centre.jkn.take(wish(1, DAY))
    assert (200, OK) == (taken.status, taken.refusal)
    expected = {
        "nomorantrean": "A1",
        "angkaantrean": "1",
        "namapoli": "Poli Umum",
        "sisaantrean": "0",
        "antreanpanggil": "",
        "keterangan": "Datang 30 menit sebelum dipanggil.",
    }
    assert expected == taken.response
    assert {"nomorantrean", "namapoli", "sisaantrean", "antreanpanggil", "keterangan"} == set(
        centre.jkn.left(card(1), "001", DAY).response
    )
    body = {"nomorkartu": card(1), "kodepoli": "001", "tanggalperiksa": DAY}
    given_back = centre.jkn.cancel(body)
    assert (OK, None) == (given_back.refusal, given_back.response)
    again = centre.jkn.take(wish(1, DAY))
    assert "A2" == again.response["nomorantrean"]


def test_a_number_of_a_doctor_is_taken_and_given_back_in_the_second_version(centre: JknWorld) -> None:
    taken = centre.jkn.take(wish_of_doctor(1, DAY), v2=True)
    assert ("A1", 1, "0") == tuple(taken.response[key] for key in ("nomorantrean", "angkaantrean", "sisaantrean"))
    body = {"nomorkartu": card(1), "kodepoli": "001", "tanggalperiksa": DAY, "keterangan": "ada keperluan"}
    assert OK == centre.jkn.cancel(body, v2=True).refusal


def test_the_status_counts_what_was_given_and_what_waits_and_is_empty_before_the_first_call(centre: JknWorld) -> None:
    for number in range(2, 5):
        centre.take(centre.add_patient(number), day=MONDAY)
    before = centre.jkn.status("001", TODAY).response
    expected = {
        "namapoli": "Poli Umum",
        "totalantrean": "3",
        "sisaantrean": "3",
        "antreanpanggil": "",
        "keterangan": "",
    }
    assert expected == before
    with centre.services.database.transaction() as db:
        called = call_next(db, "umum", MONDAY, facility=centre.facility, now=centre.clock(), actor="staff:1")
        assert called is not None
        begin(db, called.id, facility=centre.facility, now=centre.clock(), actor="staff:1")
        finish(db, called.id, facility=centre.facility, now=centre.clock(), actor="staff:1")
    after = centre.jkn.status("001", TODAY).response
    assert ("3", "2", "A1") == tuple(after[key] for key in ("totalantrean", "sisaantrean", "antreanpanggil"))


def test_the_second_status_lists_the_doctors_of_the_day_with_their_own_counts(centre: JknWorld) -> None:
    centre.take(centre.add_patient(2))
    lines = centre.jkn.status("001", DAY, v2=True).response
    morning = {
        "namapoli": "Poli Umum",
        "totalantrean": "1",
        "sisaantrean": 1,
        "antreanpanggil": "",
        "keterangan": "",
        "kodedokter": 900001,
        "namadokter": "dr. Contoh Melati",
        "jampraktek": "08:00-11:00",
    }
    afternoon = morning | {"totalantrean": "0", "sisaantrean": 0, "kodedokter": 900002}
    afternoon |= {"namadokter": "dr. Contoh Kenanga", "jampraktek": "12:30-14:30"}
    assert [morning, afternoon] == lines


def test_a_doctor_of_the_afternoon_gives_a_number_of_the_afternoon(centre: JknWorld) -> None:
    body = wish_of_doctor(1, DAY, kodedokter="900002", jampraktek="12:30 - 14:30")
    assert OK == centre.jkn.take(body, v2=True).refusal
    with centre.services.database.reading() as db:
        assert "siang" == db.query(QueueEntry).one().session


def test_whoever_is_unknown_registers_and_then_gets_a_number(centre: JknWorld) -> None:
    unknown = centre.jkn.take(wish(7, DAY))
    assert (200, 202) == (unknown.status, unknown.code)
    registered = centre.jkn.register(newcomer(7))
    assert (200, OK) == (registered.status, registered.refusal)
    assert OK == centre.jkn.take(wish(7, DAY)).refusal


def test_the_people_before_are_counted_as_they_will_be_called(centre: JknWorld) -> None:
    for number in range(2, 5):
        centre.take(centre.add_patient(number))
    assert "3" == centre.jkn.take(wish(1, DAY)).response["sisaantrean"]
    assert "3" == centre.jkn.left(card(1), "001", DAY).response["sisaantrean"]


def test_counter_and_mobile_jkn_share_one_series_and_one_quota(centre: JknWorld) -> None:
    first = centre.take(centre.add_patient(2), via="whatsapp").code
    second = centre.jkn.take(wish(1, DAY)).response["nomorantrean"]
    third = centre.take(centre.add_patient(3)).code
    assert ("A1", "A2", "A3") == (first, second, third)


def test_what_mobile_jkn_did_is_in_the_audit_without_a_name_or_number(centre: JknWorld) -> None:
    centre.jkn.register(newcomer(2))
    centre.jkn.take(wish(2, DAY))
    centre.jkn.left(card(2), "001", DAY)
    centre.jkn.cancel({"nomorkartu": card(2), "kodepoli": "001", "tanggalperiksa": DAY})
    with centre.services.database.reading() as db:
        entries = db.query(AuditEntry).filter_by(actor="jkn").order_by(AuditEntry.id).all()
    kept = [(each.action, each.subject) for each in entries]
    assert ("jkn.register", "person:2") == kept[0]
    assert ["jkn.book", "jkn.look", "jkn.cancel"] == [action for action, _ in kept[1:]]
    assert {"queue_entry:1"} == {subject for _, subject in kept[1:]}


def test_the_complaint_is_kept_for_staff(centre: JknWorld) -> None:
    centre.jkn.take(wish(1, DAY, keluhan="demam\x00 dua hari"))
    with centre.services.database.reading() as db:
        entry = db.query(QueueEntry).one()
    assert ("demam  dua hari", "jkn", None) == (entry.complaint, entry.via, entry.contact_id)


def test_two_doctors_at_the_same_hours_have_their_own_places_and_share_the_series(
    database: Database, facility: Facility, now: datetime, tmp_path: Path
) -> None:
    names = ("dr. Contoh Melati", "dr. Contoh Kenanga")
    rows = [
        {"name": f"pagi{place}", "days": "senin-sabtu", "opens": "08:00", "closes": "11:00", "quota": 1, "doctor": name}
        for place, name in enumerate(names, 1)
    ]
    sessions = tuple(Session.model_validate(row) for row in rows)
    doctors = tuple(
        Doctor.model_validate(
            {"name": name, "poli": "umum", "days": "senin-sabtu", "opens": "08:00", "closes": "11:00"}
        )
        for name in names
    )
    polis = tuple(
        each.model_copy(update={"sessions": sessions}) if each.id == "umum" else each for each in facility.polis
    )
    two = with_codes(facility.model_copy(update={"polis": polis, "doctors": doctors}))
    with jkn_world(database, two, now, tmp_path) as centre:
        for number in (1, 2, 3):
            centre.add_patient(number)
        second = centre.jkn.take(wish_of_doctor(1, DAY, kodedokter=900002), v2=True)
        assert "A1" == second.response["nomorantrean"]
        refused = centre.jkn.take(wish_of_doctor(2, DAY, kodedokter=900002), v2=True)
        assert "Maaf kouta antrian tidak tersedia atau Habis" == refused.message
        assert "A2" == centre.jkn.take(wish(2, DAY)).response["nomorantrean"]
        lines = centre.jkn.status("001", DAY, v2=True).response
        assert [(900001, "1"), (900002, "1")] == [(line["kodedokter"], line["totalantrean"]) for line in lines]
        with centre.services.database.reading() as db:
            assert ["pagi2", "pagi1"] == [row.session for row in db.query(QueueEntry).order_by(QueueEntry.number)]
