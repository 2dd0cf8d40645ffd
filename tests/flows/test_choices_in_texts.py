"""Where a text lists its choices itself, the digits in it are those that the step takes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from flows.catalogue import REPLIES
from flows.dialog import Choice
from flows.file_complaint.flow import TOPICS
from flows.health_question.flow import CHOICES
from flows.menu.flow import MAIN_CHOICES, MORE_CHOICES
from flows.render import Prompt, render


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
@pytest.mark.parametrize(
    ("reply", "choices"),
    [
        ("menu.main", MAIN_CHOICES),
        ("greeting.hello", MAIN_CHOICES),
        ("menu.more", MORE_CHOICES),
        ("file_complaint.ask_topic", TOPICS),
        ("health_question.offer", CHOICES),
    ],
)
def test_the_digits_of_a_text_are_those_of_its_choices(reply: str, choices: Sequence[Choice], channel: str) -> None:
    text = render(REPLIES, [Prompt(reply, choices=tuple(choices))], channel=channel).replace("*", "")

    missing = [label for n, label in enumerate((c.label for c in choices), 1) if f"{n} {label}" not in text]

    assert missing == []
