"""Scoring a model: which sentences count, that copies are always misspelt alike, and what a dead parser means."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu.evaluation_cases import Case, UnreadableCases
from nlu.model_scores import (
    HELD_OUT,
    CannotScore,
    Heard,
    HeldOut,
    read_held_out,
    score_model,
    score_readings,
    score_running,
)
from nlu.server import HOST, free_port
from tests.nlu.conftest import RASA_PYTHON
from tests.nlu.test_server import python

CASES = HeldOut((Case("mau daftar poli gigi besok pagi", "book_queue"), Case("terima kasih banyak ya", "thanks")))


def test_the_held_out_sentences_of_a_checkout_are_found() -> None:
    held_out = read_held_out(HELD_OUT)
    assert held_out is not None
    assert len(held_out.cases) > 700


def test_other_files_in_the_folder_are_no_held_out_sentences(tmp_path: Path) -> None:
    (tmp_path / "greet.yml").write_text("nlu:\n- intent: greet\n  examples: |\n    - halo\n")
    (tmp_path / "values.jsonl").write_text('{"kind": "clean"}\n')
    assert read_held_out(tmp_path) == HeldOut((Case("halo", "greet"),))


def test_where_there_are_none_there_is_nothing_to_score(tmp_path: Path) -> None:
    assert read_held_out(tmp_path / "nowhere") is None
    assert read_held_out(tmp_path) is None


def test_a_file_may_be_named_instead_of_a_folder(tmp_path: Path) -> None:
    file = tmp_path / "own.jsonl"
    file.write_text('{"text": "halo", "intent": "greet"}\n')
    assert read_held_out(file) == HeldOut((Case("halo", "greet"),))
    file.write_text("no json\n")
    with pytest.raises(UnreadableCases):
        read_held_out(file)


def test_the_hash_changes_with_a_sentence_and_not_with_the_order() -> None:
    turned = HeldOut(CASES.cases[::-1])
    other = HeldOut((*CASES.cases, Case("halo", "greet")))
    assert CASES.hash == turned.hash != other.hash


def test_what_is_read_right_is_counted_as_written_and_misspelt() -> None:
    texts: list[str] = []

    def read(text: str) -> Heard:
        texts.append(text)
        return "book_queue", None

    scores = score_readings(read, CASES, code="c")
    assert (scores.sentences, scores.accuracy, scores.accuracy_misspelt) == (2, 0.5, 0.5)
    assert (scores.held_out, scores.code) == (CASES.hash, "c")
    assert texts[:2] != texts[2:]
    first = list(texts)
    texts.clear()
    score_readings(read, CASES, code="c")
    assert texts == first


def test_the_share_of_emergencies_that_the_ear_for_danger_hears_is_counted() -> None:
    heard = {"anak kejang": 0.9, "bapak aneh": 0.1, "halo": 0.7}
    cases = (Case("anak kejang", "emergency"), Case("bapak aneh", "emergency"), Case("halo", "greet"))
    scores = score_readings(lambda text: ("greet", heard.get(text, 0.0)), HeldOut(cases), code="c")
    assert scores.danger_noticed == 0.5


def test_a_parser_that_does_not_answer_has_no_scores() -> None:
    with pytest.raises(CannotScore, match="stopped answering"):
        score_running(url=f"http://{HOST}:{free_port()}", token="t", held_out=CASES, code="c")


def test_a_parser_that_does_not_start_has_no_scores(tmp_path: Path) -> None:
    rasa = python(tmp_path, "print('no model')")
    with pytest.raises(CannotScore, match="no parser starts"):
        score_model(tmp_path / "m.tar.gz", rasa_python=rasa, held_out=CASES, code="c")


@pytest.mark.rasa
def test_a_real_model_is_scored_by_a_parser_of_its_own(model: Path) -> None:
    scores = score_model(model, rasa_python=RASA_PYTHON, held_out=CASES, code="c")
    assert scores.accuracy == 1.0
