"""Words and letter groups of a message, weighed by logistic regression; knows nothing of Rasa."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

STRETCHED = re.compile(r"(.)\1+")
DIGIT = re.compile(r"\d")
WORD = r"\w+|[?!]"


def plain(text: str) -> str:
    """Small letters, no stretching ("toloong" is "tolong"), every digit the same."""
    small = unicodedata.normalize("NFKC", text).lower()
    return STRETCHED.sub(r"\1", DIGIT.sub("0", small))


def _vectorizers(vocabularies: Sequence[Any]) -> List[TfidfVectorizer]:
    words, letters = vocabularies
    return [
        TfidfVectorizer(
            token_pattern=WORD,
            ngram_range=(1, 2),
            min_df=2,
            sublinear_tf=True,
            lowercase=False,
            vocabulary=words,
            dtype=np.float32,
        ),
        TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=(2, 5),
            min_df=2,
            sublinear_tf=True,
            lowercase=False,
            vocabulary=letters,
            dtype=np.float32,
        ),
    ]


class NgramModel:
    """A trained model: text in, a probability for every label out."""

    def __init__(
        self, vectorizers: List[TfidfVectorizer], labels: List[str], weights: np.ndarray, bias: np.ndarray
    ) -> None:
        self._vectorizers = vectorizers
        self._weights = weights
        self._bias = bias
        self.labels = labels

    @classmethod
    def train(cls, texts: Sequence[str], labels: Sequence[str], *, inverse_strength: float) -> "NgramModel":
        cleaned = [plain(text) for text in texts]
        vectorizers = _vectorizers((None, None))
        features = hstack([each.fit_transform(cleaned) for each in vectorizers]).tocsr()
        regression = LogisticRegression(C=inverse_strength, max_iter=300, random_state=42)
        regression.fit(features, labels)
        weights = regression.coef_.T.astype(np.float32)
        return cls(vectorizers, list(regression.classes_), weights, regression.intercept_.astype(np.float32))

    def probabilities(self, text: str) -> List[Tuple[str, float]]:
        """Every label with its probability, the likeliest first."""
        cleaned = [plain(text)]
        features: csr_matrix = hstack([each.transform(cleaned) for each in self._vectorizers]).tocsr()
        scores = np.asarray(features @ self._weights).ravel() + self._bias
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        order = np.argsort(-shares, kind="stable")
        return [(self.labels[place], float(shares[place])) for place in order]

    def save(self, folder: Path) -> None:
        vocabularies = [{word: int(place) for word, place in each.vocabulary_.items()} for each in self._vectorizers]
        words = {"labels": self.labels, "vocabularies": vocabularies}
        (folder / "words.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
        rarity = {f"rarity_{place}": each.idf_ for place, each in enumerate(self._vectorizers)}
        np.savez(folder / "weights.npz", weights=self._weights, bias=self._bias, **rarity)

    @classmethod
    def load(cls, folder: Path) -> "NgramModel":
        """Read back what `save` wrote: numbers and words only, nothing that could run as code."""
        words: Dict[str, Any] = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        vectorizers = _vectorizers(words["vocabularies"])
        with np.load(folder / "weights.npz", allow_pickle=False) as numbers:
            for place, each in enumerate(vectorizers):
                each.idf_ = numbers[f"rarity_{place}"]
            return cls(vectorizers, words["labels"], numbers["weights"], numbers["bias"])
