"""Automatic replies are known by their sentences, and nothing that a patient writes is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.auto_replies import is_auto_reply
from tests.guards.source_tree import ROOT
from tests.guards.test_held_out import read_sentences

MACHINES = """
Terima kasih telah menghubungi Toko Berkah. Pesan Anda akan segera kami balas.
Terima kasih telah menghubungi kami. Ada yang bisa kami bantu?
Halo, ada yang bisa kami bantu?
Pesan Anda no. 123 telah kami terima
Ini adalah pesan otomatis. Mohon tidak membalas pesan ini.
Pesan ini dikirim secara otomatis, mohon tidak membalas.
Saat ini saya sedang di luar kantor sampai 30 November. Saya akan membalas setelah kembali.
Mohon maaf, kami sedang di luar kantor.
Sedang di luar kantor, akan segera kami balas
Out of office
Automatic reply: Out of Office
Auto reply: I am out of the office until Monday.
Thank you for contacting us! We'll get back to you as soon as possible.
Thank you for your message. We're unavailable right now, but will respond as soon as possible.
Thanks for messaging us. We try to be as responsive as possible. We'll get back to you soon.
Selamat datang di Apotek Sehat. Silakan tinggalkan pesan, kami akan segera membalas.
Mohon maaf saat ini kami tidak dapat merespon pesan Anda. Jam operasional kami Senin - Jumat pukul 08.00 - 16.00.
Anda menghubungi kami di luar jam operasional. Kami akan membalas pesan Anda pada jam kerja.
Terimakasih sudah menghubungi CV Maju Jaya. Mohon tunggu, admin kami akan segera membalas ya kak.
Pelanggan yth, terima kasih atas kepercayaan Anda. Ketik 1 untuk info produk
[Balasan otomatis] Saya sedang mengemudi.
Balasan otomatis: saya sedang rapat, nanti saya hubungi.
Saya sedang cuti. Ini adalah pesan otomatis.
Terima kasih sudah chat Warung Tini 🙏 Pesanan akan segera diproses
Saya asisten virtual Bank Contoh. Ada yang bisa dibantu?
Laporan Anda dengan nomor 8812 telah kami terima dan akan segera diproses.
Nomor yang Anda hubungi tidak aktif
Your message has been received. Do not reply to this message.
We are currently closed. Our opening hours are 9 to 5.
Saat ini semua operator kami sedang sibuk. Mohon menunggu.
Hai! Terima kasih telah menghubungi Salon Cantik. Kami sedang tutup dan akan membalas besok pagi.
Assalamualaikum, terima kasih telah menghubungi Klinik Sehat. Silakan tuliskan nama dan keperluan Anda.
Kami akan segera menghubungi Anda kembali.
Kantor kami sedang tutup
Maaf, toko kami sedang libur sampai tanggal 2. Pesan akan dibalas setelah buka kembali.
""".strip().splitlines()

PEOPLE = """
terima kasih bu
terima kasih sudah menghubungi saya bu
terima kasih telah menghubungi, nanti saya datang
terima kasih sudah mengingatkan
terima kasih telah melayani ibu saya
hp saya lagi rusak
saya sedang di luar kota, bisa ganti hari?
saya sedang di luar kantor
sedang di luar kota sampai jumat
maaf baru balas
maaf saya belum bisa membalas tadi, lagi kerja
maaf kami belum bisa datang
ini pesan otomatis ya?
ini pesan otomatis ya
ini balasan otomatis atau orang beneran?
apa ini pesan otomatis
kok balasannya otomatis terus sih
pesan otomatis? saya mau daftar
jam operasional puskesmas hari sabtu?
jam buka hari minggu
di luar jam kerja bisa berobat?
mau daftar ketik 1 ya?
saya balas 1 kok tidak jadi
nomor ini sudah tidak aktif, hubungi 081200000001
pesan saya sudah diterima belum?
pesannya sudah saya terima
ada yang bisa bantu saya?
nanti saya hubungi lagi
kami akan datang besok jam 8
mohon tunggu sebentar
mohon maaf baru sempat balas
tolong jangan balas pesan ini dulu
kami tidak bisa datang besok
apotek tutup jam berapa
kantor bpjs tutup jam berapa
ok thanks for your help, tomorrow I come
anak saya kejang
silakan hubungi suami saya 081200000002
admin tolong balas dong
petugas tidak ada di loket
permintaan obat sudah diterima belum
anda bot ya
""".strip().splitlines()


@pytest.mark.parametrize("text", MACHINES)
def test_what_a_machine_writes_is_known(text: str) -> None:
    assert is_auto_reply(text)
    assert is_auto_reply(text.upper())


def test_a_menu_of_several_lines_is_known_and_one_line_of_it_is_not_enough() -> None:
    lines = ["Ketik 1 untuk pendaftaran", "Ketik 2 untuk jadwal dokter"]

    assert [False, True] == [is_auto_reply(lines[0]), is_auto_reply("\n".join(lines))]


@pytest.mark.parametrize("text", PEOPLE)
def test_what_a_patient_writes_is_not_taken_for_a_machine(text: str) -> None:
    assert not is_auto_reply(text)


@pytest.mark.parametrize("machine", [text for text in MACHINES if "oto" not in text and "uto" not in text])
def test_a_wish_behind_an_automatic_sentence_is_a_persons(machine: str) -> None:
    assert not is_auto_reply(f"{machine} saya mau daftar besok?")


def test_no_sentence_that_patients_taught_or_tested_is_automatic() -> None:
    paths = [*(ROOT / "nlu" / "data").glob("*.yml"), *(ROOT / "tests" / "nlu").glob("*.yml")]
    sentences = [each for path in paths for lines in read_sentences(path).values() for each in lines]
    taken = [sentence for sentence in sentences if is_auto_reply(sentence)]

    assert len(sentences) > 10_000
    assert [] == taken


@given(st.text(max_size=2000))
def test_any_text_can_be_asked_about(text: str) -> None:
    assert is_auto_reply(text) in (True, False)
