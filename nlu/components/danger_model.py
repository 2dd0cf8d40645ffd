"""A second ear for danger: signs, words and letters of a message weighed emergency against the rest; without Rasa."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Sequence

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier

from nlu.components.ngrams import SEED, Recipe, least_texts, plain
from nlu.components.rows import RowReader
from nlu.danger_text import Message, read_message
from nlu.danger_words import danger_words

# Words of context whose mere presence tells whether a sign is meant.
CONTEXTS = (
    *("past", "present", "conditional", "question", "knowledge", "service", "hearsay", "laughter", "relative"),
    *("ended", "urgent", "desk", "system", "cause", "hassle", "waiting", "contrast"),
)


def signs_of(message: Message) -> List[str]:
    """The danger list's concepts in a message, alone, by twos and with the context they stand in.

    The list alone decides by rules that somebody thought of; here the same concepts are weighed by examples.
    """
    known = danger_words().context
    heard = set(message.words)
    concepts = sorted({_named(concept, message, at) for concept, at in _places(message)})
    around = [f"in {name}" for name in CONTEXTS if known.get(name, frozenset()) & heard]
    around += ["asked"] * message.is_question + ["harmless"] * message.is_harmless
    pairs = [f"{one}+{other}" for place, one in enumerate(concepts) for other in concepts[place + 1 :]]
    return [*concepts, *around, *pairs, *(f"{one}+{place}" for one in concepts for place in around)]


def _places(message: Message) -> List[Any]:
    return [(concept, span.start) for concept, spans in message.concepts.items() for span in spans]


def _named(concept: str, message: Message, at: int) -> str:
    denied = message.denied[at] if at < len(message.denied) else ""
    return f"{concept}!{denied}" if denied else concept


class _Views:
    """What is looked at: the signs, the words as the danger list reads them, the letters of the plain text."""

    def __init__(self, vocabularies: Sequence[Any] = (None, None, None), *, least: int = 1) -> None:
        signs, words, letters = vocabularies
        self.parts = [
            _weigher(signs, least, analyzer=_as_listed),
            _weigher(words, least, analyzer=_runs_of_words),
            _weigher(letters, least, analyzer="char_wb", ngram_range=(3, 5)),
        ]

    def learn(self, texts: Sequence[str]) -> csr_matrix:
        seen = _seen(texts)
        return hstack([part.fit_transform(seen[place]) for place, part in enumerate(self.parts)]).tocsr()


def _runs_of_words(words: List[str]) -> List[str]:
    """Single words, and two and three that stand side by side."""
    return [" ".join(words[at : at + length]) for length in (1, 2, 3) for at in range(len(words) - length + 1)]


def _as_listed(signs: List[str]) -> List[str]:
    return signs


def _weigher(vocabulary: Any, least: int, **options: Any) -> TfidfVectorizer:
    return TfidfVectorizer(
        min_df=min(3, least), sublinear_tf=True, lowercase=False, vocabulary=vocabulary, dtype=np.float32, **options
    )


def _seen(texts: Sequence[str]) -> List[List[Any]]:
    messages = [read_message(text, danger_words()) for text in texts]
    words = [[word for word in message.words if word != ","] for message in messages]
    return [[signs_of(message) for message in messages], words, [plain(text) for text in texts]]


class DangerModel:
    """Trained: text in, the probability of an emergency out."""

    def __init__(self, views: _Views, weights: np.ndarray, bias: float) -> None:
        self._views = views
        self._rows = RowReader(views.parts)
        self._weights = weights
        self._bias = bias

    @classmethod
    def train(cls, texts: Sequence[str], are_dangers: Sequence[bool], *, recipe: Recipe) -> "DangerModel":
        wide, labels, shares = recipe.widen(texts, ["danger" if danger else "" for danger in are_dangers])
        views = _Views(least=least_texts(len(wide)))
        features = views.learn(wide)
        regression = SGDClassifier(
            loss="log_loss",
            alpha=recipe.restraint,
            max_iter=recipe.rounds,
            tol=None,
            average=True,
            random_state=SEED,
        )
        regression.fit(features, [label == "danger" for label in labels], sample_weight=shares)
        return cls(views, regression.coef_[0].astype(np.float32), float(regression.intercept_[0]))

    def probability(self, text: str) -> float:
        """How likely the message tells of danger now, from 0 to 1."""
        columns, values = self._rows.read([seen[0] for seen in _seen([text])])
        score = float(values @ self._weights[columns]) + self._bias
        return float(1 / (1 + np.exp(-score)))

    def save(self, folder: Path) -> None:
        vocabularies: List[Dict[str, int]] = [
            {word: int(place) for word, place in part.vocabulary_.items()} for part in self._views.parts
        ]
        (folder / "words.json").write_text(json.dumps(vocabularies, ensure_ascii=False), encoding="utf-8")
        rarity = {f"rarity_{place}": part.idf_ for place, part in enumerate(self._views.parts)}
        np.savez(folder / "weights.npz", weights=self._weights, bias=np.array([self._bias]), **rarity)

    @classmethod
    def load(cls, folder: Path) -> "DangerModel":
        """Read back what `save` wrote: numbers and words only, nothing that could run as code."""
        views = _Views(json.loads((folder / "words.json").read_text(encoding="utf-8")))
        with np.load(folder / "weights.npz", allow_pickle=False) as numbers:
            for place, part in enumerate(views.parts):
                part.idf_ = numbers[f"rarity_{place}"]
            return cls(views, numbers["weights"], float(numbers["bias"][0]))
