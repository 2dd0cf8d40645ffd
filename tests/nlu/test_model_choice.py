"""Which model serves after training: better, worse, unscored, pinned, broken, and never the same work twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nlu.model_choice import MARGIN, Workshop, choose_model, is_worse, score_if_unscored, train_and_choose, unpin
from nlu.model_scores import CannotScore, HeldOut
from nlu.model_shelf import Pointer, Scores, hash_of
from nlu.train import TrainingFailed, data_hash
from tests.nlu.test_train import BADLY, WELL, fake_rasa

NOW = datetime(2026, 11, 23, tzinfo=UTC)
HELD_OUT = "nlu:\n- intent: greet\n  examples: |\n    - halo\n    - hai\n"


@dataclass
class FakeScoring:
    """Scores that a test sets, by the content that stood in config.yml when the model was trained."""

    accuracy: dict[str, float] = field(default_factory=dict)
    scored: list[str] = field(default_factory=list)

    def __call__(self, model: Path, *, rasa_python: Path, held_out: HeldOut, code: str) -> Scores:
        name = hash_of(model)
        self.scored.append(name)
        if name not in self.accuracy:
            raise CannotScore("no parser starts with it")
        return Scores(held_out.hash, code, len(held_out.cases), self.accuracy[name], 0.9, 0.8)


@dataclass
class Bench:
    """A project whose data a test changes, and the workshop over it."""

    root: Path
    shop: Workshop
    scoring: FakeScoring
    told: list[str]

    def change(self, *, accuracy: float | None) -> str:
        """Other data, whose model will score like this; its hash."""
        (self.root / "config.yml").write_text(f"change {len(self.scoring.accuracy)} {accuracy}")
        name = data_hash(self.root)
        if accuracy is not None:
            self.scoring.accuracy[name] = accuracy
        return name

    def with_rasa(self, what: str) -> Workshop:
        return replace(self.shop, rasa_python=fake_rasa(self.root, what))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "held_out").mkdir()
    (tmp_path / "held_out" / "greet.yml").write_text(HELD_OUT)
    scoring, told = FakeScoring(), list[str]()
    shop = Workshop(
        rasa_python=fake_rasa(tmp_path, WELL),
        model_dir=tmp_path / "models",
        progress=told.append,
        clock=lambda: NOW,
        held_out=tmp_path / "held_out",
        root=tmp_path,
        score=scoring,
    )
    return Bench(tmp_path, shop, scoring, told)


def served(bench: Bench) -> str | None:
    said = bench.shop.shelf.pointer()
    return said.hash if said else None


def test_the_first_model_serves_at_once_and_is_not_waited_for(bench: Bench) -> None:
    first = bench.change(accuracy=0.9)
    choice = choose_model(bench.shop)
    assert (hash_of(choice.model), choice.said, served(bench)) == (first, "", first)
    assert bench.scoring.scored == []


def test_the_first_model_is_scored_when_somebody_asked_for_it(bench: Bench) -> None:
    first = bench.change(accuracy=0.9)
    assert "reads 0.900 of 2 held-out sentences right" in train_and_choose(bench.shop).said
    assert bench.shop.shelf.card(first).scores is not None


def test_a_better_model_takes_over_and_the_old_one_is_the_previous_one(bench: Bench) -> None:
    first = bench.change(accuracy=0.90)
    choose_model(bench.shop)
    second = bench.change(accuracy=0.92)
    choice = choose_model(bench.shop)
    assert (served(bench), bench.shop.shelf.find("previous")) == (second, first)
    assert f"Model {second} serves from now on" in choice.said
    assert "0.920" in choice.said and "0.900" in choice.said


def test_a_worse_model_is_kept_and_does_not_serve(bench: Bench) -> None:
    first = bench.change(accuracy=0.92)
    choose_model(bench.shop)
    second = bench.change(accuracy=0.90)
    choice = train_and_choose(bench.shop)
    assert (hash_of(choice.model), served(bench)) == (first, first)
    assert bench.shop.shelf.has(second)
    for words in ("0.900", "0.920", f"{first} goes on serving", f"`sapa nlu use {second}`"):
        assert words in choice.said


def test_a_worse_model_is_neither_trained_nor_scored_again(bench: Bench) -> None:
    bench.change(accuracy=0.92)
    choose_model(bench.shop)
    second = bench.change(accuracy=0.90)
    choose_model(bench.shop)
    done = len(bench.scoring.scored)
    choice = choose_model(bench.with_rasa(BADLY))
    assert (len(bench.scoring.scored), second in choice.said) == (done, True)


def test_a_fall_within_the_margin_is_taken_for_chance(bench: Bench) -> None:
    bench.change(accuracy=0.92)
    choose_model(bench.shop)
    second = bench.change(accuracy=0.92 - MARGIN)
    choose_model(bench.shop)
    assert served(bench) == second


@pytest.mark.parametrize(
    ("now", "margin", "worse"),
    [
        pytest.param(0.90, 0.01, True, id="two points, one allowed"),
        pytest.param(0.90, 0.02, False, id="two points, two allowed"),
        pytest.param(0.93, 0.0, False, id="better"),
        pytest.param(0.9199, 0.0, True, id="no margin"),
    ],
)
def test_worse_is_more_than_the_margin_below(now: float, margin: float, worse: bool) -> None:
    old = Scores("h", "c", 756, 0.92, 0.9, 0.8)
    assert is_worse(replace(old, accuracy=now), than=old, margin=margin) is worse


@pytest.mark.parametrize(
    ("noticed", "worse"),
    [
        pytest.param(0.95, True, id="five of a hundred emergencies fewer"),
        pytest.param(0.98, False, id="two of a hundred may be chance"),
        pytest.param(None, False, id="no ear to compare"),
    ],
)
def test_a_model_that_notices_fewer_emergencies_is_worse_however_well_it_reads(
    noticed: float | None, worse: bool
) -> None:
    old = Scores("h", "c", 756, 0.92, 0.9, 0.8, danger_noticed=1.0)
    assert is_worse(replace(old, accuracy=0.99, danger_noticed=noticed), than=old, margin=0.01) is worse


def test_who_asks_with_a_wider_margin_gets_the_new_model(bench: Bench) -> None:
    bench.change(accuracy=0.92)
    choose_model(bench.shop)
    second = bench.change(accuracy=0.90)
    choose_model(bench.shop)
    train_and_choose(replace(bench.shop, margin=0.05))
    assert served(bench) == second
    assert bench.shop.shelf.card(second).verdict is None


def test_both_are_scored_anew_when_the_held_out_sentences_change(bench: Bench) -> None:
    first = bench.change(accuracy=0.90)
    train_and_choose(bench.shop)
    (bench.root / "held_out" / "deny.yml").write_text(HELD_OUT.replace("greet", "deny").replace("ha", "no"))
    second = bench.change(accuracy=0.95)
    choose_model(bench.shop)
    assert bench.scoring.scored == [first, second, first]


def test_both_are_scored_anew_when_the_code_in_the_parser_changes(bench: Bench) -> None:
    first = bench.change(accuracy=0.90)
    train_and_choose(bench.shop)
    (bench.root / "nlu").mkdir()
    (bench.root / "nlu" / "normalise.py").write_text("changed")
    second = bench.change(accuracy=0.95)
    choose_model(bench.shop)
    assert bench.scoring.scored == [first, second, first]


def test_an_old_model_that_cannot_be_loaded_any_more_gives_way(bench: Bench) -> None:
    first = bench.change(accuracy=None)
    choose_model(bench.shop)
    second = bench.change(accuracy=0.5)
    choice = choose_model(bench.shop)
    assert served(bench) == second
    assert f"the old one, {first}, cannot be loaded" in choice.said


def test_a_new_model_that_no_parser_loads_does_not_serve(bench: Bench) -> None:
    first = bench.change(accuracy=0.9)
    choose_model(bench.shop)
    second = bench.change(accuracy=None)
    choice = choose_model(bench.shop)
    assert served(bench) == first
    assert f"The new model {second} cannot serve (no parser starts with it)" in choice.said


def test_without_held_out_sentences_the_new_model_is_taken_and_called_unscored(bench: Bench) -> None:
    shop = replace(bench.shop, held_out=bench.root / "nowhere")
    bench.change(accuracy=0.9)
    choose_model(shop)
    second = bench.change(accuracy=0.1)
    assert "unscored: no sentences in" in choose_model(shop).said
    assert served(bench) == second


def test_held_out_sentences_that_cannot_be_read_do_not_stop_anything(bench: Bench) -> None:
    bench.change(accuracy=0.9)
    choose_model(bench.shop)
    (bench.root / "held_out" / "greet.yml").write_text("no cases")
    second = bench.change(accuracy=0.1)
    assert "unscored" in choose_model(bench.shop).said
    assert served(bench) == second


def test_a_pinned_model_is_not_replaced_and_nothing_is_trained(bench: Bench) -> None:
    first = bench.change(accuracy=0.9)
    choose_model(bench.shop)
    bench.shop.shelf.point_at(first, is_pinned=True)
    second = bench.change(accuracy=0.99)
    choice = choose_model(bench.with_rasa(BADLY))
    assert (hash_of(choice.model), bench.shop.shelf.has(second)) == (first, False)
    assert f"Model {first} is pinned" in choice.said


def test_who_asks_gets_a_trained_model_beside_the_pinned_one(bench: Bench) -> None:
    first = bench.change(accuracy=0.9)
    choose_model(bench.shop)
    bench.shop.shelf.point_at(first, is_pinned=True)
    second = bench.change(accuracy=0.99)
    choice = train_and_choose(bench.shop)
    assert served(bench) == first
    assert f"{second}, reads 0.990 right" in choice.said


def test_a_model_that_is_pinned_while_another_is_scored_stays(bench: Bench) -> None:
    first = bench.change(accuracy=0.9)
    choose_model(bench.shop)
    bench.change(accuracy=0.99)

    def pin_and_score(model: Path, *, rasa_python: Path, held_out: HeldOut, code: str) -> Scores:
        bench.shop.shelf.point_at(first, is_pinned=True)
        return bench.scoring(model, rasa_python=rasa_python, held_out=held_out, code=code)

    choice = choose_model(replace(bench.shop, score=pin_and_score))
    assert (hash_of(choice.model), bench.shop.shelf.pointer()) == (first, Pointer(first, True, None))


def test_unpinned_the_model_for_the_present_data_is_weighed(bench: Bench) -> None:
    first = bench.change(accuracy=0.9)
    choose_model(bench.shop)
    second = bench.change(accuracy=0.99)
    choose_model(bench.shop)
    bench.shop.shelf.point_at(first, is_pinned=True)
    unpin(bench.shop)
    assert served(bench) == second
    assert not getattr(bench.shop.shelf.pointer(), "is_pinned", True)


def test_unpinned_without_a_model_for_the_present_data_the_old_one_goes_on(bench: Bench) -> None:
    first = bench.change(accuracy=0.9)
    choose_model(bench.shop)
    bench.shop.shelf.point_at(first, is_pinned=True)
    bench.change(accuracy=0.99)
    assert "`sapa train`" in unpin(bench.shop).said
    assert served(bench) == first


def test_a_failed_training_lets_the_old_model_go_on_at_a_start(bench: Bench) -> None:
    first = bench.change(accuracy=0.9)
    choose_model(bench.shop)
    bench.change(accuracy=0.9)
    choice = choose_model(bench.with_rasa(BADLY))
    assert hash_of(choice.model) == first
    assert "Training failed" in choice.said
    with pytest.raises(TrainingFailed):
        train_and_choose(bench.with_rasa(BADLY))


def test_a_failed_first_training_is_a_failure(bench: Bench) -> None:
    bench.change(accuracy=0.9)
    with pytest.raises(TrainingFailed):
        choose_model(bench.with_rasa(BADLY))


def test_a_model_from_before_there_were_cards_is_compared_too(bench: Bench) -> None:
    first = bench.change(accuracy=0.95)
    bench.shop.model_dir.mkdir()
    bench.shop.shelf.path(first).write_bytes(b"a model")
    bench.change(accuracy=0.5)
    assert hash_of(choose_model(bench.shop).model) == first
    assert bench.shop.shelf.pointer() == Pointer(first, is_pinned=False, previous=None)


def test_an_unscored_model_is_scored_once_by_the_running_parser(bench: Bench) -> None:
    first, asked = bench.change(accuracy=0.9), list[str]()

    def read_scores(held_out: HeldOut, code: str) -> Scores:
        asked.append(code)
        return Scores(held_out.hash, code, 2, 0.75, 0.7, 0.6)

    choose_model(bench.shop)
    score_if_unscored(bench.shop, read_scores)
    score_if_unscored(bench.shop, read_scores)
    assert len(asked) == 1
    scores = bench.shop.shelf.card(first).scores
    assert scores is not None and scores.accuracy == 0.75
