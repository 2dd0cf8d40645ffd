"""The report on training text, for texts that can be counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu.data_report import DataReport, Group, IntentText, read_groups, report_on
from nlu.evaluation_cases import Case, UnreadableCases

FILE = """\
version: "3.1"
nlu:
  # everyday messages
  - intent: greet
    examples: |
      - hai [bu](person)
      - pagi
  # regional
  - intent: greet
    examples: |
      - kulanuwun
  - intent: deny
    examples: |
      - tidak
"""


def report(*groups: tuple[str, str, list[str]], held_out: list[Case] | None = None) -> DataReport:
    return report_on([Group(intent, comment, tuple(texts)) for intent, comment, texts in groups], held_out or [])


def text_of(found: DataReport, intent: str) -> IntentText:
    return next(each for each in found.intents if each.intent == intent)


def test_groups_are_named_by_the_comment_above_them(tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_text(FILE)
    assert read_groups(tmp_path) == [
        Group("greet", "everyday messages", ("hai bu", "pagi")),
        Group("greet", "regional", ("kulanuwun",)),
        Group("deny", "", ("tidak",)),
    ]


@pytest.mark.parametrize("content", ["nlu: 3", "stories: []", "- : [", "", "nlu:\n- intent: a\n"])
def test_a_file_of_another_form_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "odd.yml").write_text(content)
    with pytest.raises(UnreadableCases, match="odd.yml"):
        read_groups(tmp_path)


def test_sentences_are_counted_by_intent() -> None:
    long = " ".join(["kata"] * 25)
    greet = text_of(report(("greet", "", ["pagi", "Pagi!", "hai kak"]), ("greet", "b", ["halo", long])), "greet")
    assert (greet.groups, greet.sentences, greet.distinct, greet.one_word, greet.long) == (2, 5, 4, 3, 1)


def test_an_intent_without_any_text_is_a_gap_too() -> None:
    found = report(("greet", "", ["pagi"] * 300), ("book_queue", "", ["mau daftar"] * 499))
    short = {each.intent: (each.sentences, each.wanted) for each in found.too_few}
    assert short["book_queue"] == (499, 500)
    assert short["deny"] == (0, 300)
    assert "greet" not in short


def test_regional_words_are_counted_by_language() -> None:
    found = report(("greet", "", ["ulun handak batakun", "arep takon", "mau tanya", "mau tanya mama"]))
    assert text_of(found, "greet").regional == 0.5
    assert (found.regional["banjar"], found.regional["javanese"]) == (1, 1)


def test_near_duplicates_are_told_apart_by_whether_they_cross_intents() -> None:
    found = report(
        ("greet", "", ["mau tanya sebentar dong kak", "mau tanya sebentar kak"]),
        ("help_menu", "", ["kak mau tanya sebentar dong", "caranya bagaimana"]),
    )
    assert (text_of(found, "greet").near_inside, text_of(found, "greet").near_across) == (2, 2)
    assert (text_of(found, "help_menu").near_inside, text_of(found, "help_menu").near_across) == (0, 1)
    assert [(pair.share, pair.intent, pair.other_intent) for pair in found.inside] == [(0.8, "greet", "greet")]
    assert [pair.share for pair in found.across] == [1.0, 0.8]


def test_held_out_sentences_are_held_against_the_training_text() -> None:
    held_out = [Case("tutup jam berapa ya bu", "facility_info"), Case("antri dong", "book_queue")]
    found = report(("doctor_schedule", "", ["jam berapa tutup ya bu"]), held_out=held_out)
    assert [(pair.text, pair.other_intent) for pair in found.held_out] == [
        ("tutup jam berapa ya bu", "doctor_schedule")
    ]
    assert text_of(found, "facility_info").held_out == 1
    assert "facility_info" in {each.intent for each in found.too_few_held_out}


def test_values_that_no_sentence_names_are_gaps() -> None:
    found = report(("book_queue", "", ["ke poli gigi selasa pagi", "untuk istri saya"]))
    unknown = {(gap.entity, gap.value) for gap in found.values if gap.is_unknown}
    assert {("poli", "kb"), ("date", "rabu"), ("time", "malam"), ("person", "cucu")} <= unknown
    assert not {("poli", "gigi"), ("date", "selasa"), ("time", "pagi"), ("person", "istri")} & unknown


def test_forms_of_a_value_that_does_occur_are_told_when_they_do_not() -> None:
    found = report(("book_queue", "", ["ke poli gigi"]))
    gap = next(gap for gap in found.values if gap.value == "gigi")
    assert not gap.is_unknown
    assert "geraham" in gap.missing
    assert "gigi" not in gap.missing
