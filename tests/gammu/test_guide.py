"""docs/without-internet.md is followed to the letter: the section about the dummy phone, in an empty home."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.processes import ROOT, own_environment

pytestmark = [pytest.mark.gammu, pytest.mark.slow]

GUIDE = ROOT / "docs" / "without-internet.md"
SECTION = "## Trying it with the dummy phone"


def commands(text: str) -> str:
    """The indented lines of the section, as one shell script."""
    section = text.split(SECTION, 1)[1]
    lines = [line[4:] for line in section.splitlines() if line.startswith("    ") or not line.strip()]
    return "\n".join(lines)


def test_the_dummy_phone_works_as_the_guide_says(tmp_path: Path) -> None:
    needed = ("gammu-smsd", "sqlite3", "zcat", "iconv")
    absent = [name for name in needed if shutil.which(name) is None]
    if absent:
        missing(f"the guide needs {', '.join(absent)}")
    assert (ROOT / ".venv" / "bin" / "sapa").exists()
    script = commands(GUIDE.read_text(encoding="utf-8"))
    done = subprocess.Popen(
        ["bash", "-eu", "-c", script],
        cwd=ROOT,
        env=own_environment() | {"HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = done.communicate(timeout=150)
    finally:
        _end_all(done.pid)

    assert done.returncode == 0, said
    assert re.search(r"^ok +gammu: modem puskesmas1: \d+ s ago", said, re.MULTILINE), said
    assert "+6281200000061|alamat puskesmas dimana|true" in said
    assert re.search(r"^\+6281200000061\|.*Jl\. Contoh", said, re.MULTILINE), said
    assert re.search(r"operator_notice", said), said
    assert not (tmp_path / "sapa-try").exists()


def _end_all(group: int) -> None:
    """Whatever the script started and did not end itself."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
