"""The folder of models: its cards, which one serves, what is found by name and what is removed."""

from __future__ import annotations

import os
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nlu.model_shelf import ModelCard, ModelShelf, Pointer, Scores, UnknownModel, Verdict, is_whole

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SCORES = Scores("held", "code", 756, 0.938, 0.942, 0.872)


@pytest.fixture
def shelf(tmp_path: Path) -> ModelShelf:
    return ModelShelf(tmp_path / "models")


def put(shelf: ModelShelf, *names: str) -> None:
    """Models of these names, each newer than the one before."""
    shelf.folder.mkdir(exist_ok=True)
    for name in names:
        age = len(shelf.hashes())
        shelf.path(name).write_bytes(b"a model")
        os.utime(shelf.path(name), (1000 + age, 1000 + age))


def test_a_card_is_read_as_it_was_written(shelf: ModelShelf) -> None:
    verdict = Verdict("bbbb", 0.9, 0.93, 0.01, "held", "code")
    card = ModelCard("aaaa", "0.1.0", "3.6.21", 14000, NOW, 71.5, SCORES, verdict)
    shelf.write_card(card)
    assert shelf.card("aaaa") == card


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"version": "0.1.0"}', "no json"])
def test_a_broken_card_is_a_bare_one_with_the_files_own_time(shelf: ModelShelf, text: str) -> None:
    put(shelf, "aaaa")
    (shelf.folder / "sapa-aaaa.json").write_text(text)
    assert shelf.card("aaaa") == ModelCard("aaaa", trained_at=datetime.fromtimestamp(1000, UTC))


def test_on_an_empty_shelf_nothing_serves(shelf: ModelShelf) -> None:
    assert shelf.current() is None
    assert shelf.pointer() is None


def test_where_nothing_is_written_down_the_newest_model_serves(shelf: ModelShelf) -> None:
    put(shelf, "aaaa", "bbbb")
    assert shelf.current() == "bbbb"
    assert shelf.current(other_than="bbbb") == "aaaa"


def test_the_one_that_served_is_remembered_as_the_previous_one(shelf: ModelShelf) -> None:
    put(shelf, "aaaa", "bbbb", "cccc")
    shelf.point_at("aaaa", is_pinned=False)
    shelf.point_at("bbbb", is_pinned=True)
    assert shelf.pointer() == Pointer("bbbb", True, "aaaa")
    assert shelf.find("previous") == "aaaa"


def test_pointing_at_the_same_model_again_keeps_the_previous_one(shelf: ModelShelf) -> None:
    put(shelf, "aaaa", "bbbb")
    shelf.point_at("aaaa", is_pinned=False)
    shelf.point_at("bbbb", is_pinned=True)
    shelf.point_at("bbbb", is_pinned=False)
    assert shelf.pointer() == Pointer("bbbb", False, "aaaa")


def test_a_pointer_at_a_model_that_is_gone_says_nothing(shelf: ModelShelf) -> None:
    put(shelf, "aaaa", "bbbb")
    shelf.point_at("bbbb", is_pinned=True)
    shelf.path("bbbb").unlink()
    assert shelf.pointer() is None
    assert shelf.current() == "aaaa"


def test_a_model_is_found_by_its_first_letters(shelf: ModelShelf) -> None:
    put(shelf, "aaaa1111", "aaaa2222")
    assert shelf.find("aaaa1") == "aaaa1111"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("aaaa", "several models begin with aaaa", id="two could be meant"),
        pytest.param("ffff", "there is no model ffff; kept: ", id="none is called so"),
        pytest.param("aa", "there is no model aa", id="too short"),
        pytest.param("previous", "no model is remembered", id="nothing served before"),
    ],
)
def test_what_is_not_one_model_is_refused_in_words(shelf: ModelShelf, name: str, said: str) -> None:
    put(shelf, "aaaa1111", "aaaa2222")
    with pytest.raises(UnknownModel, match=said):
        shelf.find(name)


def test_what_serves_what_served_and_what_the_present_data_made_are_never_removed(shelf: ModelShelf) -> None:
    put(shelf, "1111", "2222", "3333", "4444", "5555", "6666", "7777", "8888")
    shelf.point_at("1111", is_pinned=False)
    shelf.point_at("2222", is_pinned=False)
    shelf.remove_old(present="3333")
    assert sorted(shelf.hashes()) == ["1111", "2222", "3333", "7777", "8888"]


def test_half_a_file_is_not_whole(tmp_path: Path) -> None:
    whole, half, other = tmp_path / "a.tar.gz", tmp_path / "b.tar.gz", tmp_path / "c.tar.gz"
    (tmp_path / "content").write_bytes(os.urandom(10_000))
    with tarfile.open(whole, "w:gz") as archive:
        archive.add(tmp_path / "content")
    half.write_bytes(whole.read_bytes()[:5_000])
    other.write_bytes(b"a model")
    assert [is_whole(path) for path in (whole, half, other, tmp_path / "none")] == [True, False, False, False]
