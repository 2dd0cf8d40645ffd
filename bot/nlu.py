"""The language side of the running service: the understander over the parser that the settings name."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

from bot import metrics
from bot.settings import Settings
from nlu.client import ModelReading, ParserClient
from nlu.environment import rasa_python
from nlu.model_choice import Workshop, choose_model
from nlu.model_shelf import ModelShelf
from nlu.server import ROOT, free_port, is_ready, start_server, wait_until_ready
from nlu.train import TrainingFailed, code_hash
from nlu.understand import Understander

READY_WITHIN = 120.0
USUAL_PORT = 5005
Progress = Callable[[str], None]
Clock = Callable[[], datetime]


class NoParser(Exception):
    """No parser can be started here; the text says what is missing."""


def open_understander(settings: Settings) -> Understander:
    """The whole reading pipeline over the configured parser, which may be down."""
    return Understander(parser=TimedParser(ParserClient(url=settings.nlu_url, token=settings.nlu_token)))


@dataclass(frozen=True)
class TimedParser:
    """The parser, with the time that it takes counted for /metrics."""

    parser: ParserClient

    def parse(self, text: str) -> ModelReading | None:
        start = perf_counter()
        reading = self.parser.parse(text)
        metrics.parse(perf_counter() - start, is_read=reading is not None)
        return reading


def workshop(settings: Settings, progress: Progress, *, clock: Clock) -> Workshop:
    """What training and choosing a model work with here; raises NoParser where Rasa is missing."""
    if not rasa_python().exists():
        raise NoParser("Rasa's environment (nlu/.venv) is missing: run `make setup`")
    return Workshop(
        rasa_python=rasa_python(),
        model_dir=settings.models_folder,
        progress=progress,
        clock=clock,
        held_out=settings.held_out_path,
    )


def model_ready(settings: Settings, progress: Progress, *, clock: Clock) -> Path:
    """The model to serve, trained and compared first when the data changed; raises NoParser."""
    try:
        choice = choose_model(workshop(settings, progress, clock=clock))
    except TrainingFailed as error:
        raise NoParser(f"training failed: {error}") from error
    if choice.said:
        progress(choice.said)
    return choice.model


def model_as_it_is(settings: Settings, progress: Progress, *, clock: Clock) -> Path:
    """The model that serves, whatever became of the data since; one is trained only where there is none."""
    shelf = ModelShelf(settings.models_folder)
    name = shelf.current()
    return model_ready(settings, progress, clock=clock) if name is None else shelf.path(name)


def parser_port(settings: Settings) -> int:
    return urlsplit(settings.nlu_url).port or USUAL_PORT


def start_parser(settings: Settings, *, model: Path, log_file: Path | None = None) -> subprocess.Popen[bytes]:
    """Start the parser where the settings expect it; it must be on this machine."""
    port = parser_port(settings)
    ModelShelf(settings.models_folder).note_parser(port=port, code=code_hash(ROOT))
    return start_server(rasa_python=rasa_python(), model=model, port=port, token=settings.nlu_token, log_file=log_file)


def parser_answers(settings: Settings) -> bool:
    """Whether a parser with a loaded model answers at SAPA_NLU_URL."""
    return is_ready(url=settings.nlu_url, token=settings.nlu_token)


@contextmanager
def own_parser(settings: Settings, progress: Progress, *, clock: Clock) -> Iterator[Understander]:
    """An understander that has a parser: the one that answers already, else one of its own for the time being.

    Raises NoParser when none can be started.
    """
    if parser_answers(settings):
        yield open_understander(settings)
        return
    model = model_ready(settings, progress, clock=clock)
    port = free_port()
    url, token = f"http://127.0.0.1:{port}", settings.nlu_token or "own-parser"
    progress("Starting a parser ...")
    process = start_server(rasa_python=rasa_python(), model=model, port=port, token=token, log_file=Path("/dev/null"))
    try:
        if not wait_until_ready(url=url, token=token, timeout=READY_WITHIN, process=process):
            raise NoParser("the parser did not become ready")
        yield Understander(parser=ParserClient(url=url, token=token))
    finally:
        process.terminate()
        process.wait(timeout=10)
