"""Scores that can be worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu.evaluate import Answer, Confusion, answers_for, evaluate_file, score, spelled, table
from nlu.evaluation_cases import Case
from nlu.understanding import Understanding


def answer(intent: str, predicted: str, *alternatives: str) -> Answer:
    return Answer(Case("x", intent, alternatives), predicted)


def test_a_second_reading_counts_as_right() -> None:
    assert score([answer("book_queue", "file_complaint", "file_complaint")]).accuracy == 1


def test_a_wrong_reading_counts_as_wrong() -> None:
    report = score([answer("greet", "greet"), answer("greet", "thanks", "help_menu")])
    assert report.accuracy == 0.5


def test_f1_is_the_mean_over_intents_and_not_over_messages() -> None:
    answers = [answer("greet", "greet")] * 3 + [answer("thanks", "greet")]
    report = score(answers)
    greet, thanks = report.intents
    assert (greet.precision, greet.recall) == (0.75, 1)
    assert greet.f1 == pytest.approx(6 / 7)
    assert thanks.f1 == 0
    assert report.macro_f1 == pytest.approx(3 / 7)


def test_the_most_frequent_confusion_comes_first() -> None:
    answers = [answer("greet", "thanks")] + [answer("deny", "affirm")] * 2
    assert score(answers).confusions == (Confusion("deny", "affirm", 2), Confusion("greet", "thanks", 1))


def test_nothing_to_score_is_zero() -> None:
    assert (score([]).total, score([]).accuracy, score([]).macro_f1) == (0, 0, 0)


def test_the_table_names_intents_and_confusions() -> None:
    shown = table(score([answer("greet", "thanks"), answer("deny", "deny")]))
    assert "messages 2   accuracy 0.500" in shown
    assert "1 greet -> thanks" in shown


def test_a_file_is_scored_with_what_understands(tmp_path: Path) -> None:
    file = tmp_path / "real.jsonl"
    file.write_text('{"text": "hai", "intent": "greet"}\n{"text": "makasih", "intent": "thanks"}\n')
    report = evaluate_file(file, lambda text: Understanding(text, "greet", 1.0))
    assert (report.total, report.accuracy) == (2, 0.5)


def test_an_answer_keeps_what_was_read_by_whom_and_what_is_done_with_it() -> None:
    read = answers_for(
        [Case("mau daftar", "book_queue")],
        lambda text: Understanding(text, "book_queue", 0.5, by="model"),
        done_with=lambda reading: "confirm" if reading.confidence < 0.6 else "act",
    )
    assert read == [Answer(Case("mau daftar", "book_queue"), "book_queue", 0.5, "model", "confirm", "mau daftar")]


def test_misspelt_cases_are_read_as_they_are_misspelt_and_always_in_the_same_way() -> None:
    text = "saya mau daftar periksa gigi besok pagi"
    once, again = (answers_for([Case(text, "greet")], _greets, misspelt=0.6)[0].text for _ in range(2))
    assert once == again == spelled(text, 0.6) != text
    assert spelled(text, 0) == text


def _greets(text: str) -> Understanding:
    return Understanding(text, "greet", 1.0)
