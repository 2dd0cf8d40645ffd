"""Trains the Rasa model when none exists for the present data, and never leaves a half-made one."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from nlu.model_shelf import ModelCard, ModelShelf
from nlu.server import ROOT, environment, launch_command

LONGEST_SECONDS = 900.0
TELL_EVERY_SECONDS = 5.0
LAST_LINES = 20
TRAINING_MEMORY_MB = 4000
RUNS_IN_THE_PARSER = (
    "nlu/components/*.py",
    "nlu/danger*.py",
    "nlu/fuzzy.py",
    "nlu/normalise.py",
    "nlu/lexicon.py",
    "nlu/lexicon/danger.yml",
    "nlu/lexicon/known.yml",
    "nlu/lexicon/regional.yml",
    "nlu/lexicon/spelling.yml",
    "requirements/rasa.txt",
)
INPUTS = (*RUNS_IN_THE_PARSER, "config.yml", "nlu/domain.yml", "nlu/data/*.yml", "nlu/misspell.py")
SENTENCE = re.compile(r"^\s+- (?!intent:)", re.MULTILINE)
RASA = re.compile(r"^rasa==(\S+)", re.MULTILINE)


class TrainingFailed(Exception):
    """Rasa gave no model; the message ends with Rasa's last lines."""


def input_files(root: Path) -> list[Path]:
    """Everything that a model is made from."""
    return _files(INPUTS, root)


def data_hash(root: Path) -> str:
    """Twelve letters that change when a name or a byte of the inputs changes."""
    return _hash(input_files(root), root)


def code_hash(root: Path) -> str:
    """Twelve letters that change when the code or the lexicon changes that runs inside the parser."""
    return _hash(_files(RUNS_IN_THE_PARSER, root), root)


def model_path(model_dir: Path, *, root: Path = ROOT) -> Path:
    """Where the model for the present data stands or would stand."""
    return ModelShelf(model_dir).path(data_hash(root))


def ensure_model(
    *,
    rasa_python: Path,
    model_dir: Path,
    progress: Callable[[str], None],
    clock: Callable[[], datetime],
    root: Path = ROOT,
) -> Path:
    """The model for exactly the present data, trained now if it is missing, whichever model serves.

    Two processes that ask at once train once. Raises TrainingFailed.
    """
    shelf, name = ModelShelf(model_dir), data_hash(root)
    if shelf.has(name):
        return shelf.path(name)
    with shelf.alone():
        if not shelf.has(name):
            start = time.monotonic()
            _train(shelf.path(name), rasa_python=rasa_python, progress=progress, root=root)
            shelf.write_card(_card(name, root=root, trained_at=clock(), seconds=time.monotonic() - start))
            shelf.remove_old(present=name)
    return shelf.path(name)


def _files(patterns: tuple[str, ...], root: Path) -> list[Path]:
    return sorted(path for pattern in patterns for path in root.glob(pattern))


def _hash(files: list[Path], root: Path) -> str:
    digest = hashlib.sha256()
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:12]


def _card(name: str, *, root: Path, trained_at: datetime, seconds: float) -> ModelCard:
    data = [path.read_text(encoding="utf-8") for path in root.glob("nlu/data/*.yml")]
    locked = root / "requirements" / "rasa.txt"
    rasa = RASA.search(locked.read_text(encoding="utf-8")) if locked.exists() else None
    return ModelCard(
        hash=name,
        version=_version(root),
        rasa=rasa[1] if rasa else "",
        sentences=sum(len(SENTENCE.findall(text)) for text in data),
        trained_at=trained_at,
        training_seconds=round(seconds, 1),
    )


def _version(root: Path) -> str:
    try:
        return str(tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return ""


def _train(wanted: Path, *, rasa_python: Path, progress: Callable[[str], None], root: Path) -> None:
    for left_over in wanted.parent.glob("training-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix="training-", dir=wanted.parent))
    try:
        log = work / "log"
        code = _run(_command(work, rasa_python=rasa_python, root=root), work=work, log=log, progress=progress)
        made = work / "model.tar.gz"
        if code != 0 or not made.exists():
            raise TrainingFailed(f"Rasa ended with code {code} and left no model.\n{_last_lines(log)}")
        os.replace(made, wanted)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _command(work: Path, *, rasa_python: Path, root: Path) -> list[str]:
    train = ["train", "nlu", "--config", str(root / "config.yml"), "--nlu", str(root / "nlu" / "data")]
    train += ["--out", str(work), "--fixed-model-name", "model", "--quiet"]
    return launch_command(rasa_python=rasa_python, memory_limit_mb=TRAINING_MEMORY_MB, arguments=train)


def _run(words: list[str], *, work: Path, log: Path, progress: Callable[[str], None]) -> int:
    # Rasa's cache would keep every earlier training; ours is thrown away with the work folder.
    surroundings = environment() | {"RASA_CACHE_DIRECTORY": str(work / "cache")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            words,
            cwd=work,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        return _wait(process, progress=progress)
    except subprocess.TimeoutExpired as late:
        raise TrainingFailed(f"No model after {LONGEST_SECONDS:.0f} s.\n{_last_lines(log)}") from late
    finally:
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], *, progress: Callable[[str], None]) -> int:
    start = time.monotonic()
    while True:
        passed = time.monotonic() - start
        progress(f"Training the language model: {passed:.0f} s (usually a minute or two)")
        try:
            return process.wait(timeout=TELL_EVERY_SECONDS)
        except subprocess.TimeoutExpired:
            if passed > LONGEST_SECONDS:
                raise


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:])
