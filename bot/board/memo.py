"""Memo: keeps what a page showed last, so that ten screens that ask again every few seconds cost little."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Memo:
    """One text per page and its version; threads may ask at once, then the text is made twice."""

    kept: dict[str, tuple[str, str]] = field(default_factory=dict)

    def of(self, page: str, version: str, make: Callable[[], str]) -> str:
        """The text of that version; only the newest one is kept."""
        found = self.kept.get(page)
        if found is not None and found[0] == version:
            return found[1]
        text = make()
        self.kept[page] = (version, text)
        return text
