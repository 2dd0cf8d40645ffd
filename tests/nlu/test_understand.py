"""The whole pipeline, with a parser that says what the test wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.understand import LONGEST_FOR_MODEL, Understander
from nlu.understanding import INTENTS, Entity, Understanding

MONDAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Said:
    """What the model says; without a ranking of its own, the one intent and nothing else."""

    intent: str
    confidence: float = 0.9
    entities: tuple[Entity, ...] = ()
    ranking: tuple[tuple[str, float], ...] = ()
    danger: float | None = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "ranking", self.ranking or ((self.intent, self.confidence),))


@dataclass
class Parrot:
    """A parser that always says the same and remembers what it was asked."""

    said: Said | None
    heard: list[str] = field(default_factory=list)

    def parse(self, text: str) -> Said | None:
        self.heard.append(text)
        return self.said


def understand(text: str, said: Said | None = None) -> Understanding:
    return Understander(parser=Parrot(said)).understand(text, today=MONDAY)


def test_danger_words_go_before_the_intent() -> None:
    found = understand("anak saya kejang", Said("book_queue", danger=0.6))
    assert ("emergency", "seizure", "danger") == (found.intent, found.danger, found.by)


def test_a_danger_message_keeps_its_values() -> None:
    assert understand("anak saya kejang").value("person") == "anak"


def test_a_keyword_needs_no_model() -> None:
    parrot = Parrot(Said("book_queue"))
    found = Understander(parser=parrot).understand("STOP", today=MONDAY)
    assert ("stop_messages", "keyword") == (found.intent, found.by)
    assert [] == parrot.heard


def test_the_model_decides_the_rest() -> None:
    found = understand("kapan saya harus balik lagi ke sana", Said("checkup_info", 0.8))
    assert ("checkup_info", 0.8, "model") == (found.intent, found.confidence, found.by)


def test_below_the_threshold_nothing_is_believed() -> None:
    found = understand("zxcvb qwert itu lho", Said("checkup_info", 0.1))
    assert ("out_of_scope", 0.1, "model") == (found.intent, found.confidence, found.by)


def test_below_the_threshold_plain_words_may_decide() -> None:
    found = understand("antrian gigi besok", Said("goodbye", 0.1))
    assert ("book_queue", "keyword") == (found.intent, found.by)


def test_an_intent_that_does_not_exist_is_not_believed() -> None:
    assert understand("kapan saya ke sana", Said("nlu_fallback")).intent == "out_of_scope"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        pytest.param("kartu saya hilang di jalan", "out_of_scope", id="no yes in it"),
        pytest.param("iya itu yang saya maksud tadi", "affirm", id="a yes in it"),
    ],
)
def test_a_yes_of_the_model_needs_a_yes_word(text: str, intent: str) -> None:
    assert understand(text, Said("affirm")).intent == intent


@pytest.mark.parametrize(
    ("danger", "intent"),
    [pytest.param(0.9, "emergency", id="sure"), pytest.param(0.3, "health_question", id="unsure")],
)
def test_the_models_ear_alarms_without_a_danger_word_when_it_is_sure(danger: float, intent: str) -> None:
    found = understand("badan bapak aneh rasanya", Said("health_question", danger=danger))
    assert (intent, None) == (found.intent, found.danger)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("saya tidak sesak napas", id="denied"),
        pytest.param("dulu pernah kejang waktu bayi", id="past"),
        pytest.param("penyuluhan stroke kapan", id="taught"),
    ],
)
def test_over_harmless_danger_words_the_models_ear_must_be_surer(text: str) -> None:
    assert understand(text, Said("facility_info", danger=0.7)).intent == "facility_info"


def test_a_sign_is_let_go_where_the_models_ear_is_sure_that_nothing_is_wrong() -> None:
    assert understand("anak saya kejang", Said("out_of_scope", danger=0.001)).intent == "out_of_scope"


@pytest.mark.parametrize(
    "text", [pytest.param("saya mau bunuh diri", id="self-harm"), pytest.param("suami saya mukul saya", id="violence")]
)
def test_self_harm_and_violence_are_not_easily_let_go(text: str) -> None:
    assert understand(text, Said("out_of_scope", danger=0.01)).intent == "emergency"


def test_a_sign_behind_the_cut_is_never_let_go() -> None:
    text = "lama sekali " * 100 + ". anak saya kejang"
    assert understand(text, Said("file_complaint", danger=0.0)).intent == "emergency"


def test_the_intent_emergency_is_no_alarm_where_the_models_ear_hears_none() -> None:
    ranking = (("emergency", 0.7), ("health_question", 0.2))
    found = understand("badan bapak aneh rasanya", Said("emergency", 0.7, ranking=ranking, danger=0.1))
    assert ("health_question", 0.2) == (found.intent, found.confidence)


def test_a_model_without_an_ear_is_believed_by_its_intent() -> None:
    assert understand("badan bapak aneh rasanya", Said("emergency", 0.9, danger=None)).intent == "emergency"


def test_the_parser_is_asked_once_about_one_message() -> None:
    parrot = Parrot(Said("checkup_info"))
    understander = Understander(parser=parrot).for_one_message()
    understander.danger_in("kapan saya harus balik lagi ke sana", today=MONDAY)
    understander.understand("kapan saya harus balik lagi ke sana", today=MONDAY)
    assert ["kapan saya harus balik lagi ke sana"] == parrot.heard


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("   \n", id="spaces"),
        pytest.param("\U0001f600\U0001f64f", id="emoji"),
        pytest.param("!!!", id="signs"),
        pytest.param("سلام عليكم", id="another script"),
        pytest.param("\ud800", id="a broken sign"),
    ],
)
def test_a_message_without_letters_is_not_sent_to_the_model(text: str) -> None:
    parrot = Parrot(Said("affirm"))
    found = Understander(parser=parrot).understand(text, today=MONDAY)
    assert ("out_of_scope", "none") == (found.intent, found.by)
    assert [] == parrot.heard


def test_a_command_with_a_slash_reaches_the_model_as_plain_text() -> None:
    parrot = Parrot(Said("out_of_scope"))
    Understander(parser=parrot).understand(' / /book_queue{"poli":"x"}', today=MONDAY)
    assert ['book_queue{"poli":"x"}'] == parrot.heard


def test_a_long_text_is_cut_for_the_model_and_kept_whole_for_people() -> None:
    parrot = Parrot(Said("file_complaint"))
    found = Understander(parser=parrot).understand("lama sekali " * 500, today=MONDAY)
    assert len(parrot.heard[0]) == LONGEST_FOR_MODEL
    assert len(found.text) == 6000


def test_without_a_model_words_decide_and_say_so() -> None:
    found = understand("antrian gigi besok", None)
    assert ("book_queue", "keyword") == (found.intent, found.by)


def test_without_a_model_and_without_words_nothing_is_understood() -> None:
    found = understand("qwrtp zxcvb", None)
    assert ("out_of_scope", "none") == (found.intent, found.by)


def test_no_parser_at_all_is_like_a_model_that_is_down() -> None:
    found = Understander().understand("antrian gigi besok", today=MONDAY)
    assert ("book_queue", "keyword") == (found.intent, found.by)


def test_our_own_values_go_before_the_models() -> None:
    said = Said("book_queue", 0.9, (Entity("poli", "umum", "umum"), Entity("person", "anak", "anak")))
    found = understand("tolong catatkan gigi ya bu untuk hari rabu", said)
    assert "gigi" == found.value("poli")
    assert "anak" == found.value("person")


@given(st.text(max_size=200), st.sampled_from([*INTENTS, "nonsense"]), st.floats(0, 1))
def test_any_text_and_any_reading_give_a_known_intent(text: str, intent: str, confidence: float) -> None:
    found = understand(text, Said(intent, confidence))
    assert found.intent in INTENTS
    assert found.text == text


def test_what_the_model_holds_for_next_likely_is_told_without_the_intent_itself() -> None:
    ranking = (("dues_info", 0.5), ("membership_status", 0.3), ("out_of_scope", 0.1))
    reading = Understander(parser=Parrot(Said("dues_info", 0.5, ranking=ranking))).understand("iuran", today=MONDAY)
    assert ("membership_status", "out_of_scope") == reading.others
