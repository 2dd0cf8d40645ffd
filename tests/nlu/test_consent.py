"""STOP and START are heard in many words, as whole messages only."""

from __future__ import annotations

import pytest

from nlu.keywords import read_keyword

STOPS = """
STOP
stop
Stop.
STOP!!!
S T O P
setop
stoppp
STOP. Terima kasih
stop, makasih ya
stop ya bu
tlg stop
mohon stop
stop aja
udah stop
sudah stop aja min
stop kirim
stop kirim sms
stop kirim2
stop sms
stop wa
stop smsnya
stop notif
stop pengingat
stop semua pesan
stop langganan
BERHENTI
brhenti
brenti
berenti kirim
berhenti kirim sms ke saya
berhenti sms saya
berhenti mengirim pesan
berhenti berlangganan
hentikan
hentikan pesan ini
hentikan sms ini
tolong hentikan pengiriman pesannya
JANGAN KIRIM LAGI
jgn kirim lg
jgn krm lg
jgn krim sms lg
jangan kirim pesan lagi ke saya
jangan kirim pesan
jangan sms lagi
jgn sms sy lagi
jangan wa saya lagi
jangan chat saya
jangan dikirimi lagi
jangan dikirim lagi
jangan kirim2 lagi
jangan hubungi saya lagi
jangan hubungi nomor ini lagi
jangan ganggu saya
gak usah kirim sms lagi
ga usah kirim lagi
gausah kirim pesan lg
nggak usah kirim wa lagi
tdk usah dikirim lagi
tidak usah dikirimi pesan lagi
ga usah wa lagi
gak usah diingatkan lagi
tidak perlu kirim pesan lagi
tdk perlu sms lagi
tidak mau terima sms lagi
saya tidak mau terima pesan lagi
saya tidak mau disms lagi
ga mau dapat sms lagi
tidak mau menerima pesan
unsubscribe
unsub
unreg
UNREG SAPA
hapus no saya
hapus nomor ini
keluarkan saya dari daftar
matikan notifikasi
nonaktifkan pesan
batalkan langganan
opt out
stop texting me
don't text me
ojo ngirim maneh
aja ngirim maneh
ojo sms maneh
ampun kirim malih
kada usah sms lagi
nda usah kirim lagi
jang kirim lagi
""".strip().splitlines()

NO_STOPS = """
stop obat kapan?
berhenti merokok gimana
STOP 12345?
kapan stop minum obat
stop asi kapan ya
obat tb boleh stop?
mau stop KB
cara berhenti merokok
berhenti minum obat darah tinggi boleh?
haid berhenti 2 bulan
perdarahannya belum berhenti
pendaftaran berhenti jam berapa
jangan kirim saya ke rumah sakit
jangan lupa besok
kirim lagi nomornya
jangan ganggu antrian orang
hapus nomor antrian saya
hapus antrian saya
batal
batalkan
tidak usah
gak jadi
nggak usah daftar
tidak mau suntik
saya tidak mau antri lama
salah nomor
bus stop dekat puskesmas
kenapa berhenti kirim obat
kok berhenti kirim pengingat
kenapa pesan saya tidak dibalas lagi
hentikan pendarahan gimana
mimisan tidak berhenti
pesan obat lagi
stop bpjs
nonaktifkan bpjs
saya mau berhenti kerja
saya tidak mau lagi ke dokter itu
jangan dikirim
""".strip().splitlines()

STARTS = """
MULAI
mulai lagi
mulai. terima kasih
start
LANJUT KIRIM
lanjut kirim lagi
lanjutkan kirim pesan
kirim lagi
boleh kirim lagi
boleh sms lagi
aktifkan lagi
aktifkan pengingat
kirim pesan lagi
saya mau terima pesan lagi
tolong kirim pengingat lagi
subscribe
UNSTOP
langganan lagi
miwiti maneh
""".strip().splitlines()


def _name(text: str) -> str | None:
    keyword = read_keyword(text)
    return keyword.name if keyword is not None else None


@pytest.mark.parametrize("text", STOPS)
def test_a_stop_is_heard_in_any_words(text: str) -> None:
    assert "stop" == _name(text)


@pytest.mark.parametrize("text", NO_STOPS)
def test_what_says_more_or_something_else_is_no_stop(text: str) -> None:
    assert _name(text) not in ("stop", "start")


@pytest.mark.parametrize("text", STARTS)
def test_a_start_is_heard_in_any_words(text: str) -> None:
    assert "start" == _name(text)


def test_there_are_enough_of_each() -> None:
    assert len(set(STOPS)) >= 60
    assert len(set(NO_STOPS)) >= 30
