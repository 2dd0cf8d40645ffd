"""The parser's process: what it may know, how it ends, and that the real one keeps our rules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from nlu.server import (
    HOST,
    LOOK_EVERY_SECONDS,
    ROOT,
    command,
    environment,
    free_port,
    is_ready,
    start_server,
    wait_until_ready,
)
from tests.nlu.conftest import RASA_PYTHON, RealParser

SECRET_TEXT = "namasaya Sumarsih mau daftar poli gigi"  # pragma: allowlist secret


def python(tmp_path: Path, code: str) -> Path:
    """A program that takes Rasa's place and runs `code`."""
    script = tmp_path / "python"
    script.write_text(f"#!{sys.executable}\n{code}\n")
    script.chmod(0o755)
    return script


def start(tmp_path: Path, code: str) -> subprocess.Popen[bytes]:
    return start_server(
        rasa_python=python(tmp_path, code),
        model=tmp_path / "model.tar.gz",
        port=free_port(),
        token="rahasia",
        log_file=tmp_path / "log",
    )


def test_the_token_is_not_in_the_list_of_processes() -> None:
    words = command(rasa_python=Path("python"), model=Path("m"), port=5005, memory_limit_mb=600)
    assert not [word for word in words if "token" in word.lower()]


def test_the_server_listens_on_loopback_only() -> None:
    words = command(rasa_python=Path("python"), model=Path("m"), port=5005, memory_limit_mb=600)
    assert words[words.index("-i") + 1] == "127.0.0.1"


def test_a_model_named_from_here_is_found_from_anywhere() -> None:
    words = command(rasa_python=Path("python"), model=Path("nlu/m.tar.gz"), port=5005, memory_limit_mb=600)
    assert words[words.index("-m", 3) + 1] == str(Path.cwd() / "nlu" / "m.tar.gz")


def test_the_process_knows_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "x")
    monkeypatch.setenv("SAPA_SECRET_KEY", "x")
    monkeypatch.setenv("SAPA_NLU_TOKEN", "of another server")
    known = environment(token="t")
    assert known["SAPA_NLU_TOKEN"] == "t"
    assert not {"TWILIO_AUTH_TOKEN", "SAPA_SECRET_KEY"} & set(known)


def test_telemetry_is_off() -> None:
    assert environment()["RASA_TELEMETRY_ENABLED"] == "false"


def test_waiting_stops_when_the_process_has_ended(tmp_path: Path) -> None:
    process = start(tmp_path, "print('no model')")
    assert not wait_until_ready(url=f"http://{HOST}:1", token="t", timeout=60, process=process)
    assert (tmp_path / "log").read_text() == "no model\n"


def test_waiting_stops_when_the_time_is_over() -> None:
    assert not wait_until_ready(url=f"http://{HOST}:1", token="t", timeout=LOOK_EVERY_SECONDS)


@pytest.mark.slow
def test_a_server_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    child = "import sys, time; from nlu.components.launch import end_with; end_with(int(sys.argv[1])); time.sleep(60)"
    parent = (
        "import os, subprocess, sys;"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}, str(os.getpid())]);"
        "print(child.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    # The child holds the pipe open for as long as it lives: reading to the end within 30 s means that it ended.
    done = subprocess.run([sys.executable, "-c", parent], cwd=ROOT, capture_output=True, timeout=30, check=False)
    assert int(done.stdout) > 0


def test_what_is_left_out_can_be_imported_and_inherited_but_does_no_work() -> None:
    code = """
from nlu.components.absent import leave_out
leave_out()
import tensorflow as tf
from tensorflow.keras.utils import Sequence
class Layer(tf.keras.layers.Layer): pass
class Data(Sequence): pass
assert tf.function(reduce_retracing=True)(len) is len
try:
    tf.constant(1)(2)
except RuntimeError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("this server runs without TensorFlow"), done.stderr


@pytest.mark.rasa
def test_a_real_server_asks_for_the_token(parser: RealParser) -> None:
    answer = httpx.post(f"{parser.url}/model/parse", params={"token": "wrong"}, json={"text": "halo"})
    assert answer.status_code == 401
    assert not is_ready(url=parser.url, token="wrong")


@pytest.mark.rasa
def test_a_real_server_has_no_open_chat_channel(parser: RealParser) -> None:
    answer = httpx.post(f"{parser.url}/webhooks/rest/webhook", json={"sender": "a", "message": "halo"})
    assert answer.status_code == 404


@pytest.mark.rasa
def test_the_log_of_a_real_server_holds_neither_text_nor_token(parser: RealParser) -> None:
    assert parser.client.parse(SECRET_TEXT) is not None
    httpx.post(f"{parser.url}/model/parse", params={"token": parser.token}, json={"text": None})
    log = parser.log.read_text()
    assert "Sumarsih" not in log
    assert parser.token not in log


@pytest.mark.rasa
def test_a_very_long_text_does_not_take_a_real_server_down(parser: RealParser) -> None:
    params = {"token": parser.token}
    httpx.post(f"{parser.url}/model/parse", params=params, json={"text": "sakit " * 20_000}, timeout=60)
    assert parser.client.parse("mau daftar") is not None


@pytest.mark.rasa
@pytest.mark.slow
def test_the_memory_limit_is_in_force(model: Path, tmp_path: Path) -> None:
    port = free_port()
    process = start_server(
        rasa_python=RASA_PYTHON, model=model, port=port, token="t", memory_limit_mb=60, log_file=tmp_path / "log"
    )
    ready = wait_until_ready(url=f"http://{HOST}:{port}", token="t", timeout=60, process=process)
    process.kill()
    process.wait()
    assert not ready
    assert "MemoryError" in (tmp_path / "log").read_text()
