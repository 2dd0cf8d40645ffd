"""Booking dialogues from the first message to the number, with an instant and with a slow provider."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench.rows import Row, from_times
from tests.bench.whole import whole_sapa
from tests.processes import Running

PATIENTS = 100
AT_ONCE = 24
TURNS = ("sy mo daftar poli umum", "1", "1", "Siti", "brp lagi")
ANSWER_WITHIN = 60.0


def measure_dialogues(folder: Path) -> list[Row]:
    """Messages a second while patients wait for each answer before they write again."""
    return [
        _run(folder / "instant", "baseline: provider answers at once", delay_seconds=0.0),
        _run(folder / "slow", "provider takes 200 ms", delay_seconds=0.2),
    ]


def _run(folder: Path, what: str, *, delay_seconds: float) -> Row:
    folder.mkdir()
    with whole_sapa(folder, with_parser=True, delay_seconds=delay_seconds, burst_seconds=0) as running:
        begin = time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            times = [each for talk in pool.map(lambda n: _talk(running, n), range(PATIENTS)) for each in talk]
        wall = time.perf_counter() - begin
    return from_times(what, times, wall=wall, note=f"{len(times)} messages of {PATIENTS} patients, {AT_ONCE} at once")


def _talk(running: Running, number: int) -> list[float]:
    sender, times = f"+62813{number:07d}", []
    for turn in TURNS:
        start = time.perf_counter()
        assert running.send(turn, sender=sender), f"the webhook refused a message: {running.last_refusal}"
        _wait_for(running, sender, len(times) + 1)
        times.append(time.perf_counter() - start)
    return times


def _wait_for(running: Running, sender: str, count: int) -> None:
    end = time.perf_counter() + ANSWER_WITHIN
    while len(running.store.outbound(recipient=f"whatsapp:{sender}")) < count:
        assert time.perf_counter() < end, "a patient got no answer"
        time.sleep(0.05)
