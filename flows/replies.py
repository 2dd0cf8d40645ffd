"""Reply texts: data beside each flow, loaded once, checked by the guards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

import yaml

FILE_NAME = "replies.id.yml"
FIELDS = {"text", "whatsapp", "example", "segments", "allow", "why"}


class RepliesFileError(Exception):
    """A replies file does not hold what it should; the text names file and key."""


@dataclass(frozen=True)
class ReplyText:
    """One reply. `text` is for SMS and the default; `whatsapp` may differ; `example` is the longest that can happen.

    `segments` is how many SMS it may cost, more than 1 only with a reason in `why`; the same goes for `allow`, the
    rules of the text gate that it may break.
    """

    key: str
    text: str
    whatsapp: str
    example: Mapping[str, str]
    segments: int = 1
    why: str | None = None
    allow: tuple[str, ...] = ()


def load_replies(folders: Iterable[Path]) -> dict[str, ReplyText]:
    """All replies of these folders, by "<folder>.<key>"."""
    found: dict[str, ReplyText] = {}
    for folder in folders:
        for path in sorted(folder.glob(f"*/{FILE_NAME}")):
            for reply in read_replies_file(path):
                if reply.key in found:
                    raise RepliesFileError(f"{path}: {reply.key} stands in two files")
                found[reply.key] = reply
    return found


def read_replies_file(path: Path) -> tuple[ReplyText, ...]:
    """The replies of one file; raises RepliesFileError when a field is missing or unknown."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise RepliesFileError(f"{path}: {error}") from error
    if not isinstance(content, dict):
        raise RepliesFileError(f"{path}: expected reply keys with their texts")
    return tuple(_read_reply(path, key, fields) for key, fields in content.items())


def placeholders(text: str) -> set[str]:
    """The names in braces that a text wants filled in."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def with_own_texts(replies: Mapping[str, ReplyText], own: Mapping[str, str]) -> dict[str, ReplyText]:
    """The replies with those that the health centre words itself; raises RepliesFileError for unknown keys or names."""
    changed = dict(replies)
    for key, text in own.items():
        if key not in changed:
            raise RepliesFileError(f"texts.{key}: there is no such reply")
        unknown = placeholders(text) - set(changed[key].example)
        if unknown:
            names = ", ".join(sorted(unknown))
            allowed = ", ".join(sorted(changed[key].example)) or "none"
            raise RepliesFileError(f"texts.{key}: {{{names}}} is not known here; allowed: {allowed}")
        reply = changed[key]
        changed[key] = ReplyText(key, text, text, reply.example, reply.segments, reply.why, reply.allow)
    return changed


def _read_reply(path: Path, key: str, fields: object) -> ReplyText:
    name = f"{path.parent.name}.{key}"
    if not isinstance(fields, dict) or not isinstance(fields.get("text"), str):
        raise RepliesFileError(f"{path}: {key} needs a text")
    unknown = set(fields) - FIELDS
    if unknown:
        raise RepliesFileError(f"{path}: {key} has unknown fields {sorted(unknown)}; allowed: {sorted(FIELDS)}")
    allow = tuple(str(rule) for rule in fields.get("allow") or ())
    if allow and not fields.get("why"):
        raise RepliesFileError(f"{path}: {key} allows itself {', '.join(allow)} without a reason in `why`")
    example = {str(k): str(v) for k, v in (fields.get("example") or {}).items()}
    text = fields["text"].strip()
    return ReplyText(
        key=name,
        text=text,
        whatsapp=str(fields.get("whatsapp", text)).strip(),
        example=example,
        segments=int(fields.get("segments", 1)),
        why=fields.get("why"),
        allow=allow,
    )
