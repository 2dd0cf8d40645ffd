"""Scores that can be worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu.evaluate import (
    Answer,
    Case,
    Confusion,
    UnreadableCases,
    evaluate_file,
    read_cases,
    score,
    table,
)
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


def test_messages_are_read_from_lines_of_json(tmp_path: Path) -> None:
    file = tmp_path / "real.jsonl"
    file.write_text(
        '{"text": "hai", "intent": "greet", "alt_intents": ["help_menu"]}\n\n{"text": "y", "intent": "affirm"}\n'
    )
    assert read_cases(file) == [Case("hai", "greet", ("help_menu",)), Case("y", "affirm")]


def test_messages_are_read_from_rasa_files_without_their_marks(tmp_path: Path) -> None:
    (tmp_path / "book_queue.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: book_queue\n  examples: |\n    - poli [gigi](poli) [bsk]{"entity": "date"}\n'
        "    - daftar: dong\n"
    )
    groups = [f"- intent: greet\n  examples: |\n    - {text}\n" for text in ("hai", "pagi")]
    (tmp_path / "greet.yml").write_text("nlu:\n" + "".join(groups))
    assert read_cases(tmp_path) == [
        Case("poli gigi bsk", "book_queue"),
        Case("daftar: dong", "book_queue"),
        Case("hai", "greet"),
        Case("pagi", "greet"),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.jsonl", '{"text": "hai"}', id="no intent"),
        pytest.param("a.jsonl", "hai", id="no JSON"),
        pytest.param("a.yml", "nlu: 3", id="no list"),
        pytest.param("a.yml", "- : [", id="no YAML"),
        pytest.param("a.yml", "stories: []", id="no nlu"),
    ],
)
def test_a_file_of_another_form_is_named(tmp_path: Path, name: str, content: str) -> None:
    file = tmp_path / name
    file.write_text(content)
    with pytest.raises(UnreadableCases, match=name):
        read_cases(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableCases, match="nowhere"):
        read_cases(tmp_path / "nowhere.jsonl")


def test_a_file_is_scored_with_what_understands(tmp_path: Path) -> None:
    file = tmp_path / "real.jsonl"
    file.write_text('{"text": "hai", "intent": "greet"}\n{"text": "makasih", "intent": "thanks"}\n')
    report = evaluate_file(file, lambda text: Understanding(text, "greet", 1.0))
    assert (report.total, report.accuracy) == (2, 0.5)
