"""WhatsApp templates: what is sent when the last message is older than a day, and the few words on its buttons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from flows.replies import RepliesFileError, placeholders

FILE = Path(__file__).with_name("whatsapp_templates.id.yml")
FIELDS = {"body", "example", "buttons", "category", "allow", "why"}
CATEGORIES = ("UTILITY", "MARKETING")
LANGUAGE = "id"


@dataclass(frozen=True)
class WhatsAppTemplate:
    """One template. `example` holds Meta's samples; the order of its names is the order of the numbered values."""

    name: str
    category: str
    body: str
    example: Mapping[str, str]
    buttons: tuple[str, ...] = ()
    why: str | None = None
    allow: tuple[str, ...] = ()
    """Rules of the template gate that it may break, with the reason in `why`."""

    @property
    def numbered_body(self) -> str:
        """The body as Twilio keeps it, with {{1}}, {{2}} ... for its values."""
        return self.body.format_map({name: f"{{{{{number}}}}}" for number, name in enumerate(self.example, 1)})

    @property
    def samples(self) -> dict[str, str]:
        """Number -> sample."""
        return {str(number): value for number, value in enumerate(self.example.values(), 1)}

    def variables(self, values: Mapping[str, str]) -> dict[str, str]:
        """Number -> value, without the line breaks that Twilio refuses; raises KeyError for a value that is missing."""
        return {str(number): " ".join(values[name].split()) for number, name in enumerate(self.example, 1)}

    def filled(self, values: Mapping[str, str]) -> str:
        """The text that the patient reads."""
        return self.body.format_map({name: " ".join(values[name].split()) for name in self.example})


def read_templates(path: Path) -> dict[str, WhatsAppTemplate]:
    """The templates of a file by name; raises RepliesFileError with file and name."""
    return {name: _read(path, name, fields) for name, fields in _content(path)["templates"].items()}


def _content(path: Path) -> dict[str, Any]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or not isinstance(content.get("templates"), dict):
        raise RepliesFileError(f"{path}: expected templates by name")
    return content


def _read(path: Path, name: str, fields: Any) -> WhatsAppTemplate:
    if not isinstance(fields, dict) or not isinstance(fields.get("body"), str):
        raise RepliesFileError(f"{path}: {name} needs a body")
    unknown = set(fields) - FIELDS
    if unknown:
        raise RepliesFileError(f"{path}: {name} has unknown fields {sorted(unknown)}; allowed: {sorted(FIELDS)}")
    example = {str(key): str(value) for key, value in (fields.get("example") or {}).items()}
    if placeholders(fields["body"]) != set(example):
        raise RepliesFileError(f"{path}: {name}: example must fill exactly the names in the body")
    category = str(fields.get("category", CATEGORIES[0]))
    if category not in CATEGORIES:
        raise RepliesFileError(f"{path}: {name}: category must be one of {', '.join(CATEGORIES)}")
    buttons = tuple(str(button) for button in fields.get("buttons") or ())
    allow = tuple(str(rule) for rule in fields.get("allow") or ())
    if allow and not fields.get("why"):
        raise RepliesFileError(f"{path}: {name} allows itself {', '.join(allow)} without a reason in `why`")
    return WhatsAppTemplate(name, category, fields["body"].strip(), example, buttons, fields.get("why"), allow)


_FILE = _content(FILE)
LIST_BUTTON = str(_FILE["list_button"])
SAMPLE_LINE = str(_FILE["sample_line"])
SAMPLE_CHOICE = str(_FILE["sample_choice"])
TEMPLATES = read_templates(FILE)
