"""Pipelines of the kind that config.yml names, in variations; runs under the parser's Python, without Rasa."""

from __future__ import annotations

import pickle
import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier

from nlu.components.ngrams import WORD, _vectorizers, plain
from nlu.misspell import misspell
from tests.bench.pipelines.dense import Embedder, Vectors
from tests.bench.pipelines.kinds import Pipeline

# As in config.yml; the row "ours" is its first part.
RESTRAINT, ROUNDS, COPY_WEIGHT, OFTENER = 2e-6, 8, 0.5, {"file_complaint": 2.0}
FULL_STRENGTH, FULL_ROUNDS = 4.0, 80
FARTHEST = 3
Row = tuple[str, str]


def chosen(rows: Sequence[Row], pipeline: Pipeline, seed: int) -> list[Row]:
    """The sentences that this pipeline learns from with this seed."""
    kept = list(rows)
    if pipeline.most is not None:
        kept = random.Random("subsample").sample(kept, min(pipeline.most, len(kept)))
    if pipeline.share < 1:
        kept = random.Random(seed).sample(kept, round(len(kept) * pipeline.share))
    return kept


def widen(rows: Sequence[Row], pipeline: Pipeline, seed: int) -> tuple[list[str], list[str], list[float]]:
    """As `Recipe.widen`, with the seed in the misspelling."""
    texts, labels = [text for text, _ in rows], [label for _, label in rows]
    copies = [
        misspell(text, share=pipeline.misspelt_share, seed=f"{seed}:{copy}:{place}")
        for copy in range(pipeline.copies)
        for place, text in enumerate(texts)
    ]
    weights = [1.0] * len(texts) + [COPY_WEIGHT] * len(copies)
    return texts + copies, labels * (1 + pipeline.copies), weights


def words_and_skips(text: str) -> list[str]:
    """Words, and words with one that comes up to three places later."""
    words = re.findall(WORD, text)
    pairs = [
        f"{first} {later}" for place, first in enumerate(words) for later in words[place + 1 : place + 1 + FARTHEST]
    ]
    return words + pairs


def _view(name: str) -> TfidfVectorizer:
    words, letters = _vectorizers((None, None), least=5)
    options: Mapping[str, Mapping[str, Any]] = {
        "words": {},
        "letters": {},
        "letters 2-6": {"ngram_range": (2, 6)},
        "skip pairs": {"analyzer": words_and_skips, "ngram_range": (1, 1)},
    }
    base = letters if name.startswith("letters") else words
    return base.set_params(**options[name])


class OwnModel:
    """Trained; `scale` of the sentence vectors is 0 where there are none."""

    def __init__(self, views: list[TfidfVectorizer], scale: float) -> None:
        self._views, self._scale = views, scale
        self._middle = self._spread = np.zeros(0)
        self._weights = self._bias = np.zeros(0)
        self.labels: list[str] = []

    @classmethod
    def train(cls, rows: Sequence[Row], pipeline: Pipeline, *, seed: int, vectors: Vectors | None) -> OwnModel:
        texts, labels, shares = widen(rows, pipeline, seed)
        cleaned = [plain(text) for text in texts]
        model = cls([_view(name) for name in pipeline.views], pipeline.dense_scale if vectors else 0.0)
        seen = [view.fit_transform(cleaned) for view in model._views]
        if vectors is not None:
            dense = vectors.of(cleaned)
            model._middle, model._spread = dense.mean(axis=0), dense.std(axis=0)
            seen.append(model._scaled(dense))
        learner = _learner(pipeline.learner, seed).fit(hstack(seen).tocsr(), labels, sample_weight=shares)
        model.labels = list(learner.classes_)
        model._weights = learner.coef_.T.astype(np.float32)
        model._bias = learner.intercept_ + np.log([OFTENER.get(label, 1.0) for label in model.labels])
        return model

    def _scaled(self, dense: np.ndarray) -> csr_matrix:
        return csr_matrix((dense - self._middle) / self._spread * self._scale, dtype=np.float32)

    def probabilities(self, texts: Sequence[str], *, embed: Any = None) -> np.ndarray:
        """One row a text, one column a label; `embed` gives the vectors of plain texts."""
        cleaned = [plain(text) for text in texts]
        seen = [view.transform(cleaned) for view in self._views]
        if self._scale:
            seen.append(self._scaled(embed(cleaned)))
        scores = np.asarray(hstack(seen).tocsr() @ self._weights) + self._bias
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        return shares / shares.sum(axis=1, keepdims=True)


def _learner(name: str, seed: int) -> Any:
    if name == "lbfgs":
        return LogisticRegression(C=FULL_STRENGTH, max_iter=FULL_ROUNDS)
    return SGDClassifier(
        loss="log_loss", alpha=RESTRAINT, max_iter=ROUNDS, tol=None, average=True, random_state=seed, n_jobs=-1
    )


def save(model: OwnModel, folder: Path) -> Path:
    """A pickle, as it is read by nobody but the next process of this comparison."""
    path = folder / "model.pickle"
    path.write_bytes(pickle.dumps(model))
    return path


class OwnReader:
    """Reads messages one by one as the parser would, or many at once with vectors made before."""

    def __init__(self, folder: Path) -> None:
        self._model: OwnModel = pickle.loads((folder / "model.pickle").read_bytes())
        self._embedder = Embedder() if self._model._scale else None
        self.labels = self._model.labels

    def one(self, text: str) -> np.ndarray:
        return self._model.probabilities([text], embed=self._embed)[0]

    def many(self, texts: Sequence[str], vectors: Vectors | None) -> np.ndarray:
        return self._model.probabilities(texts, embed=vectors.of if vectors else None)

    def _embed(self, texts: list[str]) -> np.ndarray:
        return np.vstack([self._embedder.vector(text) for text in texts])
