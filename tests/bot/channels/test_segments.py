"""What a text costs as SMS."""

from __future__ import annotations

import pytest

from bot.channels.segments import Segments, count_segments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", Segments("GSM-7", 0, 0, 160), id="nothing costs nothing"),
        pytest.param("a" * 160, Segments("GSM-7", 160, 1, 0), id="160 plain letters fit in one"),
        pytest.param("a" * 161, Segments("GSM-7", 161, 2, 145), id="one letter over costs two of 153"),
        pytest.param("a" * 306, Segments("GSM-7", 306, 2, 0), id="two full segments"),
        pytest.param("a" * 307, Segments("GSM-7", 307, 3, 152), id="one over two full segments"),
        pytest.param("é" * 160, Segments("GSM-7", 160, 1, 0), id="e acute is a plain letter"),
        pytest.param("€", Segments("GSM-7", 2, 1, 158), id="the euro sign counts two"),
        pytest.param("^{}\\[~]|€", Segments("GSM-7", 18, 1, 142), id="all nine extension letters count two"),
        pytest.param("a" * 159 + "[", Segments("GSM-7", 161, 2, 145), id="a bracket can tip it over"),
        pytest.param(
            "a" * 152 + "[" + "a" * 10,
            Segments("GSM-7", 164, 2, 141),
            id="an escape pair is never cut",
        ),
        pytest.param("ă" * 70, Segments("UCS-2", 70, 1, 0), id="70 foreign letters fit in one"),
        pytest.param("ă" * 71, Segments("UCS-2", 71, 2, 63), id="71 foreign letters cost two of 67"),
        pytest.param("a" * 69 + "🙏", Segments("UCS-2", 71, 2, 63), id="an emoji is two units"),
        pytest.param("ok “ya”", Segments("UCS-2", 7, 1, 63), id="one curly quote makes all of it UCS-2"),
        pytest.param("ă" * 66 + "🙏" + "ă" * 5, Segments("UCS-2", 73, 2, 60), id="an emoji is never cut in half"),
    ],
)
def test_a_text_costs_what_the_operators_charge(text: str, expected: Segments) -> None:
    assert expected == count_segments(text)
