"""A message as a sentence that names nobody: what goes, what stays, and what holds for any text whatever."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlu.anonymous import LONGEST_SENTENCE, KnownNames, anonymous, name_words

REGISTER = name_words(["Ratna Dewi", "Joko Susilo", "Putri Indah", "Hari Susanto", "Ari", "Suparti"])
KNOWN = KnownNames.of(
    ["Mama Alya 🌸", "Siti Aminah", "Annisa", "Rohani", "Hari Susanto", "M. Nur Hidayah", "Yang Sabar"],
    register=REGISTER,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("nik saya 6472015205900001 aktif?", "nik saya 000 aktif?", id="NIK"),
        pytest.param("nik 6472 0152 0590 0001", "nik 000", id="NIK in groups"),
        pytest.param("cek kartu 0001-0000-0001-1", "cek kartu 000", id="card number with hyphens"),
        pytest.param("hp saya 081234567890", "hp saya 000", id="phone"),
        pytest.param("wa +62 812-3456-7890 ya", "wa 000 ya", id="phone of the world"),
        pytest.param("telp (0541) 123 456", "telp (000", id="phone of a house"),
        pytest.param("０８１２３４５６７８９ halo", "000 halo", id="wide figures"),
        pytest.param("no ٠٨١٢٣٤٥٦٧٨٩ halo", "no 000 halo", id="Arabic figures"),
        pytest.param("nol delapan satu dua tiga empat nomor saya", "000 nomor saya", id="spoken figures"),
        pytest.param("rm 004518 lupa bawa", "rm 000 lupa bawa", id="record number"),
        pytest.param("email saya budi.s@gmail.com ganti", "email saya orang@contoh.id ganti", id="e-mail"),
        pytest.param("lihat @budi_santoso", "lihat @Fulan", id="handle"),
        pytest.param("rumah di https://maps.app.goo.gl/Ab1 ya", "rumah di tautan ya", id="link"),
        pytest.param("lahir 12-05-1990", "lahir 1-1-2000", id="birth date"),
        pytest.param("lahir 12 Mei 1990", "lahir 1 Mei 2000", id="birth date with its month"),
        pytest.param("lahir 12mei1990", "lahir 1mei2000", id="birth date in one word"),
        pytest.param("lahir 1990/05/12", "lahir 2000-1-1", id="birth date, year first"),
        pytest.param("rumah jl. Mawar Merah no 12 dekat masjid", "rumah jl Melati no 1 dekat masjid", id="street"),
        pytest.param("jln diponegoro 5a", "jln Melati no 1", id="street without a word for number"),
        pytest.param("jl mawar gg 3 no 4a", "jl Melati no 1", id="lane of a street"),
        pytest.param("warga rt 03/rw 05 sini", "warga rt 1/rw 1 sini", id="neighbourhood"),
        pytest.param("blok C no. 12", "blok Melati no 1", id="block"),
    ],
)
def test_numbers_and_addresses_give_way(text: str, expected: str) -> None:
    assert expected == anonymous(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("nama saya siti aminah mau daftar", "nama saya Fulan mau daftar", id="after nama saya"),
        pytest.param("NAMA SAYA WAGINI MAU DAFTAR", "NAMA SAYA Fulan MAU DAFTAR", id="shouted"),
        pytest.param("Nama Saya Rukmini Mau Daftar", "Nama Saya Fulan Mau Daftar", id="capitals everywhere"),
        pytest.param("Nama: Darmawan\nNIK: 6472011708580002", "Nama: Fulan NIK: 000", id="a form"),
        pytest.param("a.n. joko susilo bin karso besok", "a.n. Fulan besok", id="after a.n."),
        pytest.param("an. wahyuni daftar kia", "an. Fulan daftar kia", id="after an."),
        pytest.param("a/n rahmat hidayat kartu biru", "a/n Fulan kartu biru", id="after a/n"),
        pytest.param("atas nama Indah Permata Sari, poli umum", "atas nama Fulan, poli umum", id="after atas nama"),
        pytest.param("petugas bernama hj. nurjanah", "petugas bernama hj. Fulan", id="after bernama"),
        pytest.param("suami sy namanya supardi umur 60", "suami sy namanya Fulan umur 60", id="after namanya"),
        pytest.param("nama ibu saya: Sulastri umur 71", "nama ibu saya: Fulan umur 71", id="a relative's"),
        pytest.param("halo saya Wati umur 34", "halo saya Fulan umur 34", id="a capital after saya"),
        pytest.param("kapan dr. Hendra masuk", "kapan dr. Fulan masuk", id="a capital after dr."),
        pytest.param("saya Pak Slamet dari sini", "saya Pak Fulan dari sini", id="an everyday word after Pak"),
    ],
)
def test_a_name_gives_way_where_names_stand(text: str, expected: str) -> None:
    assert expected == anonymous(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("sy aminah mau tanya", "sy Fulan mau tanya", id="a word of a linked person's name"),
        pytest.param("mama alya demam", "mama Fulan demam", id="the profile name, its kin word kept"),
        pytest.param("anisa panas tinggi", "Fulan panas tinggi", id="one n less"),
        pytest.param("anak sy rohane demam", "anak sy Fulan demam", id="one slip"),
        pytest.param("sitinya sakit", "Fulan sakit", id="with an ending"),
        pytest.param("siti_aminah90 lupa sandi", "Fulan90 lupa sandi", id="in a user name"),
        pytest.param("SITIAMINAH", "Fulan", id="in one word"),
        pytest.param("hari ini hari susanto sakit", "hari ini Fulan sakit", id="an everyday word inside a whole name"),
        pytest.param("nur hidayah kontrol", "Fulan kontrol", id="without the initial"),
        pytest.param("bu ratna yg kmrn jaga", "bu Fulan yg kmrn jaga", id="somebody of the register"),
        pytest.param("yang sakit ibu, hari apa buka", "yang sakit ibu, hari apa buka", id="words of a profile"),
        pytest.param("putri saya demam", "putri saya demam", id="an everyday word of the register"),
        pytest.param("ari ini buka?", "ari ini buka?", id="a short word of the register"),
    ],
)
def test_a_known_name_gives_way_wherever_it_stands(text: str, expected: str) -> None:
    assert expected == anonymous(text, names=KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "sy mo dftr poli gigi bsk jam 8",
        "nama saya salah di kartu bpjs",
        "hapus nama saya dari antrian",
        "nama saya dipanggil belum",
        "ada antrian atas nama saya yang saya gak ingat",
        "anak2 kos2an demam",
        "tensi 140/90, gula 200, obat 3x1, umur 55",
        "bayar 42.000 per bulan",
        "bisa jalan kaki 15 menit",
        "jalan ke poli gigi jam 9",
        "antrian B12 keluhan K27",
        "besok tgl 23 November jam 08.30",
        "suntik DPT 1 2 3 kapan",
    ],
)
def test_what_names_nobody_stays_as_it_was_written(text: str) -> None:
    assert text == anonymous(text, names=KNOWN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("bpjs saya\n\n  mati\u2028ya", "bpjs saya mati ya", id="one line"),
        pytest.param("[poli](gigi) {x}", "(poli)(gigi) (x)", id="no marks of entities"),
        pytest.param("/restart dong", "restart dong", id="no command"),
        pytest.param("- halo bu", "halo bu", id="no list mark"),
        pytest.param("hal\x00o\u202e bu", "halo bu", id="nothing invisible"),
        pytest.param("6472015205900001", "", id="only a number"),
        pytest.param("👍🏽 ???", "", id="no letters"),
    ],
)
def test_a_sentence_is_one_plain_line_or_nothing(text: str, expected: str) -> None:
    assert expected == anonymous(text)


def test_a_long_message_is_cut_between_words_after_it_was_cleaned() -> None:
    sentence = anonymous("mau tanya jadwal " * 23 + "081234567890 " * 9)

    assert len(sentence) <= LONGEST_SENTENCE
    assert set("mau tanya jadwal 000".split()) == set(sentence.split())


PIECES = st.one_of(
    st.text(),
    st.text(alphabet="0123456789 .-/()+٣３", min_size=1, max_size=30),
    st.sampled_from("nama saya a.n. Siti aminah bernama no 12 rt 3/4 0812 3456 7890 b@x.id mei 1990 nol dua".split()),
)
MESSAGES = st.lists(PIECES, max_size=12).map(" ".join)


@given(MESSAGES)
@example("12-05-1990 081234567890")
@example("1 2 3 4 5 6 7 8 9 0")
@example("jl. mawar no 12 3456789")
def test_no_long_run_of_figures_survives(text: str) -> None:
    figures = re.sub(r"(?<=\d)[ .\-/()+_*]+(?=\d)", "", anonymous(text, names=KNOWN))

    assert re.search(r"\d{10}", figures) is None
    assert re.search(r"\d{5}", anonymous(text, names=KNOWN)) is None


@given(MESSAGES)
def test_no_known_name_survives(text: str) -> None:
    words = re.findall(r"[^\W\d_]+", anonymous(f"{text} Siti Aminah {text}", names=KNOWN).casefold())

    assert not {"siti", "aminah", "alya", "rohani", "hidayah"}.intersection(words)


@given(MESSAGES)
def test_a_sentence_is_printable_and_fits_one_line(text: str) -> None:
    sentence = anonymous(text, names=KNOWN)

    assert sentence.isprintable() and not set("[]{}").intersection(sentence)
    assert len(sentence) <= LONGEST_SENTENCE and sentence == sentence.strip()
