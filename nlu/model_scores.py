"""Scores a model on held-out sentences, as written and misspelt, with a real parser that nothing else uses."""

from __future__ import annotations

import hashlib
import json
import secrets
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nlu.alarm import ALARM_FROM
from nlu.client import ParserClient, prepare
from nlu.evaluate import Answer, score, spelled
from nlu.evaluation_cases import Case, read_cases
from nlu.model_shelf import Scores
from nlu.server import HOST, ROOT, free_port, start_server, wait_until_ready

HELD_OUT = ROOT / "tests" / "nlu"
MISSPELT_SHARE = 0.4
READY_WITHIN = 120.0
SLOWEST_ANSWER = 10.0
NOT_READ = "(not read)"
DANGER = "emergency"
Heard = tuple[str, float | None]
"""An intent, and how likely the message tells of danger; None where the model has no ear for it."""


class CannotScore(Exception):
    """No parser runs with this model, or it stopped answering; the text says which."""


@dataclass(frozen=True)
class HeldOut:
    """Sentences that no model was trained on; the hash changes with any of them and not with their order."""

    cases: tuple[Case, ...]

    @property
    def hash(self) -> str:
        lines = sorted(json.dumps([case.text, case.intent, sorted(case.alternatives)]) for case in self.cases)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def read_held_out(path: Path) -> HeldOut | None:
    """The sentences of a file, or of the Rasa YAML files of a folder; None where there are none.

    Raises UnreadableCases.
    """
    if not path.exists():
        return None
    files = sorted(path.glob("*.yml")) if path.is_dir() else [path]
    cases = tuple(case for file in files for case in read_cases(file))
    return HeldOut(cases) if cases else None


def score_readings(read: Callable[[str], Heard], held_out: HeldOut, *, code: str) -> Scores:
    """The scores of whatever reads a text; the misspelt copies are the same every time."""
    heard = {case.text: read(case.text) for case in held_out.cases}
    written = score([Answer(case, heard[case.text][0]) for case in held_out.cases])
    misspelt = score([Answer(case, read(spelled(case.text, MISSPELT_SHARE))[0]) for case in held_out.cases])
    return Scores(
        held_out=held_out.hash,
        code=code,
        sentences=written.total,
        accuracy=written.accuracy,
        macro_f1=written.macro_f1,
        accuracy_misspelt=misspelt.accuracy,
        danger_noticed=_noticed([heard[case.text][1] for case in held_out.cases if case.intent == DANGER]),
    )


def _noticed(heard: Sequence[float | None]) -> float | None:
    known = [danger for danger in heard if danger is not None]
    return sum(danger >= ALARM_FROM for danger in known) / len(known) if known else None


def score_running(*, url: str, token: str, held_out: HeldOut, code: str) -> Scores:
    """The scores of the model alone that a running parser serves. Raises CannotScore."""
    client = ParserClient(url=url, token=token, connect_timeout=2.0, read_timeout=SLOWEST_ANSWER)

    def read(text: str) -> Heard:
        if prepare(text) is None:
            return NOT_READ, None
        reading = client.parse(text)
        if reading is None:
            raise CannotScore("the parser stopped answering")
        return reading.intent, reading.danger

    try:
        return score_readings(read, held_out, code=code)
    finally:
        client.close()


def score_model(model: Path, *, rasa_python: Path, held_out: HeldOut, code: str) -> Scores:
    """The scores of a model file, by a parser of its own on a free port. Raises CannotScore."""
    with _parser(model, rasa_python=rasa_python) as (url, token):
        return score_running(url=url, token=token, held_out=held_out, code=code)


@contextmanager
def _parser(model: Path, *, rasa_python: Path) -> Iterator[tuple[str, str]]:
    port, token = free_port(), secrets.token_hex(16)
    url = f"http://{HOST}:{port}"
    process = start_server(rasa_python=rasa_python, model=model, port=port, token=token, log_file=Path("/dev/null"))
    try:
        if not wait_until_ready(url=url, token=token, timeout=READY_WITHIN, process=process):
            raise CannotScore("no parser starts with it")
        yield url, token
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
