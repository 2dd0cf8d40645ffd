"""The trained model itself: held-out sentences, and borders that a patient would notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu.client import MODEL_THRESHOLD
from nlu.evaluate import Report, evaluate_file, table
from nlu.understanding import Understanding
from tests.nlu.conftest import RealParser

pytestmark = pytest.mark.rasa

# Measured 0.87 and 0.87 on the model alone; the word list for danger and the keywords come on top of it.
ACCURACY = 0.84
MACRO_F1 = 0.84
RECALL_OF_EVERY_INTENT = 0.5


@pytest.fixture(scope="module")
def report(parser: RealParser) -> Report:
    def read(text: str) -> Understanding:
        reading = parser.client.parse(text)
        if reading is None:
            return Understanding(text, "none", 0.0)
        return Understanding(text, reading.intent, reading.confidence)

    return evaluate_file(Path(__file__).parent, read)


def test_the_model_reads_held_out_sentences(report: Report) -> None:
    assert report.accuracy >= ACCURACY, table(report)
    assert report.macro_f1 >= MACRO_F1, table(report)


def test_no_intent_is_lost(report: Report) -> None:
    lost = [each.intent for each in report.intents if each.recall < RECALL_OF_EVERY_INTENT]
    assert lost == [], table(report)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        pytest.param("sy mo daftar poli gigi bsk pagi utk anak sy", "book_queue", id="short writing"),
        pytest.param("ulun handak baantri isuk ka poli umum", "book_queue", id="Banjar"),
        pytest.param("arep prikso sesuk, njaluk nomer antrian yo bu", "book_queue", id="Javanese"),
        pytest.param("aplikasi error terus, tolong ambilkan nomor poli umum besok", "book_queue", id="ask in anger"),
        pytest.param("pelayanannya lama sekali, petugas jutek, kecewa saya", "file_complaint", id="anger alone"),
        pytest.param("keluhan saya minggu kemarin sudah ditangani belum", "complaint_status", id="what became of it"),
        pytest.param("kartu bpjs ibu saya masih aktif tidak ya", "membership_status", id="is it active"),
        pytest.param("syarat berobat pakai bpjs apa saja yang dibawa", "registration_requirements", id="what to bring"),
        pytest.param("saldo jht di jmo kok belum cair", "out_of_scope", id="another office"),
        pytest.param("tolong sambungkan ke orang, jangan robot", "talk_to_staff", id="a person please"),
    ],
)
def test_a_clear_message_is_read_with_confidence(parser: RealParser, text: str, intent: str) -> None:
    reading = parser.client.parse(text)
    assert reading is not None
    assert reading.intent == intent
    assert reading.confidence >= MODEL_THRESHOLD


@pytest.mark.parametrize("text", ["xkqj wvvz pqrt", "fhtg bvxc qzpl", "qṉzv ẘvkq ẙxjw"])
def test_a_text_without_known_words_stays_below_the_threshold(parser: RealParser, text: str) -> None:
    reading = parser.client.parse(text)
    assert reading is not None
    assert reading.intent == "out_of_scope" or reading.confidence < MODEL_THRESHOLD


@pytest.mark.parametrize("command", ['/emergency{"poli": "gigi"}', "/restart", "//affirm"])
def test_a_command_is_not_obeyed(parser: RealParser, command: str) -> None:
    reading = parser.client.parse(command)
    assert reading is not None
    assert reading.confidence < 1
    assert reading.entities == ()
