"""One training or one reading in a process of its own, so that its time and memory are its own.

python -m tests.bench.pipelines.worker train|read PIPELINE SEED INPUTS VECTORS FOLDER
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
import warnings
import zlib
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.pipelines.dense import Vectors
from tests.bench.pipelines.inputs import Inputs, read_inputs
from tests.bench.pipelines.kinds import Pipeline, named
from tests.bench.pipelines.own import OwnModel, OwnReader, chosen, save

FIRST_TEXT = "halo"
TIMED_MESSAGES = 300


def train(pipeline: Pipeline, *, seed: int, inputs: Inputs, vectors: Vectors | None, folder: Path) -> dict[str, Any]:
    """Returns what it took."""
    rows = chosen(inputs.sentences, pipeline, seed)
    if pipeline.made_by == "rasa":
        parts = import_module("tests.bench.pipelines.rasa_parts")
        parts.be_quiet()
    start = time.process_time()
    if pipeline.made_by == "rasa":
        model = parts.train(rows, pipeline, seed=seed, folder=folder)
    else:
        model = save(OwnModel.train(rows, pipeline, seed=seed, vectors=vectors), folder)
    seconds = time.process_time() - start
    if vectors is not None:
        seconds += vectors.cpu_per_text * len(rows)
    return {
        "sentences": len(rows),
        "train_cpu_s": seconds,
        "train_mb": most_memory(),
        "model_mb": _packed_size(model) / 1e6,
    }


def read(pipeline: Pipeline, *, inputs: Inputs, vectors: Path | None, folder: Path) -> dict[str, Any]:
    """Returns what it took, and leaves the probabilities in `probabilities.npz`."""
    labels = sorted({label for _, label in inputs.sentences})
    if pipeline.made_by == "rasa":
        parts = import_module("tests.bench.pipelines.rasa_parts")
        parts.be_quiet()
        reader = parts.RasaReader(folder, pipeline, labels)
    else:
        reader = OwnReader(folder)
        assert reader.labels == labels
    reader.one(FIRST_TEXT)
    figures = {"ready_cpu_s": time.process_time()}
    texts = [row[0] for row in next(iter(inputs.sets.values()))][:TIMED_MESSAGES]
    figures |= {"read_ms": _milliseconds(reader, texts), "read_mb": most_memory()}
    made_before = Vectors(vectors) if vectors else None
    found = {name: reader.many([row[0] for row in rows], made_before) for name, rows in inputs.sets.items()}
    np.savez_compressed(folder / "probabilities.npz", labels=np.array(labels), **found)
    return figures


def most_memory() -> float:
    """The most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _milliseconds(reader: Any, texts: list[str]) -> float:
    times = []
    for text in texts:
        start = time.process_time()
        reader.one(text)
        times.append(time.process_time() - start)
    return statistics.median(times) * 1000


def _packed_size(model: Path) -> int:
    # Rasa packs its models; ours are packed here only to be compared with them.
    return model.stat().st_size if model.suffix == ".gz" else len(zlib.compress(model.read_bytes()))


def main(arguments: list[str]) -> None:
    """Write the figures beside the model."""
    warnings.simplefilter("ignore")
    what, name, seed, inputs, vectors, folder = arguments
    pipeline, place = named(name), Path(folder)
    where = Path(vectors) if pipeline.dense_scale else None
    if what == "train":
        made_before = Vectors(where) if where else None
        figures = train(pipeline, seed=int(seed), inputs=read_inputs(inputs), vectors=made_before, folder=place)
    else:
        figures = read(pipeline, inputs=read_inputs(inputs), vectors=where, folder=place)
    (place / f"{what}.json").write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
