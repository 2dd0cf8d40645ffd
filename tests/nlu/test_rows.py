"""What the parser computes for one text is what scikit-learn computes for a matrix of texts."""

from __future__ import annotations

import subprocess

import pytest

from nlu.environment import rasa_python
from nlu.server import ROOT, environment
from tests.nlu.conftest import RealParser

pytestmark = pytest.mark.rasa

SAME = """
import numpy as np
from scipy.sparse import hstack
from nlu.components.danger_model import DangerModel, _seen
from nlu.components.ngrams import NgramModel, Recipe, plain

texts = ["sy mo dftr poli gigi bsk", "anak saya kejang", "jadwal dokter gigi", "bapak tidak sadar", "terima kasih bu"]
labels = ["book_queue", "emergency", "doctor_schedule", "emergency", "thanks"]
recipe = Recipe(restraint=1e-5, rounds=5, copies=1, misspelt_share=0.5, copy_weight=0.5)
intents = NgramModel.train(texts, labels, recipe=recipe, oftener={"thanks": 2.0})
danger = DangerModel.train(texts, [label == "emergency" for label in labels], recipe=recipe)

def shares(text):
    row = hstack([each.transform([plain(text)]) for each in intents._vectorizers]).tocsr()
    scores = np.exp(np.asarray(row @ intents._weights).ravel() + intents._bias)
    return dict(zip(intents.labels, scores / scores.sum()))

def alarm(text):
    row = hstack([part.transform(seen) for part, seen in zip(danger._views.parts, _seen([text]))]).tocsr()
    return 1 / (1 + np.exp(-float((row @ danger._weights)[0]) - danger._bias))

for text in [*texts, "anak sy kejang2 dok", "daftar daftar daftar gigi", "zzz qqq", "12345", "."]:
    told = dict(intents.probabilities(text))
    assert all(abs(told[label] - share) < 1e-5 for label, share in shares(text).items()), text
    assert abs(danger.probability(text) - alarm(text)) < 1e-5, text
print("the same")
"""


def test_one_text_is_weighed_as_a_matrix_of_texts_would_be(parser: RealParser) -> None:
    words = [str(rasa_python()), "-W", "ignore", "-c", SAME]
    done = subprocess.run(words, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert "the same\n" == done.stdout, done.stderr
