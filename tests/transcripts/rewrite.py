"""Writes into every transcript what the bot says now: `make transcripts`, then read the diff."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from clinic.database import open_database
from clinic.facility_file import load_facility
from clinic.identity import IdentityKeeper
from clinic.migrate import migrate
from tests.transcripts.runner import load, play, scripts

ROOT = Path(__file__).resolve().parents[2]


class InLines(yaml.SafeDumper):
    """Writes what has several lines as several lines, so that a diff shows the one that changed."""


def _as_lines(dumper: InLines, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


InLines.add_representer(str, _as_lines)


def rewrite(path: Path) -> None:
    """Play the script on an empty database and put the bot's words behind each message."""
    script = load(path)
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/script.db")
        migrate(database)
        said = iter(list(play(script, database, load_facility(ROOT / "puskesmas.yml"), IdentityKeeper("transcripts"))))
        database.close()
    talk: list[dict[str, Any]] = []
    for line in script["talk"]:
        if "bot" in line:
            continue
        talk.append(line)
        if "me" in line or "sends" in line:
            talk.append({"bot": next(said)})
    path.write_text(_head(path) + _dump({**script, "talk": talk}))


def _dump(script: dict[str, Any]) -> str:
    return yaml.dump(script, Dumper=InLines, allow_unicode=True, sort_keys=False, width=1000)


def _head(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if line.startswith("#"))


if __name__ == "__main__":
    for chosen in [Path(name) for name in sys.argv[1:]] or scripts():
        rewrite(chosen)
