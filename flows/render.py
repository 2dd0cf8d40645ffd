"""Rendering: prompts plus channel in, one message out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flows.choice_labels import listed_in
from flows.dialog import Choice
from flows.replies import ReplyText

SMS_LETTERS = str.maketrans(
    {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "\u00a0": " ", "•": "-"}
)


@dataclass(frozen=True)
class Prompt:
    """Something to say: a reply key and the values for its placeholders."""

    reply: str
    values: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()


def render(replies: Mapping[str, ReplyText], prompts: Sequence[Prompt], *, channel: str) -> str:
    """One message for all prompts: one reply is one message, whatever it has to say."""
    parts = [_render_one(replies[prompt.reply], prompt, channel=channel) for prompt in prompts]
    text = "\n".join(part for part in parts if part)
    return text if channel == "whatsapp" else text.translate(SMS_LETTERS)


def offered(replies: Mapping[str, ReplyText], prompts: Sequence[Prompt]) -> tuple[str, ...]:
    """The labels of the numbered choices that the message for these prompts ends with; none where it asks nothing so.

    The first of them is answered with 1, by typing or by a tap.
    """
    if not prompts:
        return ()
    last = prompts[-1]
    if last.choices:
        return tuple(choice.label for choice in last.choices)
    return listed_in(replies[last.reply].text)


def numbered(choices: Sequence[Choice]) -> str:
    """The choices as patients read them: "1 Umum, 2 Gigi, 3 KIA"."""
    return ", ".join(f"{number} {choice.label}" for number, choice in enumerate(choices, 1))


def _render_one(reply: ReplyText, prompt: Prompt, *, channel: str) -> str:
    text = reply.whatsapp if channel == "whatsapp" else reply.text
    values = {"pilihan": numbered(prompt.choices), **prompt.values}
    return text.format_map(values)
