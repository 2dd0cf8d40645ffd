"""The parser as Sapa runs it, a Rasa server with the present model: its latency, memory and time to ready."""

from __future__ import annotations

import os
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

from nlu.environment import rasa_python
from nlu.server import ROOT, free_port, is_ready, start_server
from nlu.train import ensure_model
from tests.bench.pipelines.inputs import read_inputs
from tests.bench.pipelines.runs import Place

TOKEN = "pipelines"
MESSAGES = 500
LONGEST_SECONDS = 120.0
TICKS = os.sysconf("SC_CLK_TCK")


def measure_server(place: Place) -> str:
    """Train if the present model is missing, start it on a free port, and let it parse 500 messages one by one."""
    model = ensure_model(
        rasa_python=rasa_python(),
        model_dir=ROOT / "nlu" / "models",
        progress=_say_nothing,
        clock=lambda: datetime.now(UTC),
    )
    texts = [row[0] for rows in read_inputs(place.inputs).sets.values() for row in rows][:MESSAGES]
    port, start = free_port(), time.monotonic()
    process = start_server(rasa_python=rasa_python(), model=model, port=port, token=TOKEN, log_file=Path(os.devnull))
    url = f"http://127.0.0.1:{port}"
    try:
        while not is_ready(url=url, token=TOKEN):
            if process.poll() is not None or time.monotonic() - start > LONGEST_SECONDS:
                return "the parser did not become ready"
            time.sleep(0.05)
        ready, ready_cpu = time.monotonic() - start, _cpu_seconds(process.pid)
        walls, cpu = _parse_all(url, texts), _cpu_seconds(process.pid) - ready_cpu
        memory = _memory_mb(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=10)
    walls.sort()
    return (
        f"real server, {len(texts)} messages: ready after {ready:.1f} s ({ready_cpu:.1f} CPU-s); "
        f"a parse {cpu / len(texts) * 1000:.1f} CPU-ms on average, p50 {statistics.median(walls) * 1000:.1f} ms and "
        f"p95 {walls[int(len(walls) * 0.95)] * 1000:.1f} ms of wall time; {memory['VmRSS']:.0f} MB, "
        f"{memory['VmHWM']:.0f} MB at most; model file {model.stat().st_size / 1e6:.0f} MB"
    )


def _parse_all(url: str, texts: list[str]) -> list[float]:
    walls = []
    with httpx.Client(base_url=url, timeout=10.0, trust_env=False) as client:
        for text in texts:
            start = time.perf_counter()
            client.post("/model/parse", params={"token": TOKEN}, json={"text": text.lstrip("/ ")}).raise_for_status()
            walls.append(time.perf_counter() - start)
    return walls


def _cpu_seconds(pid: int) -> float:
    # After the name in brackets: the 14th and 15th field of proc(5) are user and system time.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _memory_mb(pid: int) -> dict[str, float]:
    lines = (line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) / 1024 for words in lines if words[0].startswith("Vm")}


def _say_nothing(_line: str) -> None:
    pass
