"""Values by rule: poli, day, time, person, numbers, topic."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.extract import extract
from nlu.numbers import read_phone
from nlu.understanding import ENTITIES

MONDAY = date(2026, 11, 23)


def values(text: str) -> dict[str, str]:
    return {entity.entity: entity.value for entity in extract(text, today=MONDAY)}


def test_a_booking_in_one_line_gives_all_that_is_asked() -> None:
    found = values("sy mo daftar poli gigi bsk pagi utk anak sy")
    assert {"poli": "gigi", "date": "2026-11-24", "time": "pagi", "person": "anak"} == found


@pytest.mark.parametrize(
    ("text", "poli"),
    [
        pytest.param("antri gg besok", "gigi", id="gg"),
        pytest.param("dftr gigii", "gigi", id="stretched"),
        pytest.param("drg siti ada?", "gigi", id="drg"),
        pytest.param("mau usg", "kia", id="usg"),
        pytest.param("periksa hamil", "kia", id="pregnancy visit"),
        pytest.param("imunissasi adek", "imunisasi", id="misspelt"),
        pytest.param("suntik kb", "kb", id="suntik kb is no vaccine"),
        pytest.param("kontrol lansai", "lansia", id="swapped letters"),
        pytest.param("konsul gizi", "gizi", id="gizi"),
        pytest.param("poli mata ada?", "mata", id="mata behind poli"),
        pytest.param("ke mantri", "umum", id="mantri"),
        pytest.param("ketemu bu bidan besok", "kia", id="bidan"),
        pytest.param("dokter kandungan", "kia", id="kandungan"),
        pytest.param("cabut untu", "gigi", id="Javanese tooth"),
        pytest.param("mau diimunisasi", "imunisasi", id="in the passive"),
        pytest.param("poli umjm", "umum", id="misspelt behind poli"),
        pytest.param("utk suami, umum, kms", "umum", id="umum beside a day"),
        pytest.param("pindah dari poli umum ke poli gigi", "gigi", id="what it is changed to"),
        pytest.param("saya pasien umum", None, id="umum is who pays"),
        pytest.param("buku kia hilang", None, id="a book"),
        pytest.param("dok anak saya panas", None, id="a child, told to the doctor"),
        pytest.param("biar dapat nomor", None, id="dapat is no dpt"),
        pytest.param("daftar umum", "umum", id="umum in a booking"),
        pytest.param("ke dokter umum", "umum", id="umum behind dokter"),
        pytest.param("untuk masyarakat umum", None, id="the public"),
        pytest.param("mata saya merah", None, id="an eye"),
        pytest.param("anak saya sakit", None, id="a child"),
        pytest.param("ibu saya mau tanya", None, id="a mother"),
    ],
)
def test_a_poli_is_read_or_left(text: str, poli: str | None) -> None:
    assert values(text).get("poli") == poli


@pytest.mark.parametrize(
    ("text", "person"),
    [
        pytest.param("utk anak sy", "anak", id="for my child"),
        pytest.param("ibu saya mau berobat", "ibu", id="my mother"),
        pytest.param("gasan abah", "bapak", id="Banjar father"),
        pytest.param("bapak mertua saya", "mertua", id="father-in-law"),
        pytest.param("nenek sakit", "nenek", id="grandmother without more"),
        pytest.param("buat saya sendiri", "saya", id="for myself"),
        pytest.param("daftarkan istri", "istri", id="sign up my wife"),
        pytest.param("bu mau daftar", None, id="bu is the reader"),
        pytest.param("pak saya mau antri", None, id="pak is the reader"),
        pytest.param("selamat pagi ibu", None, id="ibu is greeted"),
        pytest.param("jadwal dokter anak", None, id="a doctor for children"),
        pytest.param("anak sy yg kecil", "anak", id="which child"),
        pytest.param("anak laki2 umur 4 th", "anak", id="a boy is no husband"),
        pytest.param("bapakku arep kontrol", "bapak", id="glued to its owner"),
        pytest.param("jadwal bapak besok", "bapak", id="of whom something is"),
        pytest.param("kk sy mo ke bidan", "kakak", id="kk that wants something"),
        pytest.param("kk saya hilang", None, id="kk is a family card"),
        pytest.param("aku aja yg berobat, bukan anakku", "saya", id="not my child"),
        pytest.param("kula piyambak", "saya", id="Javanese, myself"),
        pytest.param("pun biang", "ibu", id="Sundanese mother"),
        pytest.param("indo'ku", "ibu", id="Bugis mother"),
        pytest.param("sy putri, mau cabut gigi", None, id="a name that is a word"),
        pytest.param("daftar a/n putri lestari", None, id="a name behind its sign"),
        pytest.param("ibu hamil dapat vitamin?", None, id="whoever is pregnant"),
        pytest.param("masuk anak tangga mana", None, id="a step of stairs"),
        pytest.param("kata tetangga buka", None, id="who says it"),
    ],
)
def test_a_person_is_read_or_left(text: str, person: str | None) -> None:
    assert values(text).get("person") == person


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        pytest.param("nik 6472015402880001", "nik", "6472015402880001", id="nik"),
        pytest.param("6472 0154 0288 0001", "nik", "6472015402880001", id="nik with spaces"),
        pytest.param("6472.0154.0288.0001", "nik", "6472015402880001", id="nik with dots"),
        pytest.param("kartu 0001234567890", "card_number", "0001234567890", id="card"),
        pytest.param("hp 0812-3456-7890", "phone", "+6281234567890", id="phone with dashes"),
        pytest.param("+62 812 3456 7890", "phone", "+6281234567890", id="international"),
        pytest.param("6281234567890", "phone", "+6281234567890", id="13 digits of a phone"),
        pytest.param("nik 6472O154O28800Ol", "nik", "6472015402880001", id="nik with letters for figures"),
        pytest.param("NIK6472015402880001", "nik", "6472015402880001", id="glued to its word"),
        pytest.param("6472015402880001 lo", "nik", "6472015402880001", id="a word of such letters behind"),
        pytest.param("noka OOO1234567890", "card_number", "0001234567890", id="card with letters for zeros"),
        pytest.param("o812 3456 7890", "phone", "+6281234567890", id="phone with a letter"),
    ],
)
def test_a_number_is_told_by_its_length_and_beginning(text: str, entity: str, value: str) -> None:
    assert {entity: value} == values(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("1" * 1000, id="1,000 digits"),
        pytest.param("64720154028800012", id="17 digits"),
        pytest.param("12345", id="5 digits"),
        pytest.param("x6472015402880001", id="inside a word"),
        pytest.param("no kk 6472012305110007", id="a family card"),
        pytest.param("virtual account 8888801234567890", id="an account"),
        pytest.param("1234 5678 9012 3456 7890", id="20 digits in groups"),
    ],
)
def test_other_digits_are_no_identity_number(text: str) -> None:
    assert {} == values(text)


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        pytest.param("08123456789", "+628123456789", id="local"),
        pytest.param("8123456789", "+628123456789", id="without zero"),
        pytest.param("+6208123456789", "+628123456789", id="zero behind the country"),
        pytest.param("0541123456", None, id="a landline"),
        pytest.param("0812", None, id="too short"),
        pytest.param("+14155550123", None, id="another country"),
    ],
)
def test_a_phone_number_becomes_e164(text: str, phone: str | None) -> None:
    assert read_phone(text) == phone


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        pytest.param("petugasnya jutek", "staff", id="staff"),
        pytest.param("nunggu lama sekali", "waiting", id="waiting"),
        pytest.param("obat habis terus", "medicine", id="medicine"),
        pytest.param("wc kotor", "facility", id="facility"),
        pytest.param("otp ga masuk", "app", id="app"),
        pytest.param("gak dikasih rujukan", "referral", id="referral"),
        pytest.param("dipungut biaya", "cost", id="cost"),
        pytest.param("halo", None, id="none"),
    ],
)
def test_a_complaint_has_a_topic(text: str, topic: str | None) -> None:
    assert values(text).get("complaint_topic") == topic


def test_numbers_side_by_side_are_told_apart_at_their_spaces() -> None:
    found = values("6472015402880001 0001234567890 14 02 1988")
    assert {"nik": "6472015402880001", "card_number": "0001234567890"} == found


@given(st.text(max_size=300))
def test_any_text_is_read_without_error(text: str) -> None:
    found = extract(text, today=MONDAY)
    assert all(entity.entity in ENTITIES and entity.value for entity in found)
