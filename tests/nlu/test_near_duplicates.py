"""Near-duplicates: which sentences count as the same, and that the index finds what comparing all would find."""

from __future__ import annotations

import random

import pytest

from nlu.near_duplicates import Neighbours, form_of


def are_near(one: str, other: str) -> bool:
    return bool(Neighbours([form_of(one)]).like(form_of(other)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("saya mau daftar periksa", "Saya mau daftar, periksa!", id="signs and capitals"),
        pytest.param("sy mo dftr bsk", "saya mau daftar besok", id="spelling"),
        pytest.param("ulun handak badaftar isuk", "saya mau daftar besok", id="a regional language"),
        pytest.param("mau daftar periksa mata anak", "daftar periksa mata anak mau kapan", id="5 of 6 words"),
        pytest.param("mau daftar periksa sekarang", "sekarang mau daftar periksa dong", id="4 of 5 words"),
        pytest.param("poli gigi buka jam 8", "poli umum buka jam 9", id="poli and hour"),
        pytest.param("besok senin tutup", "kamis tutup", id="two day words are one day"),
        pytest.param("nama Siti Aminah", "nama Budi", id="name"),
        pytest.param("kartu anak hilang", "kartu istri hilang", id="person"),
    ],
)
def test_these_are_near_duplicates(one: str, other: str) -> None:
    assert are_near(one, other)
    assert are_near(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("mau daftar periksa mata", "mau daftar periksa darah", id="3 of 5 words"),
        pytest.param("mau daftar dong", "mau daftar dong kak", id="too few words to be compared"),
        pytest.param("gigi", "umum", id="nothing but a value"),
        pytest.param("besok", "lusa", id="nothing but a day"),
        pytest.param("?!", "...", id="no word at all"),
    ],
)
def test_these_are_not(one: str, other: str) -> None:
    assert not are_near(one, other)


def test_the_share_is_that_of_common_words() -> None:
    index = Neighbours([form_of("satu dua tiga empat lima enam"), form_of("kunci mobil ayah biru")])
    (found,) = index.like(form_of("kunci mobil biru ayah besar"))
    assert (found.place, found.share) == (1, 0.8)


def test_the_index_finds_what_comparing_each_with_each_would_find() -> None:
    dice = random.Random(7)
    words = [f"kata{letter}" for letter in "abcdefghij"]
    forms = [form_of(" ".join(dice.sample(words, dice.randrange(1, 9)))) for _ in range(300)]
    index = Neighbours(forms)
    for form in forms:
        wanted = {
            place
            for place, other in enumerate(forms)
            if form.skeleton == other.skeleton
            or (
                min(len(form.words), len(other.words)) >= 4
                and 5 * len(form.words & other.words) >= 4 * len(form.words | other.words)
            )
        }
        assert {found.place for found in index.like(form)} == wanted
