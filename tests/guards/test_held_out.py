"""Guards that the model is not tested on what it was taught or nearly so, nor taught one sentence under two intents."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
import yaml

from nlu.near_duplicates import Neighbours, form_of
from nlu.understanding import INTENTS
from tests.guards.source_tree import ROOT, assert_none

FEWEST_HELD_OUT = 30
_ANNOTATED = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


def read_sentences(path: Path) -> dict[str, list[str]]:
    """Intent -> its sentences, of one file in Rasa's format, without annotations."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    sentences: dict[str, list[str]] = defaultdict(list)
    for block in content["nlu"]:
        if "intent" in block:
            lines = _lines(block["examples"])
            sentences[block["intent"]] += [_ANNOTATED.sub(r"\1", line.removeprefix("- ")) for line in lines]
    return sentences


def bare(sentence: str) -> str:
    """The sentence without what does not make it another one: case, punctuation, spaces."""
    words = re.sub(r"[^\w\s]|_", " ", sentence.lower()).split()
    return " ".join(words) or sentence.strip()


def leaks(taught: Mapping[str, Iterable[str]], held_out: Mapping[str, Iterable[str]]) -> list[str]:
    """Held-out sentences that the model was taught."""
    known = {bare(sentence) for sentences in taught.values() for sentence in sentences}
    return [
        f"{intent}: {sentence!r} is held out and taught; take it out of nlu/data/"
        for intent, sentences in held_out.items()
        for sentence in sentences
        if bare(sentence) in known
    ]


def near_leaks(taught: Mapping[str, Iterable[str]], held_out: Mapping[str, Iterable[str]]) -> list[str]:
    """Held-out sentences that the model was taught in nearly the same words (nlu/near_duplicates.py)."""
    known = [(intent, sentence) for intent, sentences in taught.items() for sentence in sentences]
    neighbours = Neighbours([form_of(sentence) for _, sentence in known])
    faults = []
    for intent, sentences in held_out.items():
        for sentence in sentences:
            near = neighbours.like(form_of(sentence))
            if near:
                taught_intent, other = known[near[0].place]
                faults.append(
                    f"{intent}: {sentence!r} is held out, and {other!r} ({taught_intent}) is taught; "
                    "keep what is newer out, or say it in other words"
                )
    return faults


def too_few(held_out: Mapping[str, Iterable[str]], intents: Iterable[str]) -> list[str]:
    """Intents whose reading a few held-out sentences cannot measure."""
    counts = {intent: len({bare(sentence) for sentence in held_out.get(intent, ())}) for intent in intents}
    return [
        f"{intent} has {count} held-out sentences; {FEWEST_HELD_OUT} at least"
        for intent, count in counts.items()
        if count < FEWEST_HELD_OUT
    ]


def taught_twice(taught: Mapping[str, Iterable[str]]) -> list[str]:
    """Sentences that stand under two intents."""
    under: dict[str, set[str]] = defaultdict(set)
    for intent, sentences in taught.items():
        for sentence in sentences:
            under[bare(sentence)].add(intent)
    return [
        f"{sentence!r} stands under {', '.join(sorted(intents))}; one message has one main intent (docs: intents)"
        for sentence, intents in under.items()
        if len(intents) > 1
    ]


def _lines(examples: str) -> list[str]:
    return [line.strip() for line in examples.splitlines() if line.strip()]


def _all_in(folder: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.glob("*.yml")):
        for intent, sentences in read_sentences(path).items():
            found[intent] += sentences
    return found


@pytest.fixture(scope="module")
def taught() -> dict[str, list[str]]:
    return _all_in(ROOT / "nlu" / "data")


@pytest.fixture(scope="module")
def held_out() -> dict[str, list[str]]:
    return _all_in(ROOT / "tests" / "nlu")


def test_no_held_out_sentence_is_taught(taught: dict[str, list[str]], held_out: dict[str, list[str]]) -> None:
    assert_none(leaks(taught, held_out))


def test_no_held_out_sentence_is_taught_in_nearly_the_same_words(
    taught: dict[str, list[str]], held_out: dict[str, list[str]]
) -> None:
    assert_none(near_leaks(taught, held_out))


def test_every_intent_has_enough_held_out_sentences(held_out: dict[str, list[str]]) -> None:
    assert_none(too_few(held_out, INTENTS))


def test_no_sentence_is_taught_under_two_intents(taught: dict[str, list[str]]) -> None:
    assert_none(taught_twice(taught))


def test_no_sentence_is_held_out_under_two_intents(held_out: dict[str, list[str]]) -> None:
    assert_none(taught_twice(held_out))


def test_a_leak_is_caught_whatever_its_case_and_punctuation() -> None:
    assert len(leaks({"book_queue": ["mau antri gigi besok"]}, {"book_queue": ["Mau antri, gigi besok!"]})) == 1


@pytest.mark.parametrize(
    ("taught_sentence", "held_out_sentence"),
    [
        pytest.param("saya mau daftar periksa besok", "mau daftar periksa besok", id="a word left out"),
        pytest.param("nggak bisa datang", "ga bs dtg", id="the same in another spelling"),
        pytest.param("daftar poli gigi senin", "daftar poli umum kamis", id="another poli and day"),
        pytest.param("untuk anak umur 3 tahun", "untuk suami umur 41 tahun", id="another person and number"),
        pytest.param("atas nama Siti, sudah dipanggil?", "atas nama Budi, sudah dipanggil?", id="another name"),
    ],
)
def test_a_near_duplicate_is_caught(taught_sentence: str, held_out_sentence: str) -> None:
    assert len(near_leaks({"book_queue": [taught_sentence]}, {"queue_status": [held_out_sentence]})) == 1


@pytest.mark.parametrize(
    ("taught_sentence", "held_out_sentence"),
    [
        pytest.param("saya mau daftar periksa besok", "besok anak saya mau diperiksa", id="other words"),
        pytest.param("mau daftar", "mau daftar sekarang", id="short, and one word more"),
        pytest.param("gigi", "umum", id="nothing but a value"),
    ],
)
def test_another_sentence_is_no_near_duplicate(taught_sentence: str, held_out_sentence: str) -> None:
    assert near_leaks({"book_queue": [taught_sentence]}, {"book_queue": [held_out_sentence]}) == []


def test_too_few_held_out_sentences_are_counted_once_each() -> None:
    enough = [f"kalimat {number}" for number in range(FEWEST_HELD_OUT)]

    assert too_few({"greet": enough}, ["greet"]) == []
    assert len(too_few({"greet": [*enough[1:], "Kalimat 2!"]}, ["greet"])) == 1


def test_a_sentence_under_two_intents_is_caught() -> None:
    assert len(taught_twice({"greet": ["pagi"], "goodbye": ["Pagi."]})) == 1


def test_annotations_are_no_part_of_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "x.yml"
    file.write_text('nlu:\n- intent: a\n  examples: |\n    - antri [gigi](poli) [bsk]{"entity": "date"}\n')

    assert read_sentences(file) == {"a": ["antri gigi bsk"]}
