"""Prism plays Twilio and the Android gateway from their own descriptions; one process per file and session."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0


def _missing(what: str) -> None:
    """Without the parts there is nothing to compare with; where they must be there, that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def _prism_command() -> str:
    found = os.environ.get("SAPA_PRISM") or shutil.which("prism", path=str(ROOT / "node_modules" / ".bin"))
    if not found:
        _missing("Prism is missing: run `npm ci` (or set SAPA_PRISM to its path)")
    if not shutil.which("node"):
        _missing("Node is missing: Prism needs it")
    return str(found)


def _description(name: str) -> Path:
    folder = Path(os.environ.get("SAPA_SPECS") or ROOT.parent / "shared" / "specs")
    path = folder / name
    if not path.is_file():
        _missing(f"{path} is missing: set SAPA_SPECS to the folder that holds the providers' descriptions")
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run_prism(name: str, log_path: Path) -> Iterator[str]:
    command, description, port = _prism_command(), _description(name), _free_port()
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [command, "mock", "-h", "127.0.0.1", "-p", str(port), str(description)], stdout=log, stderr=log
        )
        try:
            _wait_until_open(process, port, log_path)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=10)


def _wait_until_open(process: subprocess.Popen[bytes], port: int, log_path: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"Prism ended: {log_path.read_text()[-500:]}")
        try:
            httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
            return
        except httpx.HTTPError:
            time.sleep(0.2)
    pytest.fail(f"Prism did not open its port: {log_path.read_text()[-500:]}")


@pytest.fixture(scope="session")
def published_twilio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Twilio's description as published, for what our channel sends."""
    yield from _run_prism("twilio_messages_content_trimmed.json", tmp_path_factory.mktemp("prism") / "published.log")


@pytest.fixture(scope="session")
def strict_twilio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same with error bodies and tighter limits, for what our channel makes of refusals."""
    yield from _run_prism("twilio_messages_content_strict.json", tmp_path_factory.mktemp("prism") / "strict.log")


@pytest.fixture(scope="session")
def published_android(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The Android gateway from its makers' description."""
    yield from _run_prism("android-sms-gateway.openapi.json", tmp_path_factory.mktemp("prism") / "android.log")


@pytest.fixture(scope="session")
def message_fields() -> frozenset[str]:
    """The names of the fields of Twilio's Message resource."""
    description = json.loads(_description("twilio_messages_content_trimmed.json").read_text())
    return frozenset(description["components"]["schemas"]["api.v2010.account.message"]["properties"])


@pytest.fixture(scope="session")
def content_fields() -> frozenset[str]:
    """The names of the fields of Twilio's Content resource."""
    description = json.loads(_description("twilio_messages_content_trimmed.json").read_text())
    return frozenset(description["components"]["schemas"]["content.v1.content"]["properties"])
