"""Words about BPJS: the sentences of words.yml, filled in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

_WORDS: Mapping[str, str] = yaml.safe_load(Path(__file__).with_name("words.yml").read_text(encoding="utf-8"))


def words(key: str, **values: object) -> str:
    """The sentence of this key."""
    return _WORDS[key].format(**values)
