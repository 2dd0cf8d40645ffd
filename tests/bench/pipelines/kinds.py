"""The pipelines that are compared: what each is made of, and what it is trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SUBSAMPLE = 8000
SEEDS = 5


@dataclass(frozen=True)
class Pipeline:
    """One row of the comparison.

    `made_by` is "ours", "rasa" or "average" (of `members`, trained with the same seed). `most` sentences, the same ones
    for every seed, are learned from, all by default. `share` of them are drawn anew for each seed, which is for methods
    that chance has no part in. `beside` is the one that a fair comparison sets it against.
    """

    name: str
    made_by: str = "ours"
    views: tuple[str, ...] = ("words", "letters")
    copies: int = 2
    misspelt_share: float = 0.5
    learner: str = "sgd"
    dense_scale: float = 0.0
    parts: tuple[Mapping[str, Any], ...] = field(default=())
    is_normalised: bool = False
    members: tuple[str, ...] = ()
    most: int | None = None
    share: float = 1.0
    beside: str = "ours"
    seeds: int = SEEDS


TOKENS = {"name": "WhitespaceTokenizer"}
WORDS = {"name": "CountVectorsFeaturizer"}
LETTERS = {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4}
LOGISTIC = {"name": "LogisticRegressionClassifier", "ranking_length": 0}


def _diet(layers: int, epochs: int) -> tuple[Mapping[str, Any], ...]:
    diet = {
        "name": "DIETClassifier",
        "entity_recognition": False,
        "number_of_transformer_layers": layers,
        "epochs": epochs,
        "batch_size": [128, 512],
        "constrain_similarities": True,
        "ranking_length": 0,
    }
    return (TOKENS, WORDS, LETTERS, diet)


PIPELINES = (
    Pipeline("ours"),
    Pipeline("no copies", copies=0),
    Pipeline("1 copy, 30 % misspelt", copies=1, misspelt_share=0.3),
    Pipeline("4 copies, 60 % misspelt", copies=4, misspelt_share=0.6),
    Pipeline("words only", views=("words",)),
    Pipeline("letters 2-6 only", views=("letters 2-6",)),
    Pipeline("full logistic regression", learner="lbfgs", seeds=2),
    Pipeline("no copies + e5", copies=0, dense_scale=0.03, beside="no copies"),
    Pipeline("words and skip pairs", views=("skip pairs",)),
    Pipeline("average: ours, skip pairs", "average", members=("ours", "words and skip pairs")),
    Pipeline("Rasa's logistic regression", "rasa", parts=(TOKENS, WORDS, LETTERS, LOGISTIC), share=0.9),
    Pipeline(
        "Rasa's logistic regression, plain spelling",
        "rasa",
        parts=(TOKENS, WORDS, LETTERS, LOGISTIC),
        is_normalised=True,
        share=0.9,
    ),
    Pipeline("8,000: ours", most=SUBSAMPLE, beside="8,000: ours"),
    Pipeline("8,000: no copies", copies=0, most=SUBSAMPLE, beside="8,000: ours"),
    Pipeline(
        "8,000: DIET, no layers",
        "rasa",
        parts=_diet(0, 12),
        is_normalised=True,
        most=SUBSAMPLE,
        beside="8,000: no copies",
    ),
    Pipeline(
        "8,000: DIET, 2 layers",
        "rasa",
        parts=_diet(2, 8),
        is_normalised=True,
        most=SUBSAMPLE,
        beside="8,000: no copies",
    ),
    Pipeline(
        "8,000: average: ours, DIET",
        "average",
        members=("8,000: ours", "8,000: DIET, no layers"),
        beside="8,000: ours",
    ),
)


def named(name: str) -> Pipeline:
    """Raises LookupError with the names there are."""
    for pipeline in PIPELINES:
        if pipeline.name == name:
            return pipeline
    raise LookupError(f"no pipeline {name!r}; there are: {'; '.join(each.name for each in PIPELINES)}")
