"""Rasa's own environment: finds a Python 3.10 and fills nlu/.venv from the lock file: `python -m nlu.environment`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / "nlu" / ".venv"
LOCK = ROOT / "requirements" / "rasa.txt"
VERSION = "3.10"
UV = Path(sys.executable).parent / "uv"


class NoPython(Exception):
    """There is no Python 3.10 on this machine and none could be fetched."""


def rasa_python() -> Path:
    """The interpreter of Rasa's environment, whether it exists yet or not."""
    return VENV / "bin" / "python"


def find_python() -> str:
    """A Python 3.10 that really starts; else its bare version, which makes uv fetch one."""
    for candidate in _candidates():
        if _is_right(candidate):
            return candidate
    return VERSION


def make_environment() -> None:
    """Make or update nlu/.venv; raises NoPython or CalledProcessError with the tool's own words on the screen."""
    if not rasa_python().exists():
        made = subprocess.run([UV, "venv", "--quiet", "--python", find_python(), VENV], check=False)
        if made.returncode:
            raise NoPython(f"Rasa needs Python {VERSION}: install it (python{VERSION}, pyenv, uv) and try again")
    sync = [str(UV), "pip", "sync", "--quiet", "--require-hashes", "--python", str(rasa_python()), str(LOCK)]
    subprocess.run(sync, check=True)
    # Compiled once here, the parser starts seconds sooner every time.
    subprocess.run([rasa_python(), "-m", "compileall", "-q", "-j", "0", VENV / "lib"], check=False)


def _candidates() -> Iterator[str]:
    named = os.environ.get("SAPA_RASA_PYTHON")
    if named:
        yield named
    # A pyenv shim answers only in folders that name the version, so look behind it.
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from (str(path) for path in sorted(pyenv.glob(f"versions/{VERSION}*/bin/python"), reverse=True))
    on_path = shutil.which(f"python{VERSION}")
    if on_path:
        yield on_path


def _is_right(python: str) -> bool:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        told = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return told.returncode == 0 and told.stdout.strip() == VERSION


if __name__ == "__main__":
    try:
        make_environment()
    except NoPython as error:
        sys.exit(str(error))
