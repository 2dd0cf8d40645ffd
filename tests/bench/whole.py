"""A whole Sapa in real processes for a measurement: carrier, web, worker, and the parser when asked for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.nlu import NoParser, model_ready
from bot.settings import Settings
from nlu.environment import rasa_python
from nlu.server import start_server, wait_until_ready
from tests.processes import ROOT, Running, free_port

TOKEN = "bench"


@dataclass(frozen=True)
class Parser:
    """A parser that runs for a measurement."""

    url: str
    token: str


@contextmanager
def own_parser() -> Iterator[Parser]:
    """The real Rasa server on a free port; raises NoParser."""
    settings = Settings.from_environment(os.environ, needs_secret=False)
    model, port = model_ready(settings, print, clock=lambda: datetime.now(UTC)), free_port()
    process = start_server(rasa_python=rasa_python(), model=model, port=port, token=TOKEN, log_file=Path("/dev/null"))
    url = f"http://127.0.0.1:{port}"
    try:
        if not wait_until_ready(url=url, token=TOKEN, timeout=120, process=process):
            raise NoParser("the parser did not become ready")
        yield Parser(url, TOKEN)
    finally:
        process.terminate()
        process.wait(timeout=10)


@contextmanager
def whole_sapa(
    folder: Path, *, with_parser: bool, delay_seconds: float = 0.0, burst_seconds: int = 4
) -> Iterator[Running]:
    """Carrier, web and worker on free ports, over a fresh SQLite database in `folder`."""
    config = folder / "puskesmas.yml"
    own = re.sub(r"burst_seconds: \d+", f"burst_seconds: {burst_seconds}", (ROOT / "puskesmas.yml").read_text())
    config.write_text(own)
    if not with_parser:
        yield from _running(Running(folder, config=config, delay_seconds=delay_seconds))
        return
    with own_parser() as parser:
        keys = {"nlu_url": parser.url, "nlu_token": parser.token}
        yield from _running(Running(folder, config=config, delay_seconds=delay_seconds, **keys))


def _running(running: Running) -> Iterator[Running]:
    try:
        running.start("carrier", "web", "worker")
        yield running
    finally:
        running.stop()
