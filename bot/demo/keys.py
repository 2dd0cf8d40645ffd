"""The demo's keys: made up once, kept beside its database, readable for this user only."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = Path("var/demo.json")
USERNAME = "demo"


@dataclass(frozen=True)
class DemoKeys:
    """The inbox login and the secret key of one demo."""

    username: str
    password: str
    secret_key: str


def demo_keys(path: Path = FILE) -> DemoKeys:
    """The keys of the demo in this folder, made up now if it has none yet."""
    if not path.exists():
        _write(path, DemoKeys(USERNAME, secrets.token_urlsafe(9), secrets.token_urlsafe(32)))
    return DemoKeys(**json.loads(path.read_text(encoding="utf-8")))


def with_demo_keys(env: Mapping[str, str], path: Path = FILE) -> dict[str, str]:
    """The environment of a demo: as it is, with the demo's secret key where none is set.

    A folder in which the demo was started stays a demo until SAPA_DEMO or SAPA_SECRET_KEY says otherwise, so that
    commands in a second terminal see the same as `make run`.
    """
    if env.get("SAPA_SECRET_KEY"):
        return dict(env)
    wants_demo = env.get("SAPA_DEMO", "1" if path.exists() else "") not in ("", "0", "no", "false")
    if not wants_demo:
        return dict(env)
    return {**env, "SAPA_DEMO": "1", "SAPA_SECRET_KEY": demo_keys(path).secret_key}


def _write(path: Path, keys: DemoKeys) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(keys), file)
    os.replace(half, path)
