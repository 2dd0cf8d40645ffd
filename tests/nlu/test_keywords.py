"""Whole-message keywords, and the guess by words while the model is down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.guess import guess_intent
from nlu.keywords import INTENT_OF, has_yes_word, read_keyword
from nlu.understanding import INTENTS


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("0", "menu", id="zero"),
        pytest.param("MENU", "menu", id="menu"),
        pytest.param("9", "staff", id="nine"),
        pytest.param("petugas dong", "staff", id="petugas with a small word"),
        pytest.param("slh", "undo", id="salah"),
        pytest.param("btl", "cancel", id="batal"),
        pytest.param("gajadi", "cancel", id="gajadi"),
        pytest.param("iyaaa bu", "yes", id="stretched yes"),
        pytest.param("y", "yes", id="y"),
        pytest.param("inggih", "yes", id="Javanese yes"),
        pytest.param("hiih", "yes", id="Banjar yes"),
        pytest.param("iye'", "yes", id="Bugis yes"),
        pytest.param("gak", "no", id="no"),
        pytest.param("kada", "no", id="Banjar no"),
        pytest.param("ora", "no", id="Javanese no"),
        pytest.param("STOP", "stop", id="stop"),
        pytest.param("JANGAN KIRIM LAGI!!", "stop", id="do not send again"),
        pytest.param("unreg", "stop", id="unreg"),
        pytest.param("MULAI", "start", id="start"),
        pytest.param("lanjut", "continue", id="go on"),
        pytest.param("bukan saya", "not_me", id="not me"),
        pytest.param("salah sambung", "not_me", id="wrong number"),
        pytest.param("mksh ya", "thanks", id="thanks"),
        pytest.param("halo kak", "greet", id="hello"),
        pytest.param("dadah", "goodbye", id="bye"),
        pytest.param("2.", "digit", id="a digit with a dot"),
    ],
)
def test_a_whole_message_keyword_is_read(text: str, name: str) -> None:
    keyword = read_keyword(text)
    assert keyword is not None
    assert keyword.name == name


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("stop obat kapan?", id="stop inside a question"),
        pytest.param("batal antri gigi besok", id="batal with more"),
        pytest.param("salah satu syaratnya apa", id="salah inside a sentence"),
        pytest.param("10", id="two digits"),
        pytest.param("-1", id="a negative number"),
        pytest.param("nomor", id="nomor is no no"),
        pytest.param("", id="empty"),
        pytest.param("\U0001f44d", id="a thumb"),
        pytest.param("menu makanan balita apa ya", id="menu of food"),
    ],
)
def test_what_says_more_is_no_keyword(text: str) -> None:
    assert read_keyword(text) is None


def test_a_digit_keeps_its_value() -> None:
    keyword = read_keyword(" 3 ")
    assert keyword is not None
    assert ("digit", "3") == (keyword.name, keyword.value)


@pytest.mark.parametrize("intent", INTENT_OF.values())
def test_every_keyword_has_an_intent_that_exists(intent: str) -> None:
    assert intent in INTENTS


@pytest.mark.parametrize(
    ("text", "is_yes"),
    [
        pytest.param("iya bu besok", True, id="iya"),
        pytest.param("oke siap", True, id="oke"),
        pytest.param("selasa", False, id="no yes in it"),
        pytest.param("سلام", False, id="Arabic script"),
    ],
)
def test_a_yes_needs_a_yes_word(text: str, is_yes: bool) -> None:
    assert has_yes_word(text) is is_yes


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        pytest.param("antri gigi bsk", "book_queue", id="book"),
        pytest.param("mo berobat", "book_queue", id="be seen"),
        pytest.param("antrian brp lagi", "queue_status", id="how long still"),
        pytest.param("nomor saya brp", "queue_status", id="my number"),
        pytest.param("batal antri", "cancel_queue", id="cancel"),
        pytest.param("ganti jam antrian", "reschedule_queue", id="another hour"),
        pytest.param("bpjs sy aktif ga", "membership_status", id="is it active"),
        pytest.param("kis mati", "membership_status", id="card is dead"),
        pytest.param("iuran brp", "dues_info", id="dues"),
        pytest.param("pindah faskes", "change_membership_data", id="change facility"),
        pytest.param("mau lapor petugas jutek", "file_complaint", id="complain"),
        pytest.param("keluhan sy gmn", "complaint_status", id="what of my complaint"),
        pytest.param("dokter gigi jadwal", "doctor_schedule", id="schedule"),
        pytest.param("imunisasi campak kpn", "vaccination_info", id="vaccine"),
        pytest.param("syarat daftar", "registration_requirements", id="requirements"),
        pytest.param("alamat puskesmas", "facility_info", id="address"),
        pytest.param("jam buka", "facility_info", id="opening hours"),
        pytest.param("riwayat berobat", "visit_history", id="history"),
        pytest.param("bicara sama orang", "talk_to_staff", id="a person"),
        pytest.param("posyandu kapan", "checkup_info", id="posyandu"),
    ],
)
def test_without_the_model_the_main_asks_are_guessed(text: str, intent: str) -> None:
    guess = guess_intent(text)
    assert guess is not None
    assert guess[0] == intent


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("masih jauh gak antrian saya", id="a question tag is no cancellation"),
        pytest.param("anak gak sembuh2, mau berobat", id="a denied word is no cancellation"),
    ],
)
def test_a_tidak_alone_cancels_nothing(text: str) -> None:
    guess = guess_intent(text)
    assert guess is not None
    assert guess[0] != "cancel_queue"


@given(st.text(max_size=200))
def test_any_text_is_read_without_error(text: str) -> None:
    keyword = read_keyword(text)
    assert keyword is None or keyword.name in INTENT_OF
    guess = guess_intent(text)
    assert guess is None or guess[0] in INTENTS
