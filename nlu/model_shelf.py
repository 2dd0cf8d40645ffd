"""The shelf of models: which ones are kept on disk, what is known of each, and which one serves."""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PREFIX, ENDING = "sapa-", ".tar.gz"
KEPT_OLD = 3
"""So many models are kept beside the one that serves and the one for the present data."""
SHORTEST_NAME = 4
CHUNK = 1 << 20


class UnknownModel(Exception):
    """No model of that name is kept, or several could be meant; the text says which there are."""


@dataclass(frozen=True)
class Scores:
    """How well the model alone reads the held-out sentences, as written and misspelt.

    `danger_noticed` is the share of the held-out emergencies that its ear for danger hears; None where it has no such
    ear or no emergency was held out. Comparable only where `held_out` (which sentences) and `code` (what reads them)
    are the same.
    """

    held_out: str
    code: str
    sentences: int
    accuracy: float
    macro_f1: float
    accuracy_misspelt: float
    danger_noticed: float | None = None

    def is_for(self, *, held_out: str, code: str) -> bool:
        return (self.held_out, self.code) == (held_out, code)


@dataclass(frozen=True)
class Verdict:
    """Why a model was not taken: it reads the held-out sentences worse than the one that served then."""

    against: str
    accuracy: float
    accuracy_of_other: float
    margin: float
    held_out: str
    code: str
    danger_noticed: float | None = None
    danger_noticed_by_other: float | None = None

    def in_words(self) -> str:
        """The scores of both, this model's first."""
        words = f"{self.accuracy:.3f}, {self.against} {self.accuracy_of_other:.3f}"
        if self.danger_noticed is None or self.danger_noticed_by_other is None:
            return words
        return f"{words}; emergencies noticed {self.danger_noticed:.3f}, {self.danger_noticed_by_other:.3f}"


@dataclass(frozen=True)
class ModelCard:
    """What is known of one model; a model that somebody put there by hand has little more than its hash."""

    hash: str
    version: str = ""
    rasa: str = ""
    sentences: int = 0
    trained_at: datetime | None = None
    training_seconds: float = 0.0
    scores: Scores | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True)
class Pointer:
    """Which model serves; a pinned one was chosen by a person, and training does not replace it."""

    hash: str
    is_pinned: bool = False
    previous: str | None = None


@dataclass(frozen=True)
class ModelShelf:
    """One folder of models: `sapa-<hash>.tar.gz`, a card `sapa-<hash>.json` beside each, and the file `current`."""

    folder: Path

    def path(self, name: str) -> Path:
        """Where the model of this hash stands or would stand."""
        return self.folder.absolute() / f"{PREFIX}{name}{ENDING}"

    def has(self, name: str) -> bool:
        return self.path(name).exists()

    def hashes(self) -> tuple[str, ...]:
        """Every model on the shelf, the newest first."""
        files = sorted(self.folder.glob(f"{PREFIX}*{ENDING}"), key=lambda path: -path.stat().st_mtime)
        return tuple(hash_of(path) for path in files)

    def card(self, name: str) -> ModelCard:
        """What is known of a model; a card that is missing or broken is a bare one."""
        try:
            return _read_card(name, json.loads(self._card_path(name).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            path = self.path(name)
            made = datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.exists() else None
            return ModelCard(name, trained_at=made)

    def write_card(self, card: ModelCard) -> None:
        text = json.dumps(asdict(card), default=lambda time: time.isoformat(), indent=2)
        _replace_text(self._card_path(card.hash), f"{text}\n")

    def write_scores(self, name: str, scores: Scores) -> None:
        self.write_card(replace(self.card(name), scores=scores))

    def pointer(self) -> Pointer | None:
        """What `current` says, as long as the model that it names is there."""
        try:
            said = Pointer(**json.loads((self.folder / "current").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return said if self.has(said.hash) else None

    def point_at(self, name: str, *, is_pinned: bool) -> None:
        """Let this model serve from the next start on; the one that served is remembered as the previous one."""
        said = self.pointer()
        previous = None if said is None else said.previous if said.hash == name else said.hash
        _replace_text(self.folder / "current", json.dumps(asdict(Pointer(name, is_pinned, previous))) + "\n")

    def current(self, *, other_than: str = "") -> str | None:
        """The model that serves; where nothing says so, the newest one that is not `other_than`."""
        said = self.pointer()
        if said is not None:
            return said.hash
        return next((name for name in self.hashes() if name != other_than), None)

    def find(self, name: str) -> str:
        """The hash that begins like this, or that of the "previous" model. Raises UnknownModel."""
        said = self.pointer()
        if name == "previous":
            if said is None or said.previous is None or not self.has(said.previous):
                raise UnknownModel("no model is remembered as the previous one; `sapa nlu models` shows what is kept")
            return said.previous
        found = [each for each in self.hashes() if each.startswith(name)] if len(name) >= SHORTEST_NAME else []
        if len(found) != 1:
            kept = ", ".join(self.hashes()) or "none"
            raise UnknownModel(f"{'several models begin with' if found else 'there is no model'} {name}; kept: {kept}")
        return found[0]

    def remove_old(self, *, present: str) -> None:
        """Keep the model that serves, the one for the present data and a few more; the previous one first of all."""
        said = self.pointer()
        kept = {present, said.hash if said else present}
        others = sorted(
            (name for name in self.hashes() if name not in kept),
            key=lambda name: said is None or name != said.previous,
        )
        for name in others[KEPT_OLD:]:
            self.path(name).unlink(missing_ok=True)
            self._card_path(name).unlink(missing_ok=True)

    def note_parser(self, *, port: int, code: str) -> None:
        """Remember with which code the parser on this port was started."""
        _replace_text(self.folder / f"parser-{port}", f"{code}\n")

    def parser_code(self, *, port: int) -> str | None:
        try:
            return (self.folder / f"parser-{port}").read_text(encoding="utf-8").strip()
        except OSError:
            return None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One process at a time; not to be entered twice by the same one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _card_path(self, name: str) -> Path:
        return self.folder / f"{PREFIX}{name}.json"


def hash_of(path: Path) -> str:
    """The hash in a model's file name."""
    return path.name.removeprefix(PREFIX).removesuffix(ENDING)


def is_whole(path: Path) -> bool:
    """Whether a model's file can be read to its end; what is in it is for Rasa to judge."""
    try:
        with gzip.open(path) as packed:
            while packed.read(CHUNK):
                pass
        return tarfile.is_tarfile(path)
    except (OSError, EOFError):
        return False


def _read_card(name: str, raw: Mapping[str, Any]) -> ModelCard:
    return ModelCard(
        hash=name,
        version=str(raw["version"]),
        rasa=str(raw["rasa"]),
        sentences=int(raw["sentences"]),
        trained_at=datetime.fromisoformat(raw["trained_at"]) if raw["trained_at"] else None,
        training_seconds=float(raw["training_seconds"]),
        scores=Scores(**raw["scores"]) if raw.get("scores") else None,
        verdict=Verdict(**raw["verdict"]) if raw.get("verdict") else None,
    )


def _replace_text(path: Path, text: str) -> None:
    """All of it or nothing, whatever happens in the middle."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half_made = path.with_name(f".{path.name}.{os.getpid()}")
    with half_made.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(half_made, path)
