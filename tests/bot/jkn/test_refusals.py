"""Every refusal that the fact sheet documents, in its words, by a client that knows the fact sheet only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clinic.cases import Case
from clinic.database import Database
from clinic.facility import Facility
from clinic.people import Person
from clinic.queue import QueueEntry, begin, call_next, finish
from clinic.queue_sessions import add_change
from tests.jkn_client import MobileJkn, Told, card, newcomer, nik, wish, wish_of_doctor
from tests.jkn_world import MONDAY, SUNDAY, TUESDAY, JknWorld, jkn_world, with_codes

DAY, TODAY = TUESDAY.isoformat(), MONDAY.isoformat()
NOT_FOUND = "Antrean Tidak Ditemukan !"
CLOSED = "Pendaftaran ke Poli Ini Sedang Tutup"
DUPLICATE = "Nomor Antrean Hanya Dapat Diambil 1 Kali Pada Tanggal Yang Sama"
UNKNOWN = "Data pasien ini tidak ditemukan, silahkan Melakukan Registrasi Pasien Baru"
FULL = "Maaf kouta antrian tidak tersedia atau Habis"
AWAY = "Jadwal dokter sedang libur"
KNOWN = "Data pasien ini sudah terdaftar"
CARD_LENGTH, NIK_LENGTH = "Nomor kartu harus 13 digit", "NIK harus 16 digit"
CARD_FORMAT, NIK_FORMAT = "Format Nomor Kartu Tidak Sesuai", "Format NIK Tidak Sesuai"
DATE_FORMAT = "Format Tanggal Tidak Sesuai, format yang benar adalah yyyy-mm-dd"

Asked = Callable[[MobileJkn], Told]


FIELDS = [
    pytest.param("nomorkartu", None, "Nomor kartu Tidak Boleh Kosong", id="no card"),
    pytest.param("nomorkartu", "  ", "Nomor kartu Tidak Boleh Kosong", id="a blank card"),
    pytest.param("nomorkartu", "123", CARD_LENGTH, id="a short card"),
    pytest.param("nomorkartu", 1234567890, CARD_LENGTH, id="a card that lost its zeros"),
    pytest.param("nomorkartu", "000123456789x", CARD_FORMAT, id="letters in a card"),
    pytest.param("nomorkartu", "٠" * 13, CARD_FORMAT, id="digits of another script in a card"),
    pytest.param("nomorkartu", ["0001234567890"], CARD_FORMAT, id="a list for a card"),
    pytest.param("nomorkartu", True, CARD_FORMAT, id="true for a card"),
    pytest.param("nik", "", "NIK Tidak Boleh Kosong", id="no NIK"),
    pytest.param("nik", "64720154028800011", NIK_LENGTH, id="a long NIK"),
    pytest.param("nik", "647201540288000O", NIK_FORMAT, id="a letter O in a NIK"),
    pytest.param("nik", {"nik": 1}, NIK_FORMAT, id="an object for a NIK"),
    pytest.param("nik", 1.5e15, NIK_FORMAT, id="a broken number for a NIK"),
    pytest.param("kodepoli", None, "Kode Poli Tidak Boleh Kosong", id="no poli"),
    pytest.param("kodepoli", "999", "Poli Tidak Ditemukan", id="an unknown poli"),
    pytest.param("kodepoli", ["001"], "Poli Tidak Ditemukan", id="a list for a poli"),
    pytest.param("kodepoli", "\ud800", "Kode Poli Tidak Boleh Kosong", id="half a letter for a poli"),
    pytest.param("tanggalperiksa", "", "Tanggal Tidak Boleh Kosong", id="no day"),
    pytest.param("tanggalperiksa", "24-11-2026", DATE_FORMAT, id="the day first"),
    pytest.param("tanggalperiksa", "2026-02-30", DATE_FORMAT, id="a day that no calendar has"),
    pytest.param("tanggalperiksa", "20261124", DATE_FORMAT, id="a day without hyphens"),
    pytest.param("tanggalperiksa", [2026, 11, 24], DATE_FORMAT, id="a list for a day"),
    pytest.param("tanggalperiksa", "2026-11-22", "Tanggal Periksa Tidak Berlaku Mundur", id="yesterday"),
    pytest.param("tanggalperiksa", SUNDAY.isoformat(), CLOSED, id="a closed day"),
    pytest.param("tanggalperiksa", "2026-11-27", CLOSED, id="a day too far ahead"),
    pytest.param("tanggalperiksa", "9999-12-31", CLOSED, id="the last day there is"),
]


@pytest.mark.parametrize("v2", [False, True], ids=["v1", "v2"])
@pytest.mark.parametrize(("field", "value", "message"), FIELDS)
def test_a_field_that_is_wrong_is_refused_in_its_own_words(
    desk: JknWorld, field: str, value: Any, message: str, v2: bool
) -> None:
    body = (wish_of_doctor if v2 else wish)(1, DAY, **{field: value})
    told = desk.jkn.take(body, v2=v2)
    assert (201, (201, message), None) == (told.status, told.refusal, told.response)


def test_the_first_mistake_in_the_order_of_the_body_is_named(desk: JknWorld) -> None:
    told = desk.jkn.take({"nomorkartu": "1", "nik": "2", "kodepoli": "x", "tanggalperiksa": "x"})
    assert CARD_LENGTH == told.message
    assert "Nomor kartu Tidak Boleh Kosong" == desk.jkn.take({}).message


DOCTORS = [
    pytest.param({"kodedokter": 999999}, id="a doctor nobody knows"),
    pytest.param({"kodedokter": None}, id="no doctor"),
    pytest.param({"kodedokter": ["900001"]}, id="a list for a doctor"),
    pytest.param({"kodedokter": 900001, "jampraktek": "13:00-14:00"}, id="hours in which the doctor is away"),
    pytest.param({"kodedokter": 900003}, id="a doctor of another poli"),
]


@pytest.mark.parametrize("doctor", DOCTORS)
def test_a_doctor_who_is_not_there_is_said_to_be_away(desk: JknWorld, doctor: dict[str, Any]) -> None:
    assert (201, AWAY) == desk.jkn.take(wish_of_doctor(1, DAY, **doctor), v2=True).refusal


def test_a_doctor_whose_session_staff_closed_is_away_and_the_other_is_not(centre: JknWorld) -> None:
    with centre.services.database.transaction() as db:
        change: dict[str, Any] = {"poli": "umum", "day": TUESDAY, "session": "pagi", "kind": "closed"}
        add_change(db, **change, reason="dokter sakit", staff_id=None, now=centre.clock())
    assert (201, AWAY) == centre.jkn.take(wish_of_doctor(1, DAY), v2=True).refusal
    afternoon = wish_of_doctor(1, DAY, kodedokter=900002, jampraktek="12:30-14:30")
    assert (200, "Ok") == centre.jkn.take(afternoon, v2=True).refusal


@pytest.mark.parametrize("v2", [False, True], ids=["v1", "v2"])
def test_a_poli_that_staff_closed_for_the_day_is_closed(centre: JknWorld, v2: bool) -> None:
    with centre.services.database.transaction() as db:
        change: dict[str, Any] = {"poli": "umum", "day": TUESDAY, "session": None, "kind": "closed"}
        add_change(db, **change, reason="rapat", staff_id=None, now=centre.clock())
    assert (201, CLOSED) == centre.jkn.take((wish_of_doctor if v2 else wish)(1, DAY), v2=v2).refusal
    assert (201, CLOSED) == centre.jkn.status("001", DAY, v2=v2).refusal


def test_after_the_last_session_the_closing_hour_is_named(centre: JknWorld) -> None:
    centre.clock.now += timedelta(hours=6, minutes=45)  # 14.45, the poli closes at 14.30
    assert centre.jkn.login().code == 200
    told = centre.jkn.take(wish(1, TODAY))
    assert (201, "Pendaftaran Ke Poli Umum Sudah Tutup Jam 14:30") == told.refusal
    told = centre.jkn.take(wish_of_doctor(1, TODAY), v2=True)
    assert (201, "Pendaftaran Ke Poli Umum Sudah Tutup Jam 11:00") == told.refusal


@pytest.mark.parametrize("via", ["whatsapp", "counter", "jkn"])
def test_whoever_holds_a_number_gets_no_second_one_whichever_way_it_was_taken(centre: JknWorld, via: str) -> None:
    centre.add_patient(2)
    with centre.services.database.reading() as db:
        person_id = db.query(Person.id).order_by(Person.id).first()[0]
    centre.take(person_id, via=via)
    assert (201, DUPLICATE) == centre.jkn.take(wish(1, DAY)).refusal
    assert (201, DUPLICATE) == centre.jkn.take(wish_of_doctor(1, DAY), v2=True).refusal


def test_a_record_without_a_card_is_found_by_its_nik_and_by_its_card_from_then_on(centre: JknWorld) -> None:
    held = centre.take(centre.add_patient(5, has_card=False), via="whatsapp")
    assert (201, DUPLICATE) == centre.jkn.take(wish(5, DAY)).refusal
    assert held.code == centre.jkn.left(card(5), "001", DAY).response["nomorantrean"]


def test_a_record_without_a_nik_is_found_by_its_card(centre: JknWorld) -> None:
    centre.add_patient(5, has_nik=False)
    assert (200, "Ok") == centre.jkn.take(wish(5, DAY)).refusal


MISMATCHES = [
    pytest.param(wish(1, DAY, nik=nik(77)), [1], id="a known card with another NIK"),
    pytest.param(wish(1, DAY, nomorkartu=card(77)), [1], id="a known NIK with another card"),
    pytest.param(wish(1, DAY, nik=nik(2)), [1, 2], id="card and NIK of two people"),
]


@pytest.mark.parametrize(("body", "people"), MISMATCHES)
def test_numbers_that_do_not_belong_together_give_nothing_and_staff_look_once(
    centre: JknWorld, body: dict[str, Any], people: list[int]
) -> None:
    centre.add_patient(2)
    for _ in range(2):
        assert (201, UNKNOWN) == centre.jkn.take(body).refusal
    assert (201, KNOWN) == centre.jkn.register(newcomer(1) | {key: body[key] for key in ("nomorkartu", "nik")}).refusal
    with centre.services.database.reading() as db:
        cases = db.query(Case).all()
        assert 0 == db.query(QueueEntry).count()
    assert ["jkn_mismatch"] == [each.topic for each in cases]
    assert ", ".join(str(each) for each in people) in cases[0].text
    assert card(1) not in cases[0].text


def test_an_unknown_patient_is_told_to_register_with_202_and_no_record_is_made(centre: JknWorld) -> None:
    told = centre.jkn.take(wish(9, DAY))
    assert (200, (202, UNKNOWN)) == (told.status, told.refusal)
    with centre.services.database.reading() as db:
        assert 1 == db.query(Person).count()


def test_a_full_day_is_refused_and_the_quota_is_everybodys(
    database: Database, facility: Facility, now: datetime, tmp_path: Path
) -> None:
    polis = tuple(
        poli.model_copy(update={"sessions": tuple(s.model_copy(update={"quota": 1}) for s in poli.sessions)})
        for poli in facility.polis
    )
    small = with_codes(facility.model_copy(update={"polis": polis}))
    with jkn_world(database, small, now, tmp_path) as centre:
        centre.take(centre.add_patient(1))
        for number in (2, 3):
            centre.add_patient(number)
        assert (201, FULL) == centre.jkn.take(wish_of_doctor(2, DAY), v2=True).refusal
        assert (200, "Ok") == centre.jkn.take(wish(2, DAY)).refusal  # the afternoon's only place
        assert (201, FULL) == centre.jkn.take(wish(3, DAY)).refusal


def test_a_number_nobody_holds_is_not_found(centre: JknWorld) -> None:
    body = {"nomorkartu": card(1), "kodepoli": "001", "tanggalperiksa": DAY}
    assert (201, NOT_FOUND) == centre.jkn.left(card(1), "001", DAY).refusal
    assert (201, NOT_FOUND) == centre.jkn.cancel(body).refusal
    assert (201, NOT_FOUND) == centre.jkn.cancel(body | {"nomorkartu": card(99)}, v2=True).refusal


def test_a_number_is_given_back_once(centre: JknWorld) -> None:
    centre.jkn.take(wish(1, DAY))
    body = {"nomorkartu": card(1), "kodepoli": "001", "tanggalperiksa": DAY}
    assert (200, "Ok") == centre.jkn.cancel(body).refusal
    assert (201, "Antrean sudah dibatalkan !") == centre.jkn.cancel(body).refusal
    assert (201, NOT_FOUND) == centre.jkn.left(card(1), "001", DAY).refusal


def test_a_number_that_was_called_or_served_is_not_given_back(centre: JknWorld) -> None:
    centre.jkn.take(wish(1, TODAY))
    body = {"nomorkartu": card(1), "kodepoli": "001", "tanggalperiksa": TODAY}
    with centre.services.database.transaction() as db:
        called = call_next(db, "umum", MONDAY, facility=centre.facility, now=centre.clock(), actor="staff:1")
    served = "Pasien Sudah Dilayani, Antrean Tidak Dapat Dibatalkan!"
    assert called is not None
    assert (201, served) == centre.jkn.cancel(body).refusal
    with centre.services.database.transaction() as db:
        begin(db, called.id, facility=centre.facility, now=centre.clock(), actor="staff:1")
        finish(db, called.id, facility=centre.facility, now=centre.clock(), actor="staff:1")
    assert (201, served) == centre.jkn.cancel(body, v2=True).refusal


PATHS: list[Any] = [
    pytest.param(lambda jkn: jkn.status("999", DAY), "Poli Tidak Ditemukan", id="status of an unknown poli"),
    pytest.param(lambda jkn: jkn.status("999", DAY, v2=True), "Poli Tidak Ditemukan", id="the same in v2"),
    pytest.param(lambda jkn: jkn.status("001", "besok"), DATE_FORMAT, id="status of no day"),
    pytest.param(lambda jkn: jkn.status("001", "2026-11-20"), "Tanggal Periksa Tidak Berlaku Mundur", id="a past day"),
    pytest.param(lambda jkn: jkn.status("001", SUNDAY.isoformat()), CLOSED, id="status of a closed day"),
    pytest.param(lambda jkn: jkn.left("12", "001", DAY), CARD_LENGTH, id="a short card in the path"),
    pytest.param(lambda jkn: jkn.left("a" * 13, "001", DAY), CARD_FORMAT, id="letters in the path"),
    pytest.param(lambda jkn: jkn.left(card(1), "1; --", DAY), "Poli Tidak Ditemukan", id="strange poli in the path"),
    pytest.param(lambda jkn: jkn.cancel({}), "Nomor kartu Tidak Boleh Kosong", id="an empty cancel"),
    pytest.param(lambda jkn: jkn.cancel({"nomorkartu": card(1)}), "Kode Poli Tidak Boleh Kosong", id="half a cancel"),
]


@pytest.mark.parametrize(("ask", "message"), PATHS)
def test_paths_are_checked_like_bodies(desk: JknWorld, ask: Asked, message: str) -> None:
    assert (201, message) == ask(desk.jkn).refusal


NEWCOMERS = [
    pytest.param({"nomorkartu": ""}, "Nomor kartu Tidak Boleh Kosong", id="no card"),
    pytest.param({"nik": "12"}, NIK_LENGTH, id="a short NIK"),
    pytest.param({"nomorkk": ""}, "Nomor KK Tidak Boleh Kosong", id="no family card"),
    pytest.param({"nomorkk": "123"}, "Nomor KK harus 16 digit", id="a short family card"),
    pytest.param({"nomorkk": "x" * 16}, "Format Nomor KK Tidak Sesuai", id="letters in a family card"),
    pytest.param({"nama": "   "}, "Nama Tidak Boleh Kosong", id="no name"),
    pytest.param({"nama": ["SITI"]}, "Nama Tidak Boleh Kosong", id="a list for a name"),
    pytest.param({"jeniskelamin": None}, "Jenis Kelamin Tidak Boleh Kosong", id="no sex"),
    pytest.param({"jeniskelamin": "X"}, "Jenis Kelamin Tidak Sesuai", id="another sex"),
    pytest.param({"tanggallahir": ""}, "Tanggal Lahir Tidak Boleh Kosong", id="no birth date"),
    pytest.param(
        {"tanggallahir": "14-02-1988"},
        "Format Tanggal Lahir Tidak Sesuai, format yang benar adalah yyyy-mm-dd",
        id="a birth date the other way round",
    ),
    pytest.param(
        {"tanggallahir": "2030-01-01"},
        "Format Tanggal Lahir Tidak Sesuai, format yang benar adalah yyyy-mm-dd",
        id="born in years to come",
    ),
    pytest.param({"alamat": ""}, "Alamat Tidak Boleh Kosong", id="no address"),
    pytest.param({"kodeprop": ""}, "Kode Propinsi Belum Diisi", id="no province"),
    pytest.param({"namakel": None}, "Nama Kelurahan Tidak Boleh Kosong", id="no name of a village"),
    pytest.param({"rt": ""}, "RT Belum Diisi", id="no RT"),
]


@pytest.mark.parametrize(("fields", "message"), NEWCOMERS)
def test_a_newcomer_with_a_field_that_is_wrong_is_not_kept(
    desk: JknWorld, fields: dict[str, Any], message: str
) -> None:
    assert (201, message) == desk.jkn.register(newcomer(8, **fields)).refusal
    with desk.services.database.reading() as db:
        assert 1 == db.query(Person).count()


def test_whoever_is_known_by_card_or_nik_is_registered_already(centre: JknWorld) -> None:
    centre.add_patient(2, has_card=False)
    assert (201, KNOWN) == centre.jkn.register(newcomer(1)).refusal
    assert (201, KNOWN) == centre.jkn.register(newcomer(2)).refusal


def test_a_newcomer_is_kept_with_numbers_that_nobody_can_read_in_the_table(centre: JknWorld) -> None:
    assert (200, "Ok") == centre.jkn.register(newcomer(8)).refusal
    with centre.services.database.reading() as db:
        person = db.query(Person).order_by(Person.id.desc()).first()
    assert person is not None
    assert ("SITI CONTOH", "P", "1988-02-14") == (person.name, person.sex, str(person.birth_date))
    assert nik(8) not in f"{person.nik_encrypted}{person.card_encrypted}{person.nik_hash}{person.card_hash}"


BODIES = [
    pytest.param(b"", id="empty"),
    pytest.param(b"{", id="broken JSON"),
    pytest.param(b"[1, 2]", id="a list"),
    pytest.param(b'"text"', id="a text"),
    pytest.param(b"nomorkartu=1&nik=2", id="a form"),
    pytest.param(b"\xff\xfe\x00", id="bytes of no text"),
    pytest.param(b"[" * 9000, id="nested beyond all depth"),
    pytest.param(b'{"nomorkartu": "' + b"9" * 40_000 + b'"}', id="larger than any request"),
    pytest.param(b"<xml/>", id="XML"),
]


@pytest.mark.parametrize("content", BODIES)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/antrean"), ("POST", "/v2/antrean"), ("PUT", "/antrean/batal"), ("POST", "/peserta")],
)
def test_a_body_that_cannot_be_read_has_no_card(desk: JknWorld, method: str, path: str, content: bytes) -> None:
    told = desk.jkn.call(method, path, content=content)
    assert (201, "Nomor kartu Tidak Boleh Kosong") == told.refusal


def test_json_under_another_content_type_is_read(desk: JknWorld) -> None:
    content = f'{{"nomorkartu":"{card(1)}","nik":"{nik(1)}","kodepoli":"001","tanggalperiksa":"{DAY}"}}'.encode()
    headers = {"x-token": desk.jkn.token, "x-username": desk.jkn.username, "content-type": "text/plain"}
    told = desk.jkn.call("POST", "/antrean", content=content, headers=headers)
    assert (200, "Ok") == told.refusal
