"""Free answers to every kind of question: what the open step expects goes before what the model hears in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.dialog import Choice, Heard, Unclear
from flows.engine import advance, answers_open_question
from flows.newcomers import TRAVEL
from flows.readers import READERS
from flows.state import DialogState, Question
from nlu.extract import extract
from nlu.keywords import read_keyword
from nlu.understanding import INTENTS, Understanding
from tests.flows.toy import ALL, FACILITY, NOW, asked_first, said, turn_of

TODAY = FACILITY.today(NOW)
POLIS = (Choice("umum", "Umum"), Choice("gigi", "Gigi"))
PEOPLE = (Choice("p1", "Siti"), Choice("p2", "Budi"))
RIGHT = (Choice("said:1993-08-17", "Lahir 17 Agu 93"), Choice("nik:1993-08-18", "Lahir 18 Agu 93"))
DAYS = (Choice("2026-11-24/pagi", "Besok pagi"), Choice("2026-11-25/pagi", "Rabu 25 Nov pagi"))


def heard(text: str, intent: str = "out_of_scope", *, sure: float = 0.99) -> Heard:
    """The message as the turn hands it on, with a reading of the model that may have nothing to do with it."""
    keyword = read_keyword(text)
    understanding = Understanding(text, intent, sure, extract(text, today=TODAY), by="model")
    return Heard(understanding, today=TODAY, keyword=keyword.name if keyword is not None else None)


ANSWERS = [
    pytest.param("read_choice", POLIS, "ke poli gigi", "gigi", id="a poli"),
    pytest.param("read_choice", POLIS, "yg no 2 bu", "gigi", id="a number with words"),
    pytest.param("read_choice", POLIS, "yang kedua", "gigi", id="an ordinal"),
    pytest.param("read_offered_poli", POLIS, "iya", "umum", id="the poli that was offered"),
    pytest.param("read_yes_no", (), "iya bu", "yes", id="yes"),
    pytest.param("read_yes_no", (), "gak mau", "no", id="no"),
    pytest.param("read_cancel", (), "batal", "yes", id="batal to a cancel"),
    pytest.param("read_go_on", (), "lanjut", "yes", id="go on"),
    pytest.param("read_when", DAYS, "rabu pagi", "2026-11-25", id="a day"),
    pytest.param("read_when", DAYS, "1", "2026-11-24/pagi", id="an offer"),
    pytest.param("read_other_day", DAYS, "yang rabu aja bu", "2026-11-25/", id="another day instead of a closed one"),
    pytest.param("read_day_choice", (), "lusa aja", "2026-11-25", id="the day after tomorrow"),
    pytest.param("read_whom", PEOPLE, "yg budi", "p2", id="somebody known"),
    pytest.param("read_whom", PEOPLE, "utk ibu saya", "ibu", id="a relation"),
    pytest.param(
        "read_ticket", (Choice("7", "B1 Siti"), Choice("8", "A2 Budi")), "punya budi", "8", id="a number's owner"
    ),
    pytest.param("read_birth_day", (), "12 mei 90", "1990-05-12", id="a birth date"),
    pytest.param("read_birth_or_forgotten", (), "lupa bu", "forgotten", id="a birth date that is not known"),
    pytest.param("read_born_answer", (), "lahirnya 17 agustus 93 bu", "1993-08-17", id="a newcomer's birth date"),
    pytest.param("read_year_answer", (), "thn 93 bu", "1993", id="a year of birth"),
    pytest.param("read_number_answer", (), "blm punya bu", "none", id="no card"),
    pytest.param("read_number_answer", (), "kis nya blm jadi", "none", id="a card that is not there yet"),
    pytest.param("read_right_birth", RIGHT, "yang kedua bu", "nik:1993-08-18", id="which of two birth dates"),
    pytest.param("read_travel", TRAVEL, "kurang lebih stengah jam", "30", id="how far"),
    pytest.param("read_member_number", (), "0001234567890", "0001234567890", id="a card number"),
    pytest.param("read_member_number", (), "kartunya hilang", "forgotten", id="a card that is lost"),
    pytest.param("read_member", PEOPLE, "siti", "p1", id="a member"),
    pytest.param("read_patient_name", (), "nama saya budi", "Budi", id="a name"),
    pytest.param("read_name", (), "Ahmad Fauzi", "Ahmad Fauzi", id="a plain name"),
    pytest.param("read_free_text", (), "antri 3 jam", "antri 3 jam", id="a story"),
    pytest.param(
        "read_menu_choice", (Choice("book_queue", "Ambil antrian"),), "ambil antrian", "book_queue", id="menu"
    ),
    pytest.param("read_meant", (Choice("dues_info", "Ya"), Choice("menu", "Bukan")), "bukan", "menu", id="not meant"),
    pytest.param("read_reminder_answer", (), "sudah kemarin", "done", id="a reminder"),
]


@pytest.mark.parametrize(("reader", "choices", "text", "value"), ANSWERS)
def test_a_short_answer_is_read_whatever_the_model_would_say(
    reader: str, choices: tuple[Choice, ...], text: str, value: str
) -> None:
    question = Question("which", "x", "chosen", reader, "menu.main", choices=choices)
    plain = replace(heard(text), understanding=replace(heard(text).understanding, by="step"))

    assert value == READERS[reader](replace(plain, choices=choices))
    assert answers_open_question(DialogState(flow="meant", question=question), plain)


@pytest.mark.parametrize("text", ["makasih ya bu", "kapan ya bu", "gimana ya", "bentar ya", "maaf ya pak"])
def test_a_sentence_with_the_particle_ya_confirms_nothing(text: str) -> None:
    offered = (Choice("reschedule_queue", "Ya"), Choice("menu", "Bukan"))
    with pytest.raises(Unclear):
        READERS["read_meant"](replace(heard(text), choices=offered))


@pytest.mark.parametrize("text", ["ya", "iya bu", "ya bu", "1", "iya bu tolong"])
def test_a_plain_yes_takes_the_wish_that_was_offered(text: str) -> None:
    offered = (Choice("reschedule_queue", "Ya"), Choice("menu", "Bukan"))
    assert "reschedule_queue" == READERS["read_meant"](replace(heard(text), choices=offered))


def test_every_reader_has_an_answer_here() -> None:
    assert set() == set(READERS) - {str(param.values[0]) for param in ANSWERS} - {"read_case_code"}


@pytest.mark.parametrize("reader", ["read_patient_name", "read_name", "read_free_text"])
@pytest.mark.parametrize("intent", sorted(set(INTENTS) - {"emergency"}))
def test_free_text_is_never_shown_to_the_model(reader: str, intent: str) -> None:
    question = Question("second", "story", "done", reader, "menu.main", takes_anything=True)

    assert answers_open_question(DialogState(flow="toy", question=question), heard("Budi Santoso", intent))


@pytest.mark.parametrize("intent", sorted(set(INTENTS) - {"emergency"}))
def test_a_digit_answers_whatever_the_model_would_say(intent: str) -> None:
    turn = turn_of("2", intent)

    assert ["file_complaint.ask_story"] == said(advance(ALL, turn, asked_first()))


@pytest.mark.parametrize(
    ("taken", "intent", "sure", "text"),
    [
        pytest.param(True, "visit_history", 0.95, "saya sih ke poli gigi saja ya bu dokter", id="nothing is asked"),
        pytest.param(True, "dues_info", 0.7, "bisa kah saya ke poli gigi saja bu", id="not sure of another wish"),
        pytest.param(False, "dues_info", 0.9, "bayar iuran di poli gigi bisa kah bu", id="sure, and asks"),
    ],
)
def test_a_long_answer_is_an_answer_unless_it_surely_asks_something_else(
    taken: bool, intent: str, sure: float, text: str
) -> None:
    turn = turn_of(text, intent, poli="gigi")
    turn = replace(turn, heard=replace(turn.heard, understanding=replace(turn.heard.understanding, confidence=sure)))

    assert taken is (said(advance(ALL, turn, asked_first())) == ["file_complaint.ask_story"])


@pytest.mark.parametrize(
    ("expected", "intent", "sure", "text"),
    [
        pytest.param("yes", "affirm", 0.9, "boleh bu tolong dilanjutkan ya", id="a sure yes"),
        pytest.param(None, "affirm", 0.59, "boleh jadi sih bu dilanjutkan", id="a doubtful yes"),
        pytest.param("yes", "cancel_queue", 0.9, "iya bu tolong dibatalkan saja ya", id="begins with a yes"),
        pytest.param(None, "affirm", 0.3, "iya tapi nanti dulu ya bu", id="takes the yes back"),
        pytest.param(None, "out_of_scope", 0.3, "ya ampun lama sekali sih bu", id="ya is no yes here"),
        pytest.param(None, "facility_info", 0.9, "iya jam berapa bukanya ya bu", id="asks behind the yes"),
        pytest.param("no", "deny", 0.45, "tidak jadi bu saya tetap datang", id="a no may be less sure"),
        pytest.param(None, "deny", 0.3, "entah lah bu saya bingung", id="a doubtful no"),
    ],
)
def test_a_yes_in_words_must_be_sure(expected: str | None, intent: str, sure: float, text: str) -> None:
    try:
        value = READERS["read_yes_no"](heard(text, intent, sure=sure))
    except Unclear:
        value = None

    assert expected == value
