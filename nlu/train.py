"""Trains the Rasa model when none exists for the present data, and never leaves a half-made one."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nlu.server import ROOT, environment, launch_command

MODEL_NAME = "sapa-{hash}"
LONGEST_SECONDS = 900.0
TELL_EVERY_SECONDS = 5.0
LAST_LINES = 20
TRAINING_MEMORY_MB = 4000
INPUTS = (
    "config.yml",
    "nlu/domain.yml",
    "nlu/data/*.yml",
    "nlu/components/*.py",
    "nlu/misspell.py",
    "nlu/normalise.py",
    "nlu/lexicon.py",
    "nlu/lexicon/known.yml",
    "nlu/lexicon/regional.yml",
    "nlu/lexicon/spelling.yml",
    "requirements/rasa.txt",
)


class TrainingFailed(Exception):
    """Rasa gave no model; the message ends with Rasa's last lines."""


def input_files(root: Path) -> list[Path]:
    """Everything that a model is made from."""
    return sorted(path for pattern in INPUTS for path in root.glob(pattern))


def data_hash(root: Path) -> str:
    """Twelve letters that change when a name or a byte of the inputs changes."""
    digest = hashlib.sha256()
    for path in input_files(root):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:12]


def model_path(model_dir: Path, *, root: Path = ROOT) -> Path:
    """Where the model for the present data stands or would stand."""
    return model_dir / f"{MODEL_NAME.format(hash=data_hash(root))}.tar.gz"


def ensure_model(*, rasa_python: Path, model_dir: Path, progress: Callable[[str], None], root: Path = ROOT) -> Path:
    """The model for the present data, trained now if it is missing; older models are removed after that.

    Two processes that ask at once train once. Raises TrainingFailed.
    """
    model_dir.mkdir(parents=True, exist_ok=True)
    wanted = model_path(model_dir.absolute(), root=root)
    if wanted.exists():
        return wanted
    with _alone_in(model_dir):
        if not wanted.exists():
            _train(wanted, rasa_python=rasa_python, progress=progress, root=root)
            _remove_others(model_dir, keep=wanted)
    return wanted


@contextmanager
def _alone_in(model_dir: Path) -> Iterator[None]:
    with (model_dir / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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


def _remove_others(model_dir: Path, *, keep: Path) -> None:
    for model in model_dir.glob(f"{MODEL_NAME.format(hash='*')}.tar.gz"):
        if model != keep:
            model.unlink(missing_ok=True)
