"""Starts the Rasa parser as a process of its own on loopback and waits until it answers."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
MODELS = ROOT / "nlu" / "models"
HOST = "127.0.0.1"
# Measured with a model file of 28 MB: 365 MB once ready, 480 to 540 MB after another model was loaded beside it.
DEFAULT_MEMORY_LIMIT_MB = 900
LOOK_EVERY_SECONDS = 0.1
# Rasa needs nothing else of ours: no provider's key, no database address.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT")


def environment(*, token: str = "") -> dict[str, str]:
    """What Rasa's process may know: no telemetry, one thread, little logging, our code, the token."""
    known = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    ours = {
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "RASA_TELEMETRY_ENABLED": "false",
        "LOG_LEVEL": "WARNING",
        "LOG_LEVEL_LIBRARIES": "ERROR",
        # Without it a model that is loaded in a thread costs 120 MB more, which never come back.
        "MALLOC_ARENA_MAX": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "MPLCONFIGDIR": str(ROOT / "var" / "matplotlib"),
    }
    return known | ours | ({"SAPA_NLU_TOKEN": token} if token else {})


def launch_command(*, rasa_python: Path, memory_limit_mb: int, arguments: list[str]) -> list[str]:
    """Rasa's command line, started by `nlu/components/launch.py` as a child that ends with this process."""
    launcher = [str(rasa_python.absolute()), "-m", "nlu.components.launch"]
    return [*launcher, str(os.getpid()), str(memory_limit_mb), *arguments]


def command(*, rasa_python: Path, model: Path, port: int, memory_limit_mb: int) -> list[str]:
    """The server's command line. The token is not in it: everybody on the machine may read it."""
    run = ["run", "--enable-api", "-i", HOST, "-p", str(port), "-m", str(model.absolute())]
    run += ["--credentials", str(ROOT / "nlu" / "credentials.yml"), "--quiet"]
    return launch_command(rasa_python=rasa_python, memory_limit_mb=memory_limit_mb, arguments=run)


def start_server(
    *,
    rasa_python: Path,
    model: Path,
    port: int,
    token: str,
    memory_limit_mb: int = DEFAULT_MEMORY_LIMIT_MB,
    log_file: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start the parser and return at once; it ends when this process ends, however that happens.

    Its output goes to `log_file`, or to our own standard error. It holds no message text.
    """
    words = command(rasa_python=rasa_python, model=model, port=port, memory_limit_mb=memory_limit_mb)
    output = log_file.open("ab") if log_file is not None else None
    try:
        return subprocess.Popen(
            words,
            cwd=model.parent,
            env=environment(token=token),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
        )
    finally:
        if output is not None:
            output.close()


def free_port() -> int:
    """A port of this machine that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def is_ready(*, url: str, token: str) -> bool:
    """Whether a parser with a loaded model answers there and accepts the token."""
    try:
        answer = httpx.get(f"{url}/status", params={"token": token}, timeout=1.0, trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK


def wait_until_ready(*, url: str, token: str, timeout: float, process: subprocess.Popen[bytes] | None = None) -> bool:
    """True as soon as the parser answers; False after `timeout` seconds or when `process` has ended."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if is_ready(url=url, token=token):
            return True
        if process is not None and process.poll() is not None:
            return False
        time.sleep(LOOK_EVERY_SECONDS)
    return False
