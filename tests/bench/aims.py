"""`make aims`: how well messages are read, as one table, on held-out and unseen messages and on a folder of others'."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.nlu.test_values import MEASURED, measure, read_messages

ROOT = Path(__file__).resolve().parents[2]
LEVELS = (0.0, 0.2, 0.4, 0.6)
"""As written, and light, medium and heavy SMS spelling: so much of the words is misspelt."""
SMS = 0.4


@dataclass(frozen=True)
class Source:
    """Messages with intents, and with danger told or not, of one kind."""

    name: str
    messages: tuple[Path, ...]
    danger: tuple[Path, ...] = ()


def main(arguments: Sequence[str]) -> None:
    """Print the table in Markdown; an argument names a folder with messages.jsonl and danger.jsonl of others."""
    unseen = ROOT / "tests" / "nlu" / "unseen"
    sources = [
        Source("held out", tuple(sorted((ROOT / "tests" / "nlu").glob("*.yml")))),
        Source("unseen", (unseen / "messages.jsonl",), (unseen / "danger.jsonl", unseen / "danger_again.jsonl")),
        *(
            Source(Path(path).name, (Path(path) / "messages.jsonl",), (Path(path) / "danger.jsonl",))
            for path in arguments
        ),
    ]
    columns = [dict(_rows(source)) for source in sources]
    print("| | " + " | ".join(source.name for source in sources) + " |")
    print("|---|" + "--:|" * len(sources))
    for name in dict.fromkeys(name for column in columns for name in column):
        print(f"| {name} | " + " | ".join(column.get(name, "-") for column in columns) + " |")
    print("\n" + _values())


def _rows(source: Source) -> Iterator[tuple[str, str]]:
    for level in LEVELS:
        found = _evaluate(source.messages, level)
        name = "right intent, as written" if not level else f"the same, {level:.0%} of the words misspelt"
        yield name, f"{found['accuracy']:.3f} ({found['total']})"
        if not level and found["out_of_scope"]:
            yield "out of scope left alone", f"{found['out_of_scope']['left_alone']:.3f}"
        if not level:
            yield "expected calibration error", f"{found['reliability']['calibration_error']:.3f}"
    yield from _regional(source)
    for level in (0.0, SMS) if source.danger else ():
        danger = _evaluate(source.danger, level)["danger"]
        name = "emergencies noticed / false alarms" + (f", {level:.0%} misspelt" if level else "")
        noticed, alarms = danger["noticed"] / danger["signs"], danger["false_alarms"] / danger["look_alikes"]
        yield name, f"{noticed:.3f} / {alarms:.3f} ({danger['signs']} / {danger['look_alikes']})"


def _regional(source: Source) -> Iterator[tuple[str, str]]:
    rows = [
        line for path in source.messages if path.suffix == ".jsonl" for line in path.read_text("utf-8").splitlines()
    ]
    regional = [line for line in rows if json.loads(line).get("kind") == "dialect"]
    if not regional:
        return
    with TemporaryDirectory() as folder:
        file = Path(folder) / "regional.jsonl"
        file.write_text("\n".join(regional), encoding="utf-8")
        found = _evaluate((file,), 0.0)
    yield "regional mixes", f"{found['accuracy']:.3f} ({found['total']})"


def _evaluate(files: Sequence[Path], misspelt: float) -> dict[str, Any]:
    """What `sapa nlu evaluate` says of these files as if they were one."""
    with TemporaryDirectory() as folder:
        for file in files:
            (Path(folder) / file.name).write_bytes(file.read_bytes())
        words = [sys.executable, "-m", "bot.cli", "nlu", "evaluate", folder, "--json", "--misspelt", str(misspelt)]
        done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def _values() -> str:
    """Exact values, F1 by entity, in both sets of tests/nlu."""
    sets = ("values.jsonl", "values_blind.jsonl")
    reports = [measure(read_messages(name)) for name in sets]
    lines = ["| exact values, F1 | " + " | ".join(sets) + " |", "|---|" + "--:|" * len(sets)]
    for entity in MEASURED:
        lines.append(f"| {entity} | " + " | ".join(f"{report.scores[entity].f1:.3f}" for report in reports) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main(sys.argv[1:])
