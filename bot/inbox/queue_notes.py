"""Queue, notes: the one sentence that tells staff what their last act did, with and without scripts."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from flask import flash, get_flashed_messages, request

MARK = "queue:"


@dataclass(frozen=True)
class Note:
    """What happened: a key of the templates' words, and what is filled in. It names numbers, never people."""

    key: str
    code: str = ""
    entry_id: int = 0
    count: int = 0
    detail: str = ""


def keep_note(note: Note) -> None:
    """For the page that comes next."""
    flash(MARK + json.dumps(asdict(note)))


def kept_notes() -> tuple[Note, ...]:
    """The notes of the act that led here."""
    ours = (each for each in get_flashed_messages() if isinstance(each, str) and each.startswith(MARK))
    return tuple(Note(**json.loads(each.removeprefix(MARK))) for each in ours)


def asks_for_a_part() -> bool:
    """Whether the page's script asks, which puts the answer into the page itself."""
    return "HX-Request" in request.headers
