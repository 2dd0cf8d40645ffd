"""Trains and reads each pipeline with each seed, one after the other, and keeps what was found as it goes."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlu.environment import rasa_python
from nlu.server import environment
from tests.bench.pipelines.inputs import read_inputs
from tests.bench.pipelines.kinds import Pipeline
from tests.bench.pipelines.scores import score_run

LONGEST_SECONDS = 3600
POLITE = 10
SUMMED = ("train_cpu_s", "model_mb", "ready_cpu_s", "read_ms", "read_mb")


class RunFailed(Exception):
    """A worker ended without figures; the message ends with its last lines."""


@dataclass(frozen=True)
class Place:
    """The folder of one comparison."""

    folder: Path

    @property
    def inputs(self) -> Path:
        return self.folder / "inputs.json"

    @property
    def vectors(self) -> Path:
        return self.folder / "vectors.npz"

    @property
    def results(self) -> Path:
        return self.folder / "pipelines.jsonl"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def run(self, name: str, seed: int) -> Path:
        return self.folder / "runs" / f"{name.replace(' ', '_')}-{seed}"

    def runs(self, pipeline: Pipeline, seed: int) -> list[Path]:
        """Its own folder, or those of its members."""
        return [self.run(name, seed) for name in pipeline.members or (pipeline.name,)]


def known_rows(place: Place, data: str) -> list[dict[str, Any]]:
    """What was found before on the same sentences and sets."""
    if not place.results.exists():
        return []
    rows = [json.loads(line) for line in place.results.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["hash"] == data]


def run_all(place: Place, plan: Iterable[tuple[int, Pipeline]], *, tell: Callable[[str], None]) -> list[dict[str, Any]]:
    """Seeds and pipelines in the order of the plan, those left out that were run before on the same data."""
    inputs = read_inputs(place.inputs)
    rows = known_rows(place, inputs.hash)
    done = {(row["pipeline"], row["seed"]) for row in rows}
    for seed, pipeline in plan:
        if (pipeline.name, seed) in done:
            continue
        try:
            figures = _averaged(place, pipeline, seed) if pipeline.made_by == "average" else _run(place, pipeline, seed)
        except RunFailed as problem:
            tell(f"{pipeline.name}, seed {seed}: left out, {problem}")
            continue
        scores = score_run(place.runs(pipeline, seed), inputs.sets)
        row = {"hash": inputs.hash, "pipeline": pipeline.name, "seed": seed, **figures, "scores": scores}
        with place.results.open("a", encoding="utf-8") as results:
            results.write(json.dumps(row) + "\n")
        rows.append(row)
        tell(f"{pipeline.name}, seed {seed}: {next(iter(scores.values()))['accuracy']:.3f}")
    return rows


def planned(pipelines: Sequence[Pipeline], seeds: int) -> Iterator[tuple[int, Pipeline]]:
    """The first seed of every pipeline comes before the second of any, so that a stop leaves the most."""
    for seed in range(1, seeds + 1):
        for pipeline in pipelines:
            if seed <= pipeline.seeds:
                yield seed, pipeline


def _run(place: Place, pipeline: Pipeline, seed: int) -> dict[str, Any]:
    folder = place.run(pipeline.name, seed)
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {}
    for what in ("train", "read"):
        words = [what, pipeline.name, str(seed), str(place.inputs), str(place.vectors), str(folder)]
        work("tests.bench.pipelines.worker", words, log=folder / "log", cwd=folder)
        found |= json.loads((folder / f"{what}.json").read_text(encoding="utf-8"))
    return found


def work(module: str, words: Sequence[str], *, log: Path, cwd: Path) -> None:
    """A module of ours under the parser's Python, politely; raises RunFailed."""
    command = ["nice", "-n", str(max(0, POLITE - os.nice(0))), str(rasa_python().absolute()), "-m", module, *words]
    surroundings = environment() | {"RASA_CACHE_DIRECTORY": str(cwd / "cache"), "PYTHONHASHSEED": "0"}
    with log.open("ab") as output:
        ended = subprocess.run(
            command, cwd=cwd, env=surroundings, stdout=output, stderr=subprocess.STDOUT, timeout=LONGEST_SECONDS
        )
    if ended.returncode != 0:
        last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:]
        raise RunFailed(f"exit code {ended.returncode}: {' / '.join(last)}")


def _averaged(place: Place, pipeline: Pipeline, seed: int) -> dict[str, Any]:
    folders = place.runs(pipeline, seed)
    if not all((folder / "probabilities.npz").exists() for folder in folders):
        raise RunFailed("a member was not trained with this seed")
    parts = [
        {**json.loads((folder / "train.json").read_text()), **json.loads((folder / "read.json").read_text())}
        for folder in folders
    ]
    sums = {name: sum(part[name] for part in parts) for name in SUMMED}
    return {"sentences": parts[0]["sentences"], "train_mb": max(part["train_mb"] for part in parts), **sums}
