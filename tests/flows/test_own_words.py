"""Our own warnings are known again in what comes back to us, whole or cut off, and a patient's words are kept."""

from __future__ import annotations

import pytest

from flows.catalogue import REPLIES
from flows.own_words import OwnWords
from flows.replies import with_own_texts
from nlu.danger import find_danger

OURS = OwnWords(REPLIES)
WARNINGS = [key for key in REPLIES if key.startswith("emergency.")]


def _text(key: str, *, channel: str = "sms") -> str:
    reply = REPLIES[key]
    return (reply.whatsapp if channel == "whatsapp" else reply.text).format_map(reply.example)


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
@pytest.mark.parametrize("key", WARNINGS)
def test_nothing_is_left_of_a_warning_that_comes_back(key: str, channel: str) -> None:
    assert "" == OURS.taken_out(_text(key, channel=channel))
    assert "" == OURS.taken_out(_text(key, channel=channel).upper().replace("\n", " "))


def test_one_of_our_texts_would_be_taken_for_a_danger() -> None:
    assert any(find_danger(_text(key)) for key in WARNINGS)


@pytest.mark.parametrize("key", WARNINGS)
def test_a_warning_that_is_cut_off_or_quoted_is_known_too(key: str) -> None:
    words = _text(key).split()
    for end in range(6, len(words) + 1):
        quoted = OURS.taken_out(f'Anda menulis: "{" ".join(words[:end])}" Mohon tunggu.')
        assert find_danger(quoted) is None


def test_what_a_patient_adds_is_kept() -> None:
    left = OURS.taken_out(f"{_text('emergency.self_harm')}\nmaksudnya apa bu?")

    assert "maksudnya apa bu?" == left


def test_a_danger_beside_our_warning_is_still_one() -> None:
    left = OURS.taken_out(f"{_text('emergency.self_harm')} tolong ibu saya pingsan")

    assert find_danger(left) is not None


@pytest.mark.parametrize(
    "text",
    ["tolong ibu saya pingsan", "gawat, segera kirim ambulans", "anak saya sesak, kejang", "mau daftar gigi", "", "👍"],
)
def test_words_of_a_patient_are_left_as_they_came(text: str) -> None:
    assert text == OURS.taken_out(text)


def test_the_words_of_a_health_centre_are_ours_as_well() -> None:
    own = with_own_texts(REPLIES, {"emergency.danger": "Gawat, segera bawa ke UGD kami di jalan utama sekarang."})

    assert find_danger("Gawat, segera bawa ke UGD kami di jalan utama sekarang.") is not None
    assert "" == OwnWords(own).taken_out("Gawat, segera bawa ke UGD kami di jalan utama sekarang.")
