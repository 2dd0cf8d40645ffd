"""Pipelines of Rasa's own parts, trained and asked in process; TensorFlow is imported, unlike in our parser."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from rasa.core.agent import Agent
from rasa.model_training import train_nlu

from nlu.components.ngrams import plain
from tests.bench.pipelines.kinds import Pipeline

NAME = "model"


def be_quiet() -> None:
    """Rasa logs every text it reads unless it is told otherwise."""
    logging.disable(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def train(rows: Sequence[tuple[str, str]], pipeline: Pipeline, *, seed: int, folder: Path) -> Path:
    """Returns the model's file."""
    parts = [_with_seed(part, seed) for part in pipeline.parts]
    config = {"recipe": "default.v1", "language": "id", "assistant_id": "compared", "pipeline": parts}
    by_label: dict[str, list[str]] = {}
    for text, label in rows:
        read = plain(text) if pipeline.is_normalised else text
        by_label.setdefault(label, []).append(f"- {read}" if read else "- x")
    # A JSON value is a YAML value too; Rasa wants to see the keys on lines of their own.
    blocks = [f"- intent: {label}\n  examples: {_value(lines)}\n" for label, lines in sorted(by_label.items())]
    (folder / "config.yml").write_text(json.dumps(config), encoding="utf-8")
    (folder / "nlu.yml").write_text('version: "3.1"\nnlu:\n' + "".join(blocks), encoding="utf-8")
    made = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder), fixed_model_name=NAME)
    return Path(made)


def _with_seed(part: Any, seed: int) -> dict[str, Any]:
    return {**part, "random_seed": seed} if part["name"] == "DIETClassifier" else dict(part)


def _value(lines: list[str]) -> str:
    return json.dumps("\n".join(lines), ensure_ascii=False)


class RasaReader:
    """Reads as Rasa's server does, without HTTP."""

    def __init__(self, folder: Path, pipeline: Pipeline, labels: list[str]) -> None:
        self.labels = labels
        self._is_normalised = pipeline.is_normalised
        self._agent = Agent.load(str(folder / f"{NAME}.tar.gz"))
        self._loop = asyncio.new_event_loop()

    def one(self, text: str) -> np.ndarray:
        read = plain(text) if self._is_normalised else text.lstrip("/ ")
        answer = self._loop.run_until_complete(self._agent.parse_message(read or "x"))
        shares = {ranked["name"]: ranked["confidence"] for ranked in answer["intent_ranking"]}
        return np.array([shares.get(label, 0.0) for label in self.labels])

    def many(self, texts: Sequence[str], vectors: object = None) -> np.ndarray:
        return np.vstack([self.one(text) for text in texts])
