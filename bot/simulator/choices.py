"""Choices: the numbered answers that a message offers, so that a simulated phone can show them as buttons."""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBERED = re.compile(r"(?<![\w.,:])([1-9])[.)]?\s+([^\d,.?!:\n]{2,30})")


@dataclass(frozen=True)
class OfferedAnswer:
    """One button: what it says and what tapping it sends."""

    send: str
    label: str


def offered_answers(text: str) -> tuple[OfferedAnswer, ...]:
    """The choices of "1 Umum, 2 Gigi, 3 KIA"; other numbers in the text ("jam 9 pagi") are none."""
    answers: list[OfferedAnswer] = []
    for number, label in NUMBERED.findall(text.replace("*", "")):
        if int(number) == len(answers) + 1:
            answers.append(OfferedAnswer(send=number, label=f"{number} {label.strip()}"))
    return tuple(answers) if len(answers) > 1 else ()
