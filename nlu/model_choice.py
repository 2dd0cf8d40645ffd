"""Chooses the model that serves: the one for the present data, unless it reads the held-out sentences worse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from nlu.evaluation_cases import UnreadableCases
from nlu.model_scores import HELD_OUT, CannotScore, HeldOut, read_held_out, score_model
from nlu.model_shelf import ModelShelf, Scores, Verdict, hash_of
from nlu.server import ROOT
from nlu.train import TrainingFailed, code_hash, data_hash, ensure_model

# Of a fall on the held-out sentences, so much may be chance; see docs/nlu.md, "Models".
MARGIN = 0.01
# Two of the 77 held-out emergencies may be chance, three are not.
DANGER_MARGIN = 0.03
ROUNDING = 1e-9


class Scoring(Protocol):
    """Gives the scores of a model file; raises CannotScore."""

    def __call__(self, model: Path, *, rasa_python: Path, held_out: HeldOut, code: str) -> Scores: ...


@dataclass(frozen=True)
class Workshop:
    """What choosing a model works with."""

    rasa_python: Path
    model_dir: Path
    progress: Callable[[str], None]
    clock: Callable[[], datetime]
    held_out: Path = HELD_OUT
    margin: float = MARGIN
    root: Path = ROOT
    score: Scoring = score_model

    @property
    def shelf(self) -> ModelShelf:
        return ModelShelf(self.model_dir)


@dataclass(frozen=True)
class Choice:
    """The model that serves and, where there is something to tell, why."""

    model: Path
    said: str = ""


def choose_model(shop: Workshop) -> Choice:
    """The model to serve, trained and compared first when the data changed; a model without a rival is not scored.

    A pinned model stays. A model that was found worse is not trained or scored again. Raises TrainingFailed
    only where no older model can go on serving.
    """
    said = shop.shelf.pointer()
    if said is not None and said.is_pinned:
        return Choice(shop.shelf.path(said.hash), f"{_pinned(shop, said.hash)}.")
    try:
        new = hash_of(_ensure(shop))
    except TrainingFailed as error:
        old = shop.shelf.current()
        if old is None:
            raise
        return Choice(shop.shelf.path(old), f"Training failed, so model {old} goes on serving. {error}")
    with shop.shelf.alone():
        return _settle(shop, new, is_asked=False)


def train_and_choose(shop: Workshop) -> Choice:
    """The same because somebody asked: everything is scored, and what was found worse is weighed anew.

    Raises TrainingFailed.
    """
    new = hash_of(_ensure(shop))
    with shop.shelf.alone():
        return _settle(shop, new, is_asked=True)


def unpin(shop: Workshop) -> Choice:
    """Let training choose again; the model for the present data is weighed if it is there. Trains nothing."""
    shelf, new = shop.shelf, data_hash(shop.root)
    with shelf.alone():
        old = shelf.current()
        if old is None:
            raise TrainingFailed("there is no model yet: `sapa train`")
        shelf.point_at(old, is_pinned=False)
        if shelf.has(new):
            return _settle(shop, new, is_asked=True)
    return Choice(shelf.path(old), f"Model {old} goes on; none is trained on the present data yet: `sapa train`.")


def score_if_unscored(shop: Workshop, read_scores: Callable[[HeldOut, str], Scores]) -> None:
    """Write down how the serving model scores where nobody knows yet. Raises CannotScore, UnreadableCases."""
    name, held_out, code = shop.shelf.current(), read_held_out(shop.held_out), code_hash(shop.root)
    if name is None or held_out is None or _known(shop, name, held_out=held_out, code=code):
        return
    shop.shelf.write_scores(name, read_scores(held_out, code))


def _ensure(shop: Workshop) -> Path:
    return ensure_model(
        rasa_python=shop.rasa_python,
        model_dir=shop.model_dir,
        progress=shop.progress,
        clock=shop.clock,
        root=shop.root,
    )


def _settle(shop: Workshop, new: str, *, is_asked: bool) -> Choice:
    """`new` or the model that serves now, whichever may serve from now on."""
    shelf = shop.shelf
    old, said = shelf.current(other_than=new), shelf.pointer()
    if said is not None and said.is_pinned:
        return _beside_pinned(shop, said.hash, new, is_asked=is_asked)
    if old is None or old == new:
        if said is None:
            shelf.point_at(new, is_pinned=False)
        scores = _score_quietly(shop, new) if is_asked else None
        return Choice(shelf.path(new), _told(shop, new, scores) if is_asked else "")
    if said is None:
        shelf.point_at(old, is_pinned=False)
    choice, said = _compare(shop, new=new, old=old, is_asked=is_asked), shelf.pointer()
    if said is not None and said.is_pinned:  # by a person, while we were scoring
        return _beside_pinned(shop, said.hash, new, is_asked=False)
    if choice.model == shelf.path(new):
        shelf.write_card(replace(shelf.card(new), verdict=None))
        shelf.point_at(new, is_pinned=False)
    return choice


def _beside_pinned(shop: Workshop, pinned: str, new: str, *, is_asked: bool) -> Choice:
    scores = _score_quietly(shop, new) if is_asked and new != pinned else None
    read = f"; the model for the present data, {new}, reads {_share(scores)} right" if scores else ""
    return Choice(shop.shelf.path(pinned), f"{_pinned(shop, pinned)}{read}.")


def _compare(shop: Workshop, *, new: str, old: str, is_asked: bool) -> Choice:
    shelf, code = shop.shelf, code_hash(shop.root)
    try:
        held_out = read_held_out(shop.held_out)
    except UnreadableCases as problem:
        return Choice(shelf.path(new), f"Model {new} serves from now on, unscored: {problem}")
    if held_out is None:
        return Choice(shelf.path(new), f"Model {new} serves from now on, unscored: no sentences in {shop.held_out}.")
    known = shelf.card(new).verdict
    if known is not None and not is_asked and _still_holds(known, old=old, held_out=held_out, code=code):
        return Choice(shelf.path(old), _found_worse(new, old, known))
    try:
        now = _scored(shop, new, held_out=held_out, code=code)
    except CannotScore as problem:
        return Choice(shelf.path(old), f"The new model {new} cannot serve ({problem}), so {old} goes on serving.")
    try:
        before = _scored(shop, old, held_out=held_out, code=code)
    except CannotScore:
        words = f"the old one, {old}, cannot be loaded by the present code any more"
        return Choice(shelf.path(new), f"Model {new} serves from now on: {words}.")
    return _decide(shop, new=new, old=old, now=now, before=before)


def _decide(shop: Workshop, *, new: str, old: str, now: Scores, before: Scores) -> Choice:
    shelf = shop.shelf
    if is_worse(now, than=before, margin=shop.margin):
        verdict = Verdict(
            against=old,
            accuracy=now.accuracy,
            accuracy_of_other=before.accuracy,
            margin=shop.margin,
            held_out=now.held_out,
            code=now.code,
            danger_noticed=now.danger_noticed,
            danger_noticed_by_other=before.danger_noticed,
        )
        shelf.write_card(replace(shelf.card(new), verdict=verdict))
        return Choice(shelf.path(old), _found_worse(new, old, verdict))
    words = f"it reads {_share(now)} of {now.sentences} held-out sentences right, the old one, {old}, {_share(before)}"
    return Choice(shelf.path(new), f"Model {new} serves from now on: {words}.")


def is_worse(now: Scores, *, than: Scores, margin: float) -> bool:
    """Whether the held-out sentences are read worse by more than the margin, or fewer emergencies are noticed."""
    noticed, noticed_before = now.danger_noticed, than.danger_noticed
    if noticed is not None and noticed_before is not None and noticed_before - noticed > DANGER_MARGIN + ROUNDING:
        return True
    return than.accuracy - now.accuracy > margin + ROUNDING


def _scored(shop: Workshop, name: str, *, held_out: HeldOut, code: str) -> Scores:
    known = _known(shop, name, held_out=held_out, code=code)
    if known is not None:
        return known
    shop.progress(f"Scoring model {name} on {len(held_out.cases)} held-out sentences ...")
    scores = shop.score(shop.shelf.path(name), rasa_python=shop.rasa_python, held_out=held_out, code=code)
    shop.shelf.write_scores(name, scores)
    return scores


def _score_quietly(shop: Workshop, name: str) -> Scores | None:
    """The scores where they can be had; without them the model serves all the same."""
    try:
        held_out = read_held_out(shop.held_out)
        return _scored(shop, name, held_out=held_out, code=code_hash(shop.root)) if held_out else None
    except (CannotScore, UnreadableCases) as problem:
        shop.progress(f"Model {name} is unscored: {problem}")
        return None


def _known(shop: Workshop, name: str, *, held_out: HeldOut, code: str) -> Scores | None:
    scores = shop.shelf.card(name).scores
    return scores if scores is not None and scores.is_for(held_out=held_out.hash, code=code) else None


def _still_holds(verdict: Verdict, *, old: str, held_out: HeldOut, code: str) -> bool:
    return (verdict.against, verdict.held_out, verdict.code) == (old, held_out.hash, code)


def _told(shop: Workshop, name: str, scores: Scores | None) -> str:
    if scores is None:
        return f"Model {name} serves, unscored: no held-out sentences in {shop.held_out}."
    misspelt = f"{scores.accuracy_misspelt:.3f} of them misspelt"
    return f"Model {name} serves; it reads {_share(scores)} of {scores.sentences} held-out sentences right, {misspelt}."


def _found_worse(new: str, old: str, verdict: Verdict) -> str:
    scores = f"reads the held-out sentences worse ({verdict.in_words()})"
    return f"The new model {new} {scores}, so {old} goes on serving; `sapa nlu use {new}` takes the new one anyway."


def _pinned(shop: Workshop, name: str) -> str:
    is_present = name == data_hash(shop.root)
    words = "" if is_present else ", though not trained on the present data"
    return f"Model {name} is pinned and serves{words}; `sapa nlu use latest` lets training choose again"


def _share(scores: Scores) -> str:
    return f"{scores.accuracy:.3f}"
