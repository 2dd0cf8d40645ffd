"""The code and texts that the guards look at, read from disk or made up to prove that a guard bites."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("bot", "scheduler", "flows", "nlu", "clinic")
NOT_OURS = {".venv", "node_modules", "__pycache__", "models", "vendor", "var", "build", ".git", ".hypothesis"}


@dataclass(frozen=True)
class Source:
    """One file: its path from the root of the project, and what is in it."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=self.path)

    @property
    def room(self) -> str:
        return self.path.split("/", 1)[0]


def read_sources(*folders: str, suffixes: tuple[str, ...] = (".py",)) -> tuple[Source, ...]:
    """Every file of ours in these folders of the project, with one of these endings."""
    return tuple(_read(folders, suffixes))


def assert_none(faults: Iterable[str]) -> None:
    """Fail with the sentences that say which rule is broken where."""
    found = list(faults)
    assert not found, "\n" + "\n".join(found)


@cache
def code_of_rooms() -> tuple[Source, ...]:
    """All code of the rooms, read once."""
    return read_sources(*ROOMS)


def _read(folders: tuple[str, ...], suffixes: tuple[str, ...]) -> Iterator[Source]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            where = path.relative_to(ROOT)
            if path.suffix in suffixes and path.is_file() and not NOT_OURS & set(where.parts):
                yield Source(where.as_posix(), path.read_text(encoding="utf-8"))
