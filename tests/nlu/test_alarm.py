"""Word list and model weighed against each other."""

from __future__ import annotations

import pytest

from nlu.alarm import ALARM_AGAINST_LIST_FROM, ALARM_FROM, HARMLESS_BELOW, SOFTLY_BELOW, is_danger
from nlu.danger import DangerSign

SEIZURE = DangerSign("seizure", "kejang")


@pytest.mark.parametrize(
    ("text", "sign", "heard", "expected"),
    [
        pytest.param("anak saya kejang", SEIZURE, None, True, id="no model: the list decides"),
        pytest.param("bapak aneh", None, None, False, id="no model and nothing listed"),
        pytest.param("anak saya kejang", SEIZURE, HARMLESS_BELOW, True, id="the model is not sure enough to overrule"),
        pytest.param("anak saya kejang", SEIZURE, HARMLESS_BELOW / 2, False, id="the model is sure it is harmless"),
        pytest.param("capek hidup", DangerSign("self_harm", "capek hidup"), SOFTLY_BELOW, True, id="self-harm"),
        pytest.param("suami pukul", DangerSign("violence", "suami pukul"), SOFTLY_BELOW, True, id="violence"),
        pytest.param("mati ketawa", DangerSign("self_harm", "mati"), 0.0, False, id="surely a figure of speech"),
        pytest.param("bapak aneh", None, ALARM_FROM, True, id="the model alone"),
        pytest.param("bapak aneh", None, ALARM_FROM - 0.01, False, id="the model alone, less sure"),
        pytest.param("saya tidak sesak", None, ALARM_FROM, False, id="words that the list takes back"),
        pytest.param("saya tidak sesak", None, ALARM_AGAINST_LIST_FROM, True, id="taken back, but the model is sure"),
    ],
)
def test_two_ears_are_weighed(text: str, sign: DangerSign | None, heard: float | None, expected: bool) -> None:
    assert expected is is_danger(text, sign=sign, heard=heard)
