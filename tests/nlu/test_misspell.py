"""Misspelling for training: the same seed gives the same spelling, and a person could still read it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.misspell import misspell, written_forms
from nlu.normalise import normalise

SENTENCE = "saya mau daftar poli gigi besok jam 8 pagi untuk anak saya"


def test_the_same_seed_spells_the_same() -> None:
    assert misspell(SENTENCE, share=0.5, seed="1") == misspell(SENTENCE, share=0.5, seed="1")
    assert 5 <= len({misspell(SENTENCE, share=0.5, seed=str(seed)) for seed in range(10)})


def test_nothing_is_spelled_anew_at_share_nought() -> None:
    assert misspell(SENTENCE, share=0.0, seed="1") == SENTENCE


@pytest.mark.parametrize("seed", [str(seed) for seed in range(20)])
def test_numbers_stay_as_they_are(seed: str) -> None:
    assert "8" in misspell(SENTENCE, share=1.0, seed=seed)


def test_every_common_short_form_is_read_back_by_the_normaliser() -> None:
    unread = {
        (word, form)
        for word, forms in written_forms().items()
        for form in forms
        if normalise(f"x {form} x").split()[1:-1] != word.split()
        and form.isascii()
        and form.isalpha()
        and len(form) > 2
    }
    assert len(unread) <= 0.02 * sum(len(forms) for forms in written_forms().values()), sorted(unread)[:20]


@given(st.text(max_size=200), st.floats(0, 1))
def test_no_text_is_too_strange(text: str, share: float) -> None:
    assert isinstance(misspell(text, share=share, seed="1"), str)
