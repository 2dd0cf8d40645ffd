"""Files of messages, read for evaluation."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu.evaluation_cases import Case, CaseFile, DangerCase, UnreadableCases, read_case_file, read_cases


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
        pytest.param("a.jsonl", "[1]", id="no object"),
        pytest.param("a.jsonl", '{"text": "hai", "is_emergency": "yes"}', id="neither true, false nor null"),
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


def test_danger_cases_are_read_in_place_of_intents(tmp_path: Path) -> None:
    file = tmp_path / "danger.jsonl"
    rows = [("kejang", "true"), ("darah tinggi", "false"), ("pusing", "null")]
    file.write_text("".join(f'{{"text": "{text}", "is_emergency": {value}}}\n' for text, value in rows))
    wanted = (DangerCase("kejang", True), DangerCase("darah tinggi", False), DangerCase("pusing", None))
    assert read_case_file(file) == CaseFile(danger=wanted)


def test_rows_about_values_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "values.jsonl").write_text('{"text": "poli gigi", "expect": {"poli": "gigi"}}\n')
    (tmp_path / "greet.yml").write_text("nlu:\n- intent: greet\n  examples: |\n    - hai\n")
    assert read_case_file(tmp_path) == CaseFile((Case("hai", "greet"),))


def test_rows_that_name_a_source_are_others_words(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "hai", "intent": "greet", "source": "app reviews"}\n')
    (tmp_path / "b.jsonl").write_text('{"text": "ya", "intent": "affirm"}\n')
    assert read_case_file(tmp_path).has_sources
    assert not read_case_file(tmp_path / "b.jsonl").has_sources
