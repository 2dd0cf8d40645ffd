"""The language side of the running service: the understander over the parser that the settings name."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bot.settings import Settings
from nlu.client import ParserClient
from nlu.environment import rasa_python
from nlu.server import ROOT, is_ready, start_server, wait_until_ready
from nlu.train import TrainingFailed, ensure_model
from nlu.understand import Understander

MODELS = ROOT / "nlu" / "models"
READY_WITHIN = 120.0


class NoParser(Exception):
    """No parser can be started here; the text says what is missing."""


def open_understander(settings: Settings) -> Understander:
    """The whole reading pipeline over the configured parser, which may be down."""
    return Understander(parser=ParserClient(url=settings.nlu_url, token=settings.nlu_token))


def model_ready(progress: Callable[[str], None]) -> Path:
    """The trained model for the present data, trained now when it is missing; raises NoParser."""
    if not rasa_python().exists():
        raise NoParser("Rasa's environment (nlu/.venv) is missing: run `make setup`")
    try:
        return ensure_model(rasa_python=rasa_python(), model_dir=MODELS, progress=progress)
    except TrainingFailed as error:
        raise NoParser(f"training failed: {error}") from error


def start_parser(settings: Settings, *, model: Path, log_file: Path | None = None) -> subprocess.Popen[bytes]:
    """Start the parser where the settings expect it; it must be on this machine."""
    port = urlsplit(settings.nlu_url).port or 5005
    return start_server(rasa_python=rasa_python(), model=model, port=port, token=settings.nlu_token, log_file=log_file)


def parser_answers(settings: Settings) -> bool:
    """Whether a parser with a loaded model answers at SAPA_NLU_URL."""
    return is_ready(url=settings.nlu_url, token=settings.nlu_token)


@contextmanager
def own_parser(settings: Settings, progress: Callable[[str], None]) -> Iterator[Understander]:
    """An understander that has a parser: the one that answers already, else one of its own for the time being.

    Raises NoParser when none can be started.
    """
    if parser_answers(settings):
        yield open_understander(settings)
        return
    model = model_ready(progress)
    port = _free_port()
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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
