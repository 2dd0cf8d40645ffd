"""Choice messages: a question with numbered choices as WhatsApp's buttons or list, by shape and by its values.

Twilio sends buttons only through a Content resource that was made before, so there is one for each shape: kind, count
of choices, count of lines above them. The lines are variables of their own because a value may hold no line break
(Twilio's error 21656). Whatever fits no shape goes as plain text with its numbers.

Limits, from Twilio's pages on twilio/quick-reply, twilio/list-picker and content variables: body 1024 letters, three
buttons of 20 letters while no template is approved, ten rows of 24 letters; a list cannot open a conversation.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.choice_labels import button_labels
from flows.whatsapp_templates import LIST_BUTTON, SAMPLE_CHOICE, SAMPLE_LINE

LANGUAGE = "id"
MOST_BUTTONS = 3
BUTTON_LETTERS = 20
MOST_ROWS = 10
ROW_LETTERS = 24
MOST_LINES = 8
BODY_LETTERS = 1024
USUAL_LINES = 4
USUAL_ROWS = 8


@dataclass(frozen=True)
class Content:
    """What is made at Twilio: a name of ours, and the definition without it."""

    name: str
    definition: Mapping[str, Any]

    @property
    def wording(self) -> str:
        """The beginning of the definition's hash: another wording is another resource."""
        plain = json.dumps(self.definition, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(plain.encode()).hexdigest()[:8]

    @property
    def friendly_name(self) -> str:
        """The name at Twilio, by which it is found again."""
        return f"sapa_{self.name}_{self.wording}"


@dataclass(frozen=True)
class Shape:
    """How many lines stand above how many buttons or rows."""

    kind: str
    """buttons or list."""
    choices: int
    lines: int

    @property
    def content(self) -> Content:
        """The resource of this shape, its variables numbered: first the lines, then the labels."""
        body = "\n".join(f"{{{{{number}}}}}" for number in range(1, self.lines + 1))
        labels = [f"{{{{{self.lines + number}}}}}" for number in range(1, self.choices + 1)]
        samples = [SAMPLE_LINE] * self.lines + [f"{number} {SAMPLE_CHOICE}" for number in range(1, self.choices + 1)]
        definition = {
            "language": LANGUAGE,
            "variables": {str(number): sample for number, sample in enumerate(samples, 1)},
            "types": self._buttons(body, labels) if self.kind == "buttons" else self._list(body, labels),
        }
        return Content(f"{self.kind}_{self.choices}_{self.lines}", definition)

    def _buttons(self, body: str, labels: Sequence[str]) -> dict[str, Any]:
        actions = [{"type": "QUICK_REPLY", "title": label, "id": str(n)} for n, label in enumerate(labels, 1)]
        return {"twilio/quick-reply": {"body": body, "actions": actions}}

    def _list(self, body: str, labels: Sequence[str]) -> dict[str, Any]:
        items = [{"item": label, "id": str(number)} for number, label in enumerate(labels, 1)]
        return {"twilio/list-picker": {"body": body, "button": LIST_BUTTON, "items": items}}


@dataclass(frozen=True)
class ChoiceMessage:
    """One question in its shape."""

    shape: Shape
    lines: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def variables(self) -> dict[str, str]:
        return {str(number): value for number, value in enumerate((*self.lines, *self.labels), 1)}

    @property
    def body(self) -> str:
        """The text above the buttons as Twilio lists it."""
        return "\n".join(self.lines)


def choice_message(text: str, choices: Sequence[str]) -> ChoiceMessage | None:
    """The question as buttons or list; None where it has to go as plain text.

    Buttons where there are two or three whose labels fit whole; else a list, whose rows are a little longer.
    """
    if not 2 <= len(choices) <= MOST_ROWS or not all(label.strip() for label in choices):
        return None
    whole = [f"{number} {' '.join(label.split())}" for number, label in enumerate(choices, 1)]
    longest = max(len(label) for label in whole)
    is_short = len(choices) <= MOST_BUTTONS and longest <= BUTTON_LETTERS
    lines = tuple(" ".join(line.split()) for line in text.splitlines() if line.strip())
    if longest <= ROW_LETTERS:
        lines = _without_list(lines, whole)
    if not 1 <= len(lines) <= MOST_LINES or len("\n".join(lines)) > BODY_LETTERS:
        return None
    kind, limit = ("buttons", BUTTON_LETTERS) if is_short else ("list", ROW_LETTERS)
    return ChoiceMessage(Shape(kind, len(choices), len(lines)), lines, button_labels(choices, limit))


def _without_list(lines: tuple[str, ...], numbered: Sequence[str]) -> tuple[str, ...]:
    """The lines without those that do nothing but list the choices, which the buttons say as well.

    Where the choices stand in the middle of a line, or a line says more than the button, all stays as it is.
    """
    labels = [label.casefold() for label in numbered]
    forms = {", ".join(labels), *labels}
    plain = [line.replace("*", "").rstrip(".").casefold() for line in lines]
    listing = [line for line in plain if line in forms]
    if listing not in ([", ".join(labels)], labels):
        return lines
    kept = tuple(line for line, bare in zip(lines, plain, strict=True) if bare not in forms)
    return kept or lines


def all_shapes() -> Iterator[Shape]:
    """Every shape that a message can have."""
    for lines in range(1, MOST_LINES + 1):
        yield from (Shape("buttons", choices, lines) for choices in range(2, MOST_BUTTONS + 1))
        yield from (Shape("list", choices, lines) for choices in range(2, MOST_ROWS + 1))


def usual_shapes() -> Iterator[Shape]:
    """Those made beforehand; the rest is made once something has needed it."""
    return (shape for shape in all_shapes() if shape.lines <= USUAL_LINES and shape.choices <= USUAL_ROWS)
