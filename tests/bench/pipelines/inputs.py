"""What every pipeline learns from and is scored on, read once and kept, so that all of them see the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.evaluation_cases import Case, read_cases
from nlu.misspell import misspell

ROOT = Path(__file__).resolve().parents[3]
MISSPELT_SHARE = 0.4
HELD_OUT, UNSEEN, EXTRA = "held out", "unseen", "extra"


@dataclass(frozen=True)
class Inputs:
    """Sentences with their intents; sets of messages with intent and the further intents that count as right."""

    hash: str
    sentences: list[tuple[str, str]]
    sets: dict[str, list[tuple[str, str, list[str]]]]


def read_inputs(path: Path | str) -> Inputs:
    """What `gather` wrote."""
    content = json.loads(Path(path).read_text(encoding="utf-8"))
    rows = [(text, intent) for text, intent in content["sentences"]]
    sets = {name: [(text, intent, also) for text, intent, also in cases] for name, cases in content["sets"].items()}
    return Inputs(content["hash"], rows, sets)


def misspelt(name: str) -> str:
    """The name of a set's hasty copy."""
    return f"{name}, misspelt"


def gather(path: Path, extra: Path | None) -> None:
    """Write sentences and sets into `path`; each worker gets the file."""
    sets = _sets(extra)
    rows = [
        (case.text, case.intent) for file in sorted((ROOT / "nlu" / "data").glob("*.yml")) for case in read_cases(file)
    ]
    content = {"sentences": rows, "sets": {name: [_row(case) for case in cases] for name, cases in sets.items()}}
    content["hash"] = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _sets(extra: Path | None) -> dict[str, list[Case]]:
    held_out = [case for file in sorted((ROOT / "tests" / "nlu").glob("*.yml")) for case in read_cases(file)]
    sets = {HELD_OUT: held_out, UNSEEN: read_cases(ROOT / "tests" / "nlu" / "unseen" / "messages.jsonl")}
    if extra is not None:
        sets[EXTRA] = read_cases(extra)
    return sets | {misspelt(name): _hasty(cases) for name, cases in sets.items()}


def _hasty(cases: Sequence[Case]) -> list[Case]:
    # Training copies have other seeds; see `widen`.
    return [
        Case(misspell(case.text, share=MISSPELT_SHARE, seed=f"scored:{place}"), case.intent, case.alternatives)
        for place, case in enumerate(cases)
    ]


def _row(case: Case) -> list[object]:
    return [case.text, case.intent, list(case.alternatives)]
