"""What is to be said of the serving model: its scores, whether it is the present data's, and what the parser says."""

from __future__ import annotations

from dataclasses import dataclass

from bot.settings import Settings
from nlu.model_loading import ask_serving
from nlu.model_shelf import ModelCard, ModelShelf
from nlu.server import ROOT
from nlu.train import data_hash


@dataclass(frozen=True)
class ModelState:
    """One sentence for an administrator; not as expected means that it works and somebody should look."""

    is_as_expected: bool
    in_words: str


def model_state(settings: Settings) -> ModelState:
    """The state of the model that serves or would serve at the next start."""
    shelf, present = ModelShelf(settings.models_folder), data_hash(ROOT)
    name = shelf.current()
    if name is None:
        return ModelState(False, "none is trained yet (make train)")
    served = _served_instead(settings, shelf, name)
    words = [f"{name} serves", _scores(shelf.card(name)), _data(shelf, name, present=present)]
    pointer = shelf.pointer()
    if pointer is not None and pointer.is_pinned:
        words.append("pinned (sapa nlu use latest takes the pin away)")
    if served:
        words.append(served)
    return ModelState(name == present and not served, ", ".join(words))


def _scores(card: ModelCard) -> str:
    if card.scores is None:
        return "unscored"
    scores = card.scores
    read = f"reads {scores.accuracy:.3f} of {scores.sentences} held-out sentences right"
    return f"{read} ({scores.accuracy_misspelt:.3f} misspelt)"


def _data(shelf: ModelShelf, name: str, *, present: str) -> str:
    if name == present:
        return "trained on the present data"
    if not shelf.has(present):
        return "not trained on the present data (make train)"
    verdict = shelf.card(present).verdict
    if verdict is None:
        return f"not trained on the present data; {present} is, and was not compared yet (make train)"
    return f"not trained on the present data; {present} is, and reads worse ({verdict.accuracy:.3f})"


def _served_instead(settings: Settings, shelf: ModelShelf, name: str) -> str:
    """Words about a running parser that serves another model than it should; nothing when all is well."""
    serving = ask_serving(url=settings.nlu_url, token=settings.nlu_token, timeout=1.0)
    if serving is None or serving.is_locked or serving.model == shelf.path(name).name:
        return ""
    return f"but the running parser still serves {serving.model} (restart: sapa run)"
