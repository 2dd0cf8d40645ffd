"""Words and letter groups of a normalised message, weighed one intent against the rest; knows nothing of Rasa."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier

from nlu.components.rows import RowReader
from nlu.misspell import misspell
from nlu.normalise import normalise

SEED = 42
STRETCHED = re.compile(r"(.)\1+")
DIGIT = re.compile(r"\d")
WORD = r"\w+|[?!]"


def plain(text: str) -> str:
    """Plain words ("sy mo dftr" is "saya mau daftar"), no doubled letters, every digit the same."""
    small = normalise(unicodedata.normalize("NFKC", text))
    return STRETCHED.sub(r"\1", DIGIT.sub("0", small))


@dataclass(frozen=True)
class Recipe:
    """How a model is trained: every sentence counts 1, each of its `copies` in hasty spelling counts `copy_weight`.

    `restraint`: larger trusts single words less. `rounds`: how often all sentences are gone through.
    `misspelt_share`: of a copy's words, from 0 to 1.
    """

    restraint: float
    rounds: int
    copies: int
    misspelt_share: float
    copy_weight: float

    def widen(self, texts: Sequence[str], labels: Sequence[str]) -> Tuple[List[str], List[str], List[float]]:
        """The sentences with their copies, labels and weights; the same every time."""
        wide, wide_labels, weights = list(texts), list(labels), [1.0] * len(texts)
        for copy in range(self.copies):
            wide += [
                misspell(text, share=self.misspelt_share, seed=f"{copy}:{place}") for place, text in enumerate(texts)
            ]
            wide_labels += labels
            weights += [self.copy_weight] * len(texts)
        return wide, wide_labels, weights


def least_texts(count: int) -> int:
    """In how many of so many texts a word must stand to be learned: what stands in fewer teaches nothing but itself.

    A handful of texts, as in a trial, is learned whole.
    """
    return max(1, min(5, count // 200))


def _vectorizers(vocabularies: Sequence[Any], *, least: int = 1) -> List[TfidfVectorizer]:
    words, letters = vocabularies
    return [
        TfidfVectorizer(
            token_pattern=WORD,
            ngram_range=(1, 2),
            min_df=min(3, least),
            sublinear_tf=True,
            lowercase=False,
            vocabulary=words,
            dtype=np.float32,
        ),
        TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=(3, 5),
            min_df=min(5, least),
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
        self._rows = RowReader(vectorizers)
        # Row by row in memory, as they are read.
        self._weights = np.ascontiguousarray(weights)
        self._bias = bias
        self.labels = labels

    @classmethod
    def train(
        cls,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        recipe: Recipe,
        oftener: Optional[Mapping[str, float]] = None,
    ) -> "NgramModel":
        """Learn from sentences and their labels, the same every time.

        `oftener` says of a label how many times oftener people write it than its share of the sentences tells.
        """
        texts, labels, shares = recipe.widen(texts, labels)
        cleaned = [plain(text) for text in texts]
        vectorizers = _vectorizers((None, None), least=least_texts(len(cleaned)))
        features = hstack([each.fit_transform(cleaned) for each in vectorizers]).tocsr()
        # Averaged stochastic descent: as good as a full logistic regression here, in a tenth of its time.
        regression = SGDClassifier(
            loss="log_loss",
            alpha=recipe.restraint,
            max_iter=recipe.rounds,
            tol=None,
            average=True,
            random_state=SEED,
            n_jobs=-1,
        )
        regression.fit(features, labels, sample_weight=shares)
        weights = regression.coef_.T.astype(np.float32)
        known = list(regression.classes_)
        bias = regression.intercept_ + np.log([(oftener or {}).get(label, 1.0) for label in known])
        return cls(vectorizers, known, weights, bias.astype(np.float32))

    def probabilities(self, text: str) -> List[Tuple[str, float]]:
        """Every label with its probability, the likeliest first."""
        cleaned = plain(text)
        columns, values = self._rows.read([cleaned, cleaned])
        scores = values @ self._weights[columns] + self._bias
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
