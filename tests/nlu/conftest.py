"""The real Rasa server, trained and started once for all tests of this room."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nlu.client import ParserClient
from nlu.server import HOST, MODELS, ROOT, free_port, start_server, wait_until_ready
from nlu.train import ensure_model

RASA_PYTHON = ROOT / "nlu" / ".venv" / "bin" / "python"


@dataclass(frozen=True)
class RealParser:
    """A running server and how to reach it."""

    url: str
    token: str
    log: Path
    pid: int
    client: ParserClient


@pytest.fixture(scope="session")
def model() -> Path:
    """The model for the present data; skipped where Rasa is not installed, but never in CI."""
    if not RASA_PYTHON.exists():
        reason = "nlu/.venv is missing, `make setup` makes it"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return ensure_model(rasa_python=RASA_PYTHON, model_dir=MODELS, progress=print, clock=lambda: datetime.now(UTC))


@pytest.fixture(scope="session")
def parser(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealParser]:
    log = tmp_path_factory.mktemp("rasa") / "server.log"
    port, token = free_port(), secrets.token_hex(8)
    url = f"http://{HOST}:{port}"
    process = start_server(rasa_python=RASA_PYTHON, model=model, port=port, token=token, log_file=log)
    client = ParserClient(url=url, token=token, connect_timeout=2, read_timeout=10)
    try:
        if not wait_until_ready(url=url, token=token, timeout=120, process=process):
            pytest.fail(f"the Rasa server did not start:\n{log.read_text()[-3000:]}")
        yield RealParser(url, token, log, process.pid, client)
    finally:
        client.close()
        process.terminate()
        process.wait(timeout=20)
