"""The model in the running parser: changed while it answers, followed when somebody else changes it, scored once."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable
from pathlib import Path

from bot.nlu import READY_WITHIN, parser_port
from bot.settings import Settings
from nlu.evaluation_cases import UnreadableCases
from nlu.model_choice import Workshop, score_if_unscored
from nlu.model_loading import NotLoaded, Serving, ask_serving, load_model
from nlu.model_scores import CannotScore, HeldOut, score_running
from nlu.model_shelf import ModelShelf, Scores
from nlu.server import ROOT, wait_until_ready
from nlu.train import code_hash

log = logging.getLogger(__name__)

LOOK_EVERY = 2.0


def serve_now(settings: Settings, model: Path) -> str:
    """Let the running parser take this model; says what came of it. Raises NotLoaded when the parser refuses."""
    url, token = settings.nlu_url, settings.nlu_token
    serving = ask_serving(url=url, token=token)
    if serving is None:
        return f"No parser answers at {url}; the next start serves this model."
    if serving.model == model.name:
        return "The running parser serves it already."
    if ModelShelf(settings.models_folder).parser_code(port=parser_port(settings)) != code_hash(ROOT):
        return "The running parser was started with other code; it serves this model after a restart (sapa run)."
    if serving.is_locked:
        return f"The running parser has another token than ours; it takes the model within {LOOK_EVERY:.0f} seconds."
    load_model(url=url, token=token, model=model)
    return "The running parser serves it now."


def wait_and_follow(settings: Settings, parser: subprocess.Popen[bytes], *, model: Path) -> int:
    """Wait for the parser to end and load whatever becomes current meanwhile; gives back its exit code."""
    shelf, code, wanted = ModelShelf(settings.models_folder), code_hash(ROOT), model.name
    while True:
        try:
            return parser.wait(timeout=LOOK_EVERY)
        except subprocess.TimeoutExpired:
            said = shelf.pointer()
        if said is None or shelf.path(said.hash).name == wanted:
            continue
        wanted = shelf.path(said.hash).name
        if code_hash(ROOT) != code:
            log.warning("model %s waits for a restart: the code has changed since the start", said.hash)
            continue
        try:
            load_model(url=settings.nlu_url, token=settings.nlu_token, model=shelf.path(said.hash))
            log.info("model %s serves", said.hash)
        except NotLoaded as problem:
            log.error("model %s is not served: %s", said.hash, problem)


def score_when_ready(settings: Settings, shop: Workshop, *, token: str) -> None:
    """Score the first model of a machine by the running parser, so that a first start need not wait for it."""
    url = settings.nlu_url
    if not wait_until_ready(url=url, token=token, timeout=READY_WITHIN):
        return

    def read_scores(held_out: HeldOut, code: str) -> Scores:
        return _undisturbed(lambda: score_running(url=url, token=token, held_out=held_out, code=code), shop, url, token)

    try:
        score_if_unscored(shop, read_scores)
    except (CannotScore, UnreadableCases) as problem:
        log.warning("the model is unscored: %s", problem)


def _undisturbed(read: Callable[[], Scores], shop: Workshop, url: str, token: str) -> Scores:
    """The scores, as long as the same model serves from the first sentence to the last."""
    name = shop.shelf.current()
    wanted = Serving(shop.shelf.path(name).name) if name else None
    if ask_serving(url=url, token=token) != wanted:
        raise CannotScore("the parser serves another model")
    scores = read()
    if ask_serving(url=url, token=token) != wanted:
        raise CannotScore("another model was loaded meanwhile")
    return scores
