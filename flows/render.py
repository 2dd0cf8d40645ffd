"""Rendering: prompts plus channel in, one message out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

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


def numbered(choices: Sequence[Choice]) -> str:
    """The choices as patients read them: "1 Umum, 2 Gigi, 3 KIA"."""
    return ", ".join(f"{number} {choice.label}" for number, choice in enumerate(choices, 1))


def _render_one(reply: ReplyText, prompt: Prompt, *, channel: str) -> str:
    text = reply.whatsapp if channel == "whatsapp" else reply.text
    values = {"pilihan": numbered(prompt.choices), **prompt.values}
    return text.format_map(values)
